"""Weights are fetched whole or not at all."""

from __future__ import annotations

import hashlib
import os
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from detector import downloads
from detector.downloads import Fetching, fetch, torch_hub_folder
from detector.errors import WeightsError

CONTENT = bytes(range(256)) * 4096
PREFIX = hashlib.sha256(CONTENT).hexdigest()[:8]


class Server(ThreadingHTTPServer):
    """Gives CONTENT. `asked` counts. `hold` stops it halfway until `go` is set; `short` ends it there."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked, self.hold, self.short, self.sized = 0, False, False, True
        self.halfway, self.go = threading.Event(), threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/weights.pth"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        server = self.server
        server.asked += 1
        if self.path != "/weights.pth":
            self.send_error(404, "Not Found")
            return
        self.send_response(200)
        if server.sized:
            self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        half = len(CONTENT) // 2
        self.wfile.write(CONTENT[:half])
        self.wfile.flush()
        server.halfway.set()
        if server.short:
            return
        if server.hold:
            server.go.wait(60)
        try:
            self.wfile.write(CONTENT[half:])
        except OSError:
            return  # who asked has gone

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield server
    server.go.set()
    server.shutdown()
    server.server_close()


def left_in(folder):
    return sorted(one.name for one in folder.iterdir()) if folder.is_dir() else []


@pytest.mark.parametrize("sized", [True, False])
def test_a_file_comes_whole_and_says_how_far_it_is(server, tmp_path, sized):
    server.sized = sized
    told = []
    file = tmp_path / "hub" / "weights.pth"
    fetch("the model", server.url, file, PREFIX, Fetching(lambda *progress: told.append(progress)))
    assert file.read_bytes() == CONTENT
    assert left_in(file.parent) == ["weights.pth"]
    total = len(CONTENT) if sized else None
    assert (told[0], told[-1]) == ((0, total), (len(CONTENT), total))
    assert [received for received, _ in told] == sorted(received for received, _ in told)


def test_a_file_that_is_there_is_not_fetched_again(server, tmp_path):
    file = tmp_path / "weights.pth"
    file.write_bytes(b"here")
    fetch("the model", server.url, file, PREFIX)
    assert (server.asked, file.read_bytes()) == (0, b"here")


def test_another_content_is_thrown_away(server, tmp_path):
    with pytest.raises(WeightsError, match=rf"begins with {PREFIX}, not 00000000\) and was thrown away"):
        fetch("the model", server.url, tmp_path / "weights.pth", "00000000")
    assert left_in(tmp_path) == []


def test_a_connection_that_breaks_off_leaves_nothing(server, tmp_path):
    server.short = True
    with pytest.raises(
        WeightsError, match=r"the model cannot be fetched from 127\.0\.0\.1:\d+: it broke off after 0\.5"
    ):
        fetch("the model", server.url, tmp_path / "weights.pth", PREFIX)
    assert left_in(tmp_path) == []


def test_what_the_server_has_not_is_told(server, tmp_path):
    with pytest.raises(WeightsError, match=r"the server answers 404 Not Found; .*put weights\.pth into"):
        fetch("the model", server.url.replace("weights.pth", "gone"), tmp_path / "weights.pth", PREFIX)
    assert left_in(tmp_path) == []


def test_offline_is_told_in_one_sentence_with_the_way_out(tmp_path):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # a port that nobody listens at
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}/weights.pth"
        with pytest.raises(WeightsError) as caught:
            fetch("the model", url, tmp_path / "weights.pth", PREFIX)
    sentence = str(caught.value)
    assert sentence.startswith("the model cannot be fetched from 127.0.0.1:")
    assert "Connection refused" in sentence
    assert sentence.endswith(f"or put weights.pth into {tmp_path} yourself.")
    assert left_in(tmp_path) == []


def test_a_server_that_falls_silent_is_given_up(server, tmp_path, monkeypatch):
    monkeypatch.setattr(downloads, "SILENT_AFTER_S", 0.2)
    server.hold = True
    with pytest.raises(WeightsError, match=r"no answer within 0\.2 s"):
        fetch("the model", server.url, tmp_path / "weights.pth", PREFIX)
    assert left_in(tmp_path) == []


def in_thread(work):
    """Start `work` aside; gives the thread and the list that what it raises goes to."""
    raised: list[Exception] = []

    def run() -> None:
        try:
            work()
        except WeightsError as error:
            raised.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread, raised


def test_giving_it_up_leaves_nothing(server, tmp_path):
    server.hold = True
    fetching = Fetching()
    thread, raised = in_thread(lambda: fetch("the model", server.url, tmp_path / "weights.pth", PREFIX, fetching))
    assert server.halfway.wait(60)
    fetching.stop()
    server.go.set()
    thread.join(60)
    assert "given up" in str(raised[0])
    assert left_in(tmp_path) == []


def test_one_given_up_before_it_began_asks_nobody(server, tmp_path):
    fetching = Fetching()
    fetching.stop()
    with pytest.raises(WeightsError, match="given up"):
        fetch("the model", server.url, tmp_path / "weights.pth", PREFIX, fetching)
    assert server.asked == 0


def test_two_that_want_the_same_fetch_it_once(server, tmp_path):
    server.hold = True
    file = tmp_path / "weights.pth"
    first, first_raised = in_thread(lambda: fetch("the model", server.url, file, PREFIX))
    assert server.halfway.wait(60)
    second, second_raised = in_thread(lambda: fetch("the model", server.url, file, PREFIX))
    impatient = Fetching()
    third, third_raised = in_thread(lambda: fetch("the model", server.url, file, PREFIX, impatient))
    impatient.stop()
    third.join(60)
    server.go.set()
    first.join(60)
    second.join(60)
    assert (first_raised, second_raised, server.asked) == ([], [], 1)
    assert "given up" in str(third_raised[0])
    assert file.read_bytes() == CONTENT


def test_a_folder_that_cannot_be_written_is_named(server, tmp_path):
    (tmp_path / "hub").write_text("a file where a folder should be")
    with pytest.raises(WeightsError, match=r"cannot be kept in .*hub: .*TORCH_HOME"):
        fetch("the model", server.url, tmp_path / "hub" / "weights.pth", PREFIX)


def test_what_a_dead_program_left_goes_and_what_a_living_one_writes_stays(server, tmp_path):
    dead, living = tmp_path / ".weights.pth.1.part", tmp_path / ".weights.pth.2.part"
    for part in (dead, living):
        part.write_bytes(b"half")
    long_ago_s = time.time() - 10 * downloads.FORGOTTEN_AFTER_S
    os.utime(dead, (long_ago_s, long_ago_s))
    fetch("the model", server.url, tmp_path / "weights.pth", PREFIX)
    assert left_in(tmp_path) == [living.name, "weights.pth"]


@pytest.mark.parametrize("variables", [{}, {"XDG_CACHE_HOME": "/some/caches"}, {"TORCH_HOME": "~/torches"}])
def test_files_are_kept_where_torch_keeps_them(monkeypatch, variables):
    import torch

    for name in ("XDG_CACHE_HOME", "TORCH_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert str(torch_hub_folder()) == os.path.join(torch.hub.get_dir(), "checkpoints")

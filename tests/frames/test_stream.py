"""Streams over the network, from a local server that can do all that real ones do."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from detector.errors import SourceError
from detector.frames import Lull, open_source
from detector.frames.capture import CaptureError
from detector.frames.protocol import Frame
from detector.frames.reconnecting import Patience
from detector.frames.stream import StreamCapture, StreamSource
from tests.frames import clips
from tests.frames.mjpeg_server import MjpegServer, numbered_jpeg
from tests.frames.rtsp_server import RtspServer

PATIENCE_S = 60.0
QUICK = Patience(pauses_s=(0.05, 0.1), stall_s=1.0, wait_s=0.02)
# However slow the machine is, what stops is not taken for silence.
STEADY = Patience(pauses_s=(0.05,), stall_s=PATIENCE_S, open_s=PATIENCE_S, wait_s=0.02)


@pytest.fixture
def server():
    with MjpegServer() as server:
        yield server


def read_until(source, good):
    deadline_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline_s:
        got = source.read()
        if good(got):
            return got
    raise AssertionError("it never came")


def a_frame(got):
    return isinstance(got, Frame)


def says(words):
    return lambda got: isinstance(got, Lull) and words in got.sentence


def value(frame):
    return int(frame.image.mean())


def test_a_motion_jpeg_stream(server):
    source = open_source(server.address)
    info = source.info
    assert (info.title, info.kind, info.live, info.size_wh) == (server.address, "stream", True, (64, 48))
    first = source.read()
    later = read_until(source, lambda got: a_frame(got) and got.index > first.index + 5)
    assert value(later) > value(first)
    assert later.taken_s > first.taken_s > 0
    assert later.image.flags.c_contiguous
    source.close()


def test_the_newest_picture_is_given_however_long_nobody_looked(server):
    source = StreamSource(server.address)
    source.read()
    deadline_s = time.monotonic() + PATIENCE_S
    while (came := source._count) < 100:
        assert time.monotonic() < deadline_s
        time.sleep(0.01)
    assert source.read().index >= came - 1, "a queue of old pictures was kept"
    source.close()


def test_the_user_and_password_go_to_the_server_and_nowhere_else(server, caplog):
    caplog.set_level("DEBUG")
    server.wants_login = True
    source = StreamSource(server.address.replace("http://", "http://me:hidden@"), QUICK)
    assert source.info.title == server.address
    server.die()
    lull = read_until(source, says("trying again"))
    source.close()
    assert b"Authorization: Basic" in b"".join(server.requests)
    assert "hidden" not in lull.sentence + caplog.text


def test_a_stream_that_dies_is_followed_when_it_comes_back(server):
    source = StreamSource(server.address, QUICK)
    last = read_until(source, a_frame).index
    server.die()
    read_until(source, says(f"the stream {server.address} "))
    read_until(source, says("refuses the connection; trying again"))
    server.come_back()
    assert read_until(source, a_frame).index > last
    source.close()


def test_a_stream_that_stalls_is_opened_again(server):
    source = StreamSource(server.address, QUICK)
    read_until(source, a_frame)
    server.flowing.clear()
    read_until(source, says("; trying again"))
    server.flowing.set()
    read_until(source, a_frame)
    source.close()


def test_a_stream_that_ends_is_opened_again(server):
    server.last = 5
    source = StreamSource(server.address, STEADY)
    lull = read_until(source, says("stopped"))
    assert lull.sentence == f"the stream {server.address} stopped; trying again in 0.05 s."
    connections = server.connections
    read_until(source, lambda got: a_frame(got) and server.connections > connections)
    source.close()


def test_a_size_that_changes_midway(server):
    source = StreamSource(server.address, QUICK)
    server.picture = lambda number: numbered_jpeg(number, (96, 80))
    frame = read_until(source, lambda got: a_frame(got) and got.size_wh != (64, 48))
    assert frame.size_wh == (96, 80)
    source.close()


def test_a_slow_stream_is_waited_for(server):
    server.frame_s = 0.3
    source = StreamSource(server.address)
    for _ in range(2):
        read_until(source, a_frame)
    source.close()


def test_damaged_pictures_are_stepped_over(server):
    server.picture = lambda number: numbered_jpeg(number) if number % 3 else b"\xff\xd8\xff\xe0 no picture \xff\xd9"
    source = StreamSource(server.address, QUICK)
    for _ in range(4):
        read_until(source, a_frame)
    source.close()


def test_a_server_that_never_answers(server):
    server.answering.clear()
    with pytest.raises(
        SourceError, match=r"live does not answer( within 0\.3 s)?; check the address and that it is on\."
    ):
        StreamSource(server.address, Patience(open_s=0.3, wait_s=0.02))


def test_waiting_for_an_answer_can_be_cancelled(server):
    server.answering.clear()
    cancel = threading.Event()
    threading.Timer(0.05, cancel.set).start()
    with pytest.raises(SourceError, match="was cancelled"):
        open_source(server.address, cancel=cancel)


def test_a_server_that_wants_a_login(server):
    server.wants_login = True
    with pytest.raises(SourceError, match="wants another user or password; write them into the address"):
        open_source(server.address)


def test_nobody_there(server):
    server.die()
    with pytest.raises(SourceError, match="refuses the connection; check the address, its port"):
        open_source(server.address)


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (b"401 Unauthorized", "wants another user or password; write them into the address"),
        (b"403 Forbidden", "wants another user or password"),
        (b"404 Not Found", "is not there; check the part of the address"),
        (b"500 Oh", "is refused by its server"),
    ],
)
def test_refusals(server, status, sentence):
    server.answer = b"HTTP/1.0 " + status + b"\r\nContent-Length: 0\r\n\r\n"
    with pytest.raises(SourceError, match=sentence):
        open_source(server.address)


@pytest.mark.parametrize("kind", [b"text/html", b"text/plain"])
def test_a_page_is_no_stream(server, kind):
    page = b"<html><body>" + b"My camera. " * 400 + b"</body></html>"
    server.answer = b"HTTP/1.0 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n" % (kind, len(page)) + page
    with pytest.raises(SourceError, match="is no video; give the address of the stream itself"):
        open_source(server.address)


class SteppingClock:
    """A clock that only waiting moves."""

    def __init__(self):
        self.now_s = 50.0

    def monotonic(self):
        return self.now_s

    def wait(self, seconds):
        self.now_s += seconds


def test_a_film_on_a_server_is_shown_at_its_own_pace(server, tmp_path, monkeypatch):
    film = clips.write_counting_clip(tmp_path / "film.avi", 21, clips.Format(".avi", "mpeg4"), fps=20).read_bytes()
    server.answer = b"HTTP/1.0 200 OK\r\nContent-Type: video/avi\r\nContent-Length: %d\r\n\r\n" % len(film) + film
    clock = SteppingClock()
    monkeypatch.setattr("detector.frames.stream.time", clock)
    capture = StreamCapture(server.address, STEADY, clock)
    for index in range(21):
        assert clips.index_in(capture.read()()) == index
        assert clock.now_s == pytest.approx(50 + index / 20)
    with pytest.raises(CaptureError, match="ended"):
        capture.read()
    capture.close()


def test_a_film_goes_on_where_the_network_was_away(server, tmp_path, monkeypatch):
    film = clips.write_counting_clip(tmp_path / "film.avi", 21, clips.Format(".avi", "mpeg4"), fps=20).read_bytes()
    server.answer = b"HTTP/1.0 200 OK\r\nContent-Type: video/avi\r\nContent-Length: %d\r\n\r\n" % len(film) + film
    clock = SteppingClock()
    monkeypatch.setattr("detector.frames.stream.time", clock)
    capture = StreamCapture(server.address, STEADY, clock)
    capture.read()
    clock.now_s += 100
    capture.read()
    assert clock.now_s == 150
    capture.read()
    assert clock.now_s == pytest.approx(150.05), "it hurries to make up for what was missed"
    capture.close()


def test_an_rtsp_stream(tmp_path):
    film = clips.write_counting_clip(tmp_path / "film.ts", 100, clips.Format(".ts", "libx264"))
    with RtspServer(film, 3.0) as server:
        source = StreamSource(server.address, STEADY)
        assert (source.info.title, source.info.size_wh) == (server.address, (clips.WIDTH, clips.HEIGHT))
        first = clips.index_in(source.read().image)
        read_until(source, lambda got: a_frame(got) and clips.index_in(got.image) != first)
        lull = read_until(source, says("trying again"))
        assert lull.sentence == f"the stream {server.address} ended; trying again in 0.05 s."
        assert server.methods[:4] == ["OPTIONS", "DESCRIBE", "SETUP", "PLAY"]
        read_until(source, a_frame)
        source.close()


def test_an_rtsp_server_that_never_answers(server):
    server.answering.clear()
    with pytest.raises(SourceError, match="does not answer"):
        StreamSource(server.address.replace("http", "rtsp"), Patience(open_s=0.3, wait_s=0.02))


def test_a_closed_stream_says_so(server):
    source = StreamSource(server.address, QUICK)
    source.close()
    with pytest.raises(SourceError, match="is closed"):
        source.read()


def test_closing_a_stalled_stream_does_not_wait_for_it(server):
    source = StreamSource(server.address, Patience(stall_s=30.0))
    server.flowing.clear()
    source.close()
    with pytest.raises(SourceError, match="is closed"):
        source.read()


def test_a_file_is_no_stream_for_its_name(tmp_path: Path):
    with pytest.raises(SourceError, match="no address of a stream"):
        open_source("gopher://camera/1")

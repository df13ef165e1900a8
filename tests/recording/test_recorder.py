"""A recording is whole at the end, readable before, and never holds up who feeds it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest

from detector.errors import OutputError
from detector.recording import Recorder, recover
from detector.recording import recorder as module
from detector.video_files import VideoWriter
from detector.writers import partial_path
from tests.recording.made import pictures_in, rows_in, taken, times_in
from tests.small_disk import disk_that_takes

PATIENCE_S = 120
STEM = "clip-2026-11-23-101112"


class Ended:
    """Where a recorder tells its end."""

    def __init__(self):
        self.recordings = []

    def __call__(self, recording):
        self.recordings.append(recording)

    @property
    def one(self):
        assert len(self.recordings) == 1
        return self.recordings[0]


@pytest.fixture
def ended():
    return Ended()


def recorder_in(folder, ended, **options):
    options = {"fps": 30, "live": False} | options
    return Recorder(folder, STEM, "clip.mp4", finished=ended, **options)


def end(recorder):
    recorder.stop()
    assert recorder.join(PATIENCE_S)


def test_video_and_table_have_every_frame_and_no_partial_names_stay(tmp_path, ended):
    recorder = recorder_in(tmp_path, ended)
    for index in range(20):
        assert recorder.offer(taken(index))
    end(recorder)
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{STEM}.csv", f"{STEM}.mp4"]
    assert times_in(tmp_path / f"{STEM}.mp4") == pytest.approx([index / 30 for index in range(20)], abs=1e-3)
    rows = rows_in(tmp_path / f"{STEM}.csv")
    assert [int(row["frame"]) for row in rows] == list(range(20))
    assert {row["class"] for row in rows} == {"cat"}
    assert {row["source"] for row in rows} == {"clip.mp4"}
    assert ended.one.problem == ""
    assert ended.one.path == tmp_path / f"{STEM}.mp4"
    assert ended.one.progress.frames == 20
    assert ended.one.progress.seconds == pytest.approx(20 / 30, abs=1e-3)
    assert ended.one.progress.bytes == (tmp_path / f"{STEM}.mp4").stat().st_size


def test_boxes_are_drawn_unless_the_video_is_to_be_clean(tmp_path, ended):
    for folder, clean in (("drawn", False), ("clean", True)):
        (tmp_path / folder).mkdir()
        recorder = recorder_in(tmp_path / folder, ended, clean=clean, table=False)
        recorder.offer(taken(0, size=(320, 240)))
        end(recorder)
        assert [path.suffix for path in (tmp_path / folder).iterdir()] == [".mp4"]
    drawn, clean = (pictures_in(tmp_path / name / f"{STEM}.mp4")[0].astype(int) for name in ("drawn", "clean"))
    assert abs(drawn - 10).max() > 60
    assert abs(clean - 10).max() < 20


def test_pre_roll_comes_first(tmp_path, ended):
    recorder = recorder_in(tmp_path, ended, first=[taken(index) for index in range(5)])
    recorder.offer(taken(5))
    end(recorder)
    assert [int(row["frame"]) for row in rows_in(tmp_path / f"{STEM}.csv")] == list(range(6))


def test_times_never_go_back_when_the_user_seeks(tmp_path, ended):
    recorder = recorder_in(tmp_path, ended)
    for index in (100, 101, 102, 7, 8, 900, 901, 0):
        recorder.offer(taken(index))
    end(recorder)
    times = times_in(tmp_path / f"{STEM}.mp4")
    assert times == pytest.approx([index / 30 for index in range(8)], abs=1e-3)
    rows = rows_in(tmp_path / f"{STEM}.csv")
    assert [float(row["video_s"]) for row in rows] == pytest.approx(times, abs=1e-3)
    assert [int(row["frame"]) for row in rows] == [100, 101, 102, 7, 8, 900, 901, 0]


def test_another_size_is_scaled_and_another_model_keeps_its_names(tmp_path, ended):
    recorder = recorder_in(tmp_path, ended)
    recorder.offer(taken(0))
    recorder.offer(taken(1, size=(128, 96), names=("a", "b", "plane"), label=2))
    end(recorder)
    assert [picture.shape for picture in pictures_in(tmp_path / f"{STEM}.mp4")] == [(48, 64, 3)] * 2
    assert [row["class"] for row in rows_in(tmp_path / f"{STEM}.csv")] == ["cat", "plane"]


def test_the_same_frame_answered_again_is_recorded_once(tmp_path, ended):
    recorder = recorder_in(tmp_path, ended)
    one = taken(0)
    assert recorder.offer(one)
    assert not recorder.offer(one)
    end(recorder)
    assert ended.one.progress.frames == 1
    assert ended.one.dropped == 0


def test_a_blocked_disk_drops_frames_counts_them_and_blocks_nobody(tmp_path, ended, monkeypatch):
    gate, busy = threading.Event(), threading.Event()
    write = VideoWriter.write

    def slow(self, image, time_s):
        busy.set()
        assert gate.wait(PATIENCE_S)
        write(self, image, time_s)

    monkeypatch.setattr(VideoWriter, "write", slow)
    recorder = recorder_in(tmp_path, ended, most_waiting=4)
    assert recorder.offer(taken(0))
    assert busy.wait(PATIENCE_S)
    assert [recorder.offer(taken(index)) for index in range(1, 11)] == [True] * 4 + [False] * 6
    gate.set()
    end(recorder)
    assert ended.one.dropped == 6
    assert ended.one.progress.frames == 5


def test_waiting_frames_are_bounded_in_bytes(tmp_path, ended, monkeypatch):
    gate, busy = threading.Event(), threading.Event()
    monkeypatch.setattr(VideoWriter, "write", lambda *_: (busy.set(), gate.wait(PATIENCE_S)))
    recorder = recorder_in(tmp_path, ended, most_waiting_bytes=2 * taken(0).bytes)
    recorder.offer(taken(0))
    assert busy.wait(PATIENCE_S)
    assert [recorder.offer(taken(index)) for index in range(1, 5)] == [True, True, False, False]
    gate.set()
    end(recorder)


def test_frames_after_a_drop_stay_at_their_time(tmp_path, ended, monkeypatch):
    gate, busy = threading.Event(), threading.Event()
    write = VideoWriter.write

    def slow(self, image, time_s):
        busy.set()
        assert gate.wait(PATIENCE_S)
        write(self, image, time_s)

    monkeypatch.setattr(VideoWriter, "write", slow)
    recorder = recorder_in(tmp_path, ended, most_waiting=1)
    recorder.offer(taken(0))
    assert busy.wait(PATIENCE_S)
    assert [recorder.offer(taken(index)) for index in range(1, 100)].count(True) == 1
    gate.set()
    while recorder._waiting:
        gate.wait(0.01)
    assert recorder.offer(taken(100))
    end(recorder)
    assert times_in(tmp_path / f"{STEM}.mp4")[-1] == pytest.approx(100 / 30, abs=1e-3)


def test_a_taken_name_is_numbered(tmp_path, ended):
    (tmp_path / f"{STEM}.csv").write_text("mine")
    recorder = recorder_in(tmp_path, ended)
    recorder.offer(taken(0))
    end(recorder)
    assert ended.one.path == tmp_path / f"{STEM}-2.mp4"
    assert (tmp_path / f"{STEM}.csv").read_text() == "mine"


def test_without_a_frame_nothing_is_left(tmp_path, ended):
    end(recorder_in(tmp_path, ended))
    assert list(tmp_path.iterdir()) == []
    assert "Nothing was recorded" in ended.one.problem


@pytest.mark.parametrize("table", [True, False])
def test_a_folder_that_is_none_is_told_at_once(tmp_path, ended, table):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="clip"):
        recorder_in(tmp_path / "file", ended, table=table)
    assert ended.recordings == []


def test_a_full_disk_ends_it_with_one_sentence_and_keeps_what_was_written(tmp_path, ended):
    noise = np.random.default_rng(0)
    recorder = recorder_in(tmp_path, ended)
    with disk_that_takes(1_500_000):
        for index in range(400):
            one = taken(index, size=(320, 240))
            one.frame.image[:] = noise.integers(0, 255, one.frame.image.shape, np.uint8)
            recorder.offer(one)
        end(recorder)
    assert "cannot be written" in ended.one.problem
    assert str(ended.one.path) in ended.one.problem
    assert ended.one.path.name == f"{STEM}.part.mp4"
    assert len(times_in(ended.one.path)) > 3
    assert len(rows_in(partial_path(ended.one.table))) > 3
    assert not recorder.offer(taken(1000))


def test_a_folder_that_goes_away_is_told(tmp_path, ended):
    folder = tmp_path / "stick"
    folder.mkdir()
    recorder = recorder_in(folder, ended)
    recorder.offer(taken(0))
    shutil.rmtree(folder)
    end(recorder)
    assert "cannot be written" in ended.one.problem


def test_an_encoder_that_fails_ends_it_with_one_sentence(tmp_path, ended, monkeypatch):
    def fail(*_):
        raise ValueError("no such pixel")

    recorder = recorder_in(tmp_path, ended)
    monkeypatch.setattr(module, "annotate", fail)
    recorder.offer(taken(0))
    end(recorder)
    assert "no such pixel" in ended.one.problem


CHILD = """
import sys, threading
from pathlib import Path
from detector.recording import Recorder
from tests.recording.made import taken
recorder = Recorder(Path(sys.argv[1]), sys.argv[2], "clip.mp4", fps=30, live=False, finished=print)
for index in range(400):
    while not recorder.offer(taken(index)):
        threading.Event().wait(0.01)
while recorder.progress().frames < 390:
    threading.Event().wait(0.01)
print("there", flush=True)
threading.Event().wait()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_killed_program_leaves_a_playable_video_and_table_that_get_their_names(tmp_path):
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(tmp_path), STEM], stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout.readline() == "there\n"
        assert recover(tmp_path) == [], "a recording under way was taken for a dead one"
    finally:
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        child.stdout.close()
    told = recover(tmp_path)
    assert told == [f"A recording was cut short; it is kept as {tmp_path / STEM}.mp4."]
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{STEM}.csv", f"{STEM}.mp4"]
    times = times_in(tmp_path / f"{STEM}.mp4")
    assert len(times) >= 200
    assert times == sorted(times)
    assert len(rows_in(tmp_path / f"{STEM}.csv")) >= 390
    assert recover(tmp_path) == []

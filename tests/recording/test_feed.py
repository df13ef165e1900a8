"""Frames reach the recording of their own source, with the thresholds of their moment, and nobody waits."""

from pathlib import Path

import pytest

from detector.detector import ModelInfo
from detector.errors import OutputError
from detector.pipeline.results import FrameResult, FrameTimes, RunningModel
from detector.recording import Feed
from detector.selection import Thresholds
from tests.recording.made import taken

MODEL = RunningModel(ModelInfo("m", ("cat", "dog"), 32, Path("none")), 32, "fake", "f32", "CPU x1")


class Noting:
    """What a recorder was given."""

    def __init__(self, first):
        self.frames = [each.frame.index for each in first]
        self.given = list(first)
        self.stopped = False

    def offer(self, one):
        self.frames.append(one.frame.index)
        self.given.append(one)

    def stop(self):
        self.stopped = True


def result(index, generation=1):
    one = taken(index)
    return FrameResult(generation, one.frame, one.candidates, MODEL, FrameTimes(0, 0, 0, 0), 0)


def feed(score=0.5, **options):
    return Feed(lambda names: Thresholds(score), **options)


def test_a_recording_begins_with_the_pre_roll_and_ends_with_the_last_frame_before_the_stop():
    it = feed(pre_roll_s=0.05)
    for index in range(10):
        it.take(result(index))
    recorder = it.start(Noting)
    it.take(result(10))
    assert it.stop() is recorder
    it.take(result(11))
    assert recorder.frames == [8, 9, 10]
    assert recorder.stopped
    assert it.stop() is None


def test_frames_that_come_while_the_files_are_opened_are_not_lost():
    it = feed()
    it.take(result(0))

    def make(first):
        it.take(result(1))
        it.take(result(2))
        return Noting(first)

    recorder = it.start(make)
    it.take(result(3))
    assert recorder.frames == [0, 1, 2, 3]


def test_files_that_cannot_be_opened_leave_nothing_begun():
    it = feed()

    def fail(first):
        raise OutputError("no")

    with pytest.raises(OutputError):
        it.start(fail)
    it.take(result(0))
    assert it.stop() is None
    assert it.start(Noting).frames == [0]


def test_another_source_ends_the_recording_and_clears_the_pre_roll():
    it = feed(pre_roll_s=5.0)
    it.take(result(0))
    recorder = it.start(Noting)
    it.new_source(2)
    it.take(result(1, generation=1))
    it.take(result(70, generation=2))
    assert recorder.frames == [0]
    assert recorder.stopped
    assert it.start(Noting).frames == [70]


def test_a_source_that_changes_while_the_files_are_opened_ends_the_recording():
    it = feed()
    it.take(result(0))

    def make(first):
        it.new_source(2)
        it.take(result(70, generation=2))
        return Noting(first)

    recorder = it.start(make)
    assert recorder.frames == [0]
    assert recorder.stopped
    assert it.stop() is None


def test_each_frame_keeps_the_thresholds_of_its_moment():
    it = feed(score=0.5, pre_roll_s=5.0)
    it.take(result(0))
    it.use_thresholds(lambda names: Thresholds(0.95))
    it.take(result(1))
    recorder = it.start(Noting)
    assert [len(each.detections()) for each in recorder.given] == [1, 0]


def test_what_the_pre_roll_holds_is_told():
    it = feed(pre_roll_s=5.0)
    for index in range(4):
        it.take(result(index))
    assert it.held_s == pytest.approx(0.1)
    it.set_pre_roll(0.0)
    it.take(result(4))
    assert it.held_s == 0


def test_a_recording_meant_for_a_source_that_went_is_none():
    it = feed()
    meant = it.generation
    it.new_source(5)
    with pytest.raises(OutputError, match="source changed"):
        it.start(Noting, meant)
    assert it.stop() is None

"""The clock of a recording follows the source's and never goes back."""

import pytest

from detector.recording import VideoClock
from tests.recording.made import taken


def ticks(clock, *frames):
    return [clock.tick(taken(index, time_s).frame) for index, time_s in frames]


def test_times_are_the_sources_from_zero():
    assert ticks(VideoClock(25, False), (10, 2.0), (11, 2.04), (12, 2.1)) == pytest.approx([0, 0.04, 0.1])


def test_seeking_back_and_looping_take_one_ordinary_step():
    times = ticks(VideoClock(10, False), (50, 5.0), (51, 5.1), (3, 0.3), (4, 0.4), (0, 0.0))
    assert times == pytest.approx([0, 0.1, 0.2, 0.3, 0.4])


def test_seeking_far_on_takes_one_step_but_frames_left_out_keep_their_time():
    assert ticks(VideoClock(10, False), (0, 0.0), (900, 90.0)) == pytest.approx([0, 0.1])
    assert ticks(VideoClock(10, False), (0, 0.0), (5, 0.5)) == pytest.approx([0, 0.5])


def test_a_gap_of_a_live_source_stays():
    assert ticks(VideoClock(10, True), (0, 0.0), (100, 12.0)) == pytest.approx([0, 12.0])


def test_slow_files_keep_their_pace():
    assert ticks(VideoClock(0.1, False), (0, 0.0), (1, 10.0)) == pytest.approx([0, 10.0])


def test_thresholds_of_the_moment_decide_what_is_detected():
    assert len(taken(0, score=0.6).detections()) == 1
    assert len(taken(0, score=0.4).detections()) == 0

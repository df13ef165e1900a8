"""The real-time loop's rate."""

import numpy as np
import pytest

from detector.benchmarking.live import Remembered, live_fps
from detector.errors import OptionError
from tests.pipeline.fakes import reading_detector

IMAGES = [np.full((8, 8, 3), value, np.uint8) for value in range(4)]


def test_the_rate_is_what_the_network_allows():
    # 20 ms a frame, however busy the machine is; it may only be slower.
    assert 2 < live_fps(reading_detector(wait_s=0.02), IMAGES, seconds=0.5) <= 50


def test_frames_come_again_and_keep_counting():
    source = Remembered(IMAGES)
    frames = [source.read() for _ in range(6)]
    assert [frame.index for frame in frames] == list(range(6))
    assert [int(frame.image[0, 0, 0]) for frame in frames] == [0, 1, 2, 3, 0, 1]
    source.seek(1)
    assert source.read().index == 1


def test_a_detector_that_fails_is_told(monkeypatch):
    monkeypatch.setattr("detector.benchmarking.live.PATIENCE_S", 0.5)
    with pytest.raises(OptionError, match="reader"):
        live_fps(reading_detector(wait_s=1.0), IMAGES, seconds=30)

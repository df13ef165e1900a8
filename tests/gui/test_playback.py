from __future__ import annotations

import numpy as np
import pytest

from detector.frames import Frame, SourceInfo
from gui.playback import Playback, clock_text


@pytest.mark.parametrize(
    ("time_s", "text"),
    [(0, "00:00.000"), (12.48, "00:12.480"), (59.9996, "01:00.000"), (3661.5, "1:01:01.500"), (-1, "00:00.000")],
)
def test_clock_text(time_s: float, text: str) -> None:
    assert clock_text(time_s) == text


def test_position_follows_frames_and_starts_anew_with_a_source() -> None:
    playback = Playback()
    assert playback.position_text() == ""
    assert not playback.seekable
    playback.opened(SourceInfo("clip", "video", False, (64, 48), 25.0, 100, True), "clip.mp4")
    playback.showed(Frame(np.zeros((48, 64, 3), np.uint8), 24, 0.96))
    assert playback.position_text() == "00:00.960   frame 25/100"
    assert (playback.seekable, playback.last_index) == (True, 99)
    playback.ended = True
    playback.opened(SourceInfo("camera", "camera", True, (64, 48)), "camera:0")
    assert playback.position_text() == "00:00.000   frame 1"
    assert (playback.seekable, playback.last_index, playback.ended) == (False, 0, False)
    playback.closed()
    assert (playback.info, playback.text, playback.playing) == (None, "", False)
    playback.learned(SourceInfo("late", "video", False, (64, 48)))
    assert playback.info is None

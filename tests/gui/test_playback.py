from __future__ import annotations

import numpy as np
import pytest

from detector.errors import OptionError
from detector.frames import Frame, SourceInfo
from gui.playback import Playback, clock_text, parse_position

CLIP = SourceInfo("clip", "video", False, (64, 48), 25.0, 100, True)


def frame(index: int, time_s: float = 0.0, name: str = "") -> Frame:
    return Frame(np.zeros((48, 64, 3), np.uint8), index, time_s, name)


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
    playback.opened(CLIP, "clip.mp4")
    playback.showed(frame(24, 0.96))
    assert playback.position_text() == "00:00.960 / 00:04.000   frame 25/100"
    assert playback.position_text(1) == "00:00.960   frame 25/100"
    assert playback.position_text(2) == "25/100"
    assert (playback.seekable, playback.last_index) == (True, 99)
    playback.ended = True
    playback.opened(SourceInfo("camera", "camera", True, (64, 48)), "camera:0")
    assert playback.position_text() == "00:00.000   frame 1"
    assert (playback.seekable, playback.last_index, playback.ended) == (False, 0, False)
    playback.closed()
    assert (playback.info, playback.text, playback.playing) == (None, "", False)
    playback.learned(SourceInfo("late", "video", False, (64, 48)))
    assert playback.info is None


def test_photographs_tell_their_names_instead_of_times() -> None:
    playback = Playback()
    playback.opened(SourceInfo("trip", "images", False, (64, 48), 1.0, 12, True), "trip")
    playback.showed(frame(3, 3.0, "cat.jpg"))
    assert playback.position_text() == "frame 4/12   cat.jpg"
    assert playback.position_text(1) == "frame 4/12"
    assert playback.time_of(3) is None


def test_speed_and_loop_are_kept_from_source_to_source_and_points_are_not() -> None:
    playback = Playback(loop=True, speed=2.0, first=3, last=9)
    playback.opened(CLIP, "clip.mp4")
    assert (playback.loop, playback.speed, playback.first, playback.last) == (True, 2.0, None, None)
    playback.first, playback.last = 3, 9
    playback.closed()
    assert [playback.speed, playback.first, playback.last] == [2.0, None, None]


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ((None, None), (None, None)),
        ((3, None), (3, None)),
        ((None, 200), (None, 99)),
        ((-5, 8), (0, 8)),
        ((8, 3), (3, 8)),
        ((7, 7), (7, 7)),
    ],
)
def test_points_lie_in_the_source_and_in_order(
    asked: tuple[int | None, int | None], given: tuple[int | None, int | None]
) -> None:
    playback = Playback()
    playback.opened(CLIP, "clip.mp4")
    assert playback.clamped_range(*asked) == given


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("1", 0),
        (" 312 ", 311),
        ("frame 312/1200", 311),
        ("#312", 311),
        ("12.5s", 312),
        ("12,5 s", 312),
        ("2s", 50),
        ("12.48", 312),
        ("0:12.480", 312),
        ("00:12.480", 312),
        ("0:00:12.48", 312),
        (".04", 1),
        ("48", 47),
        ("0:48", 1199),
    ],
)
def test_a_frame_or_a_time_is_understood(text: str, index: int) -> None:
    assert parse_position(text, 25.0, 1200) == index


def test_what_the_clock_shows_leads_back_to_its_frame() -> None:
    fps = 30000 / 1001
    assert all(parse_position(clock_text(i / fps), fps, 4000) == i for i in range(0, 4000, 7))


@pytest.mark.parametrize(
    ("text", "fps", "count", "says"),
    [
        ("", 25.0, 100, "no place in the source"),
        ("soon", 25.0, 100, "'soon' is no place"),
        ("-3", 25.0, 100, "no place"),
        ("1:2:3:4", 25.0, 100, "no place"),
        ("0", 25.0, 100, "counted from 1"),
        ("101", 25.0, 100, "the last one is 100"),
        ("4.5s", 25.0, 100, "ends at 00:04.000"),
        ("1.5s", None, 12, "no times"),
    ],
)
def test_anything_else_is_refused_with_a_reason(text: str, fps: float | None, count: int, says: str) -> None:
    with pytest.raises(OptionError, match=says):
        parse_position(text, fps, count)


def test_without_a_count_any_frame_may_be_meant() -> None:
    assert parse_position("5000", None, None) == 4999
    assert parse_position("1:00", 25.0, None) == 1500

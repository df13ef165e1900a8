"""Which frames of a source are looked at: from, to, every, limit, seconds, and live sources that are silent."""

import numpy as np
import pytest

from detector.errors import OptionError
from detector.frames import Frame, Lull, SourceInfo
from detector.lockstep.extent import Extent, frames_within, parse_time


class Film:
    """Frames at given times; `None` is a lull. fps: what it declares, true or not."""

    trouble = ""

    def __init__(self, times, fps=10.0, live=False, seekable=True):
        self.times, self.position = times, 0
        count = None if live else len(times)
        self.info = SourceInfo("film", "camera" if live else "video", live, (8, 8), fps, count, seekable)

    def read(self):
        if self.position >= len(self.times):
            if self.info.live:
                return Lull()
            return None
        index, self.position = self.position, self.position + 1
        if self.times[index] is None:
            return Lull()
        return Frame(np.zeros((8, 8, 3), np.uint8), index, self.times[index])

    def seek(self, index):
        self.position = min(max(0, index), len(self.times) - 1)


def steady(count=20, fps=10.0):
    return [index / fps for index in range(count)]


def indices(source, **extent):
    return [frame.index for frame in frames_within(source, Extent(**extent))]


@pytest.mark.parametrize("seekable", [True, False])
@pytest.mark.parametrize(
    ("extent", "expected"),
    [
        ({}, list(range(20))),
        ({"start_s": 0.5}, list(range(5, 20))),
        ({"start_s": 0.55}, list(range(6, 20))),
        ({"end_s": 0.5}, [0, 1, 2, 3, 4]),
        ({"start_s": 0.5, "end_s": 0.8}, [5, 6, 7]),
        ({"every": 6}, [0, 6, 12, 18]),
        ({"start_s": 0.5, "every": 6}, [6, 12, 18]),
        ({"every": 3, "limit": 2}, [0, 3]),
        ({"seconds": 0.3}, [0, 1, 2]),
        ({"start_s": 1.0, "seconds": 0.3}, [10, 11, 12]),
        ({"start_s": 9.0}, []),
    ],
)
def test_of_a_film_come_the_frames_that_were_asked_for(seekable, extent, expected):
    assert indices(Film(steady(), seekable=seekable), **extent) == expected


@pytest.mark.parametrize("declared", [2.0, 10.0, 30.0])
def test_a_film_that_declares_another_rate_than_it_has_loses_no_frame(declared):
    assert indices(Film(steady(), fps=declared), start_s=0.7, end_s=1.0) == [7, 8, 9]


def test_a_live_source_that_gives_nothing_ends_by_the_clock():
    ticks = iter(range(100))
    source = Film([None, 0.0], live=True)
    found = list(frames_within(source, Extent(seconds=5), clock=lambda: next(ticks)))
    assert [frame.index for frame in found] == [1]


def test_a_live_source_that_gives_nothing_can_be_stopped():
    asked = iter([False, False, False, True])
    assert list(frames_within(Film([], live=True), Extent(limit=3), lambda: next(asked))) == []


@pytest.mark.parametrize(
    ("extent", "count"),
    [
        ({}, 20),
        ({"every": 6}, 4),
        ({"limit": 3}, 3),
        ({"start_s": 0.5, "end_s": 0.8}, 3),
        ({"seconds": 0.3}, 3),
        ({"start_s": 9}, 0),
    ],
)
def test_how_many_frames_will_come_is_known_before(extent, count):
    assert Extent(**extent).expected(Film(steady()).info) == count


def test_nobody_knows_how_many_frames_a_live_source_has():
    info = Film([], live=True).info
    assert Extent().expected(info) is None
    assert Extent(limit=7).expected(info) == 7


@pytest.mark.parametrize(
    ("text", "seconds"), [("12.5", 12.5), ("1:02.5", 62.5), ("1:00:01", 3601), ("0", 0), ("90:00", 5400)]
)
def test_times_are_read_as_people_write_them(text, seconds):
    assert parse_time(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "-3", "1:-2", "1:2:3:4", "nan", "inf", "1:"])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(OptionError, match="is no time"):
        parse_time(text)


@pytest.mark.parametrize(
    ("extent", "told"),
    [
        ({"every": 0}, "--every is 0"),
        ({"limit": 0}, "--limit is 0"),
        ({"seconds": 0}, "--seconds is 0"),
        ({"seconds": float("nan")}, "--seconds is nan"),
        ({"start_s": 5, "end_s": 5}, "--to is 5 s, which is not after --from"),
    ],
)
def test_an_extent_without_a_frame_is_refused(extent, told):
    with pytest.raises(OptionError, match=told):
        Extent(**extent)

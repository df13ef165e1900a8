from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from detector.analysis.presence import Presence, PresenceReader
from gui.analysis.lanes import Filter, Tracks, bars, density, lanes_of, packed
from gui.analysis.scale import Scale
from tests.analysis.made import CLASSES, frame, write_journal

PERSON, DOG = 0, 1
BOX = (10, 10, 50, 50)


@pytest.fixture
def presence(tmp_path: Path) -> Presence:
    """100 frames: a dog on 10 to 29, two of them on 20 to 29, and a person, not so sure, on 28."""
    frames = []
    for index in range(100):
        found = [(DOG, 0.9, *BOX)] * (2 if 20 <= index < 30 else 1 if 10 <= index < 20 else 0)
        found += [(PERSON, 0.4, *BOX)] if index == 28 else []
        frames.append(frame(index, *found))
    presence = Presence()
    presence.extend(PresenceReader(write_journal(tmp_path / "walk", frames)).more())
    return presence


TRACKS = Tracks.of([(7, DOG, 10, 29, 90), (8, DOG, 20, 25, 70), (9, DOG, 27, 29, 50), (3, PERSON, 28, 28, 40)])


def test_there_is_a_lane_for_each_class_that_was_found(presence: Presence) -> None:
    lanes = lanes_of(presence, CLASSES, None, Filter())
    assert [(lane.name, lane.frames, lane.tracks) for lane in lanes] == [("dog", 20, 0), ("person", 1, 0)]


@pytest.mark.parametrize(
    ("wanted", "left"),
    [
        (Filter("DO"), [("dog", 20, 3)]),
        (Filter("cat"), []),
        (Filter("", 41), [("dog", 20, 3)]),
        (Filter("", 60), [("dog", 20, 2)]),
        (Filter("", 91), []),
        (Filter(" #8 "), [("dog", 20, 1)]),
        (Filter("#3"), [("person", 1, 1)]),
        (Filter("#"), [("dog", 20, 3), ("person", 1, 1)]),
        (Filter("#99"), []),
    ],
)
def test_filters(presence: Presence, wanted: Filter, left: list[tuple[str, int, int]]) -> None:
    lanes = lanes_of(presence, CLASSES, TRACKS, wanted)
    assert [(lane.name, lane.frames, lane.tracks) for lane in lanes] == left


def test_density_is_stronger_where_there_are_more(presence: Presence) -> None:
    strength = density(presence, DOG, Scale.fitted(100, 100).resized(100, 100))
    assert strength[:10].max() == 0
    assert len(set(strength[10:20].tolist())) == 1
    assert 0.35 < strength[15] < strength[25] == 1
    assert strength[30:].max() == 0
    assert density(presence, PERSON, Scale.fitted(100, 100), floor=50).max() == 0


def test_one_frame_of_many_is_still_to_be_seen(presence: Presence) -> None:
    strength = density(presence, PERSON, Scale.fitted(100, 4))
    assert np.flatnonzero(strength).tolist() == [1]
    assert strength[1] >= 0.35


def test_tracks_that_overlap_lie_in_rows_of_their_own() -> None:
    rows = packed(TRACKS.where(TRACKS.labels == DOG))
    assert [row.ids.tolist() for row in rows] == [[7], [8, 9]]
    crowd = Tracks.of([(number, DOG, number, 50, 90) for number in range(10)])
    assert [len(row) for row in packed(crowd)] == [1, 1, 8]


def test_bars_cover_their_frames() -> None:
    row = Tracks.of([(8, DOG, 20, 25, 70), (9, DOG, 27, 29, 50)])
    assert bars(row, Scale.fitted(100, 100)) == [(20, 26), (27, 30)]
    assert bars(row, Scale.fitted(100, 10)) == [(2, 3)]
    assert bars(Tracks.of([]), Scale.fitted(100, 10)) == []


def test_bars_of_tracks_that_follow_each_other_are_apart() -> None:
    row = Tracks.of([(8, DOG, 20, 24, 70), (9, DOG, 25, 29, 50)])
    zoomed = Scale(100, 300, 15.0, 0.1)
    (first, gap), (again, end) = bars(row, zoomed)
    assert (first, gap, again, end) == (50, 99, 100, 150)


def test_bars_of_tracks_that_lie_over_each_other_end_where_the_last_one_ends() -> None:
    row = Tracks.of([(1, DOG, 10, 60, 70), (2, DOG, 20, 30, 50)])
    assert bars(row, Scale.fitted(100, 100)) == [(10, 61)]

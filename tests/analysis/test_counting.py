import dataclasses
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings, strategies

from detector.analysis.counting import count_journal, unique_objects
from detector.analysis.crossing import LineCrosser, ZoneDweller
from detector.analysis.journal import JournalHead
from detector.analysis.scene import Line, Scene, Zone
from detector.analysis.tracking import track_journal
from tests.analysis import made
from tests.analysis.moving import box, crowd, journal_of, two_who_cross

START, END = np.array([100.0, 50.0]), np.array([100.0, 250.0])
MARGIN_PX = 5.0


def crossings(points):
    """Of a line that goes straight down at x = 100: its right, seen in its direction, is where x is small."""
    crosser = LineCrosser()
    return [
        told for point in points if (told := crosser.move(np.asarray(point, np.float64), START, END, MARGIN_PX)) != 0
    ]


trembling = strategies.lists(strategies.floats(-MARGIN_PX, MARGIN_PX), max_size=12)


@given(sides=strategies.lists(strategies.booleans(), min_size=1, max_size=8), trembles=strategies.data())
@settings(deadline=None, max_examples=200)
def test_every_real_crossing_counts_once_however_the_box_trembles(sides, trembles):
    points = []
    for side in sides:
        points += [(100 + offset, 150) for offset in trembles.draw(trembling)]
        points.append((60 if side else 140, 150))
    expected = [1 if after else -1 for before, after in pairwise(sides) if before != after]
    assert crossings(points) == expected


@given(ys=strategies.lists(strategies.floats(260, 500) | strategies.floats(-200, 40), min_size=2, max_size=20))
def test_who_goes_past_the_ends_does_not_cross(ys):
    ys = [ys[0], *(abs(y) + 260 if ys[0] > 100 else -abs(y) for y in ys[1:])]
    assert crossings([(60 if n % 2 else 140, y) for n, y in enumerate(ys)]) == []


@given(
    points=strategies.lists(strategies.tuples(strategies.floats(0, 200), strategies.floats(0, 300)), max_size=30),
    angle=strategies.floats(0, 6.28),
)
def test_the_reverse_line_tells_the_reverse(points, angle):
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    forth, back = LineCrosser(), LineCrosser()
    for point in points:
        turned = turn @ np.asarray(point)
        told = forth.move(turned, turn @ START, turn @ END, MARGIN_PX)
        assert back.move(turned, turn @ END, turn @ START, MARGIN_PX) == -told


def test_in_is_from_left_to_right_of_the_lines_direction():
    assert crossings([(140, 150), (60, 150)]) == [1]
    assert crossings([(60, 150), (140, 150)]) == [-1]


def test_through_the_line_and_back_around_its_end_counts_once():
    assert crossings([(140, 150), (60, 150), (60, 400), (140, 400), (140, 150), (60, 150)]) == [1, 1]


def test_who_appears_on_the_line_has_not_crossed_it():
    assert crossings([(101, 150), (99, 150), (60, 150)]) == []


def test_touching_the_line_is_no_crossing():
    assert crossings([(140, 150), (100, 150), (140, 150), (97, 150), (140, 150)]) == []


@given(offsets=strategies.lists(strategies.floats(-4.9, 4.9), max_size=30))
def test_a_zone_is_not_left_by_trembling_at_its_edge(offsets):
    corners = np.array([[0, 0], [100, 0], [100, 100], [0, 100]], np.float64)
    dweller = ZoneDweller()
    assert dweller.move(np.array([50.0, 50.0]), corners, MARGIN_PX)
    assert all(dweller.move(np.array([100.0 + offset, 50.0]), corners, MARGIN_PX) for offset in offsets)
    assert not dweller.move(np.array([106.0, 50.0]), corners, MARGIN_PX)
    assert not any(dweller.move(np.array([100.0 + offset, 50.0]), corners, MARGIN_PX) for offset in offsets)


def counted(journal, scene):
    return count_journal(journal, track_journal(journal, "sort"), scene)


def test_who_crosses_a_line_is_told_with_frame_and_direction(tmp_path):
    # Both cross x = 320; the person to the right, the dog, above it, to the left.
    scene = Scene((Line("middle", (0.5, 0), (0.5, 1)), Line("far", (0.99, 0), (0.99, 1))))
    middle, far = counted(journal_of(tmp_path, two_who_cross()), scene)["lines"]
    assert (middle["in"], middle["out"]) == ({"dog": 1}, {"person": 1})
    assert [(one["track"], one["class"], one["direction"]) for one in middle["crossings"]] == [
        (2, "dog", "in"), (1, "person", "out"),
    ]  # fmt: skip
    for one in middle["crossings"]:
        assert one["time_s"] == one["frame"] / 25
        assert 20 <= one["frame"] <= 36
    assert far["crossings"] == []


def test_pixels_and_shares_count_the_same_also_where_the_size_changes(tmp_path):
    frames = list(two_who_cross())
    in_shares = counted(journal_of(tmp_path / "a", frames), Scene((Line("m", (0.5, 0), (0.5, 1)),)))
    in_pixels = counted(
        journal_of(tmp_path / "b", frames), Scene((Line("m", (320, 0), (320, 360)),), unit="pixels")
    )  # fmt: skip
    assert in_shares["lines"] == in_pixels["lines"]
    halved = [
        frame if n < 10 else dataclasses.replace(frame, size_wh=(320, 180), boxes_xyxy=frame.boxes_xyxy / 2)
        for n, frame in enumerate(frames)
    ]
    journal = journal_of(tmp_path / "c", halved)
    lines = counted(journal, Scene((Line("m", (0.5, 0), (0.5, 1)),)))["lines"]
    assert sum(lines[0]["in"].values()) == 1


def test_a_zone_tells_entries_most_at_once_and_stays(tmp_path):
    # One is in the left part for the first 45 of 50 frames, one for all; one never.
    frames = [
        made.frame(n, box(0, 100 if n < 30 else 100 + 10 * (n - 29), 150), box(1, 60, 300), box(2, 600, 200))
        for n in range(50)
    ]
    scene = Scene((), (Zone("left", ((0, 0), (0.4, 0), (0.4, 1), (0, 1))), Zone("none", ((2, 2), (3, 2), (3, 3)))))
    left, none = counted(journal_of(tmp_path, frames), scene)["zones"]
    assert left["entries"] == {"person": 1, "dog": 1}
    assert (left["most"], left["most_frame"], left["most_s"]) == (2, 0, 0.0)
    stays = {one["class"]: one["seconds"] for one in left["stays"]}
    assert stays["dog"] == pytest.approx(2.0)
    # At frame 45 it is 4 px beyond the edge, at 256 px: more than the margin.
    assert stays["person"] == pytest.approx(45 / 25)
    assert left["longest_s"] == pytest.approx(2.0)
    assert left["mean_s"] == pytest.approx(sum(stays.values()) / 2)
    assert (none["entries"], none["most"], none["most_frame"], none["mean_s"], none["stays"]) == ({}, 0, None, None, [])


def test_time_that_it_was_not_seen_counts_where_it_was(tmp_path):
    frames = [made.frame(n, *([] if 10 <= n < 20 else [box(0, 100, 150)])) for n in range(50)]
    scene = Scene((), (Zone("all", ((0, 0), (1, 0), (1, 1), (0, 1))),))
    (zone,) = counted(journal_of(tmp_path, frames), scene)["zones"]
    assert zone["stays"] == [{"track": 1, "class": "person", "seconds": 2.0}]
    assert zone["entries"] == {"person": 1}


def test_stays_are_in_seconds_whatever_is_left_out(tmp_path):
    head = JournalHead(made.source(), made.settings(every=5))
    frames = [made.frame(n, box(0, 100, 150)) for n in range(0, 100, 5)]
    scene = Scene((), (Zone("all", ((0, 0), (1, 0), (1, 1), (0, 1))),))
    (zone,) = counted(journal_of(tmp_path, frames, head), scene)["zones"]
    assert zone["longest_s"] == pytest.approx(4.0)


def test_unique_objects(tmp_path):
    journal = journal_of(tmp_path, two_who_cross())
    assert unique_objects(track_journal(journal, "bytetrack"), journal.class_names) == {"person": 1, "dog": 1}


def test_a_crowd_is_counted_the_same_every_time(tmp_path):
    scene = Scene((Line("m", (0.5, 0), (0.5, 1)),), (Zone("z", ((0, 0), (0.5, 0), (0.3, 1))),))
    first = counted(journal_of(tmp_path / "a", crowd(200)), scene)
    assert counted(journal_of(tmp_path / "b", crowd(200)), scene) == first
    assert first["zones"][0]["most"] > 0

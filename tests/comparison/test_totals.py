"""Comparisons of frames summed over a run."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.comparison import ClassCounts, ComparisonTotals, Totals, compare
from tests.comparison.made import NAMES, OTHERS, detections, made


def test_totals_add_frames_up_by_class():
    totals = Totals()
    assert totals.snapshot().mean_iou is None
    first = detections((0, 0, 10, 10, 0, 0.9), (20, 0, 30, 10, 1, 0.8), (40, 0, 50, 10, 2, 0.7))
    second = detections((60, 0, 70, 10, 1, 0.5), (20, 0, 30, 10, 0, 0.6), (0, 0, 10, 8, 2, 0.5))
    for _ in range(2):
        totals.add(compare(first, second, NAMES, OTHERS), first, second, NAMES, OTHERS)
    sums = totals.snapshot()
    assert (sums.frames, sums.agree, sums.only_first, sums.only_second, sums.labels_differ) == (2, 2, 2, 2, 2)
    assert sums.mean_iou == pytest.approx(0.8)
    assert sums.mean_score_difference == pytest.approx(0.4)
    assert sums.per_class == {
        "person": ClassCounts(only_first=2, differ_second=2),
        "cat": ClassCounts(agree=2),
        "cow": ClassCounts(only_second=2),
        "dog": ClassCounts(differ_first=2),
    }
    assert next(iter(sums.per_class)) == "person"
    totals.reset()
    assert totals.snapshot().frames == 0


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(made(5), made(5)), max_size=4))
def test_every_detection_is_counted_once_for_its_class(frames):
    totals = Totals()
    ious, differences = [], []
    for first, second in frames:
        found = compare(first, second, NAMES, OTHERS, 0.3)
        totals.add(found, first, second, NAMES, OTHERS)
        ious += found.ious[found.same_label].tolist()
        differences += found.score_differences[found.same_label].tolist()
    sums = totals.snapshot()
    assert sums.frames == len(frames)
    for side, names in ((0, NAMES), (1, OTHERS)):
        for name in {*NAMES, *OTHERS}:
            expected = sum(names[label] == name for frame in frames for label in frame[side].labels)
            counts = sums.per_class.get(name, ClassCounts())
            alone = (counts.only_first, counts.only_second)[side]
            differing = (counts.differ_first, counts.differ_second)[side]
            assert counts.agree + alone + differing == expected
    assert sums.agree == len(ious)
    if ious:
        assert sums.mean_iou == pytest.approx(sum(ious) / len(ious))
        assert sums.mean_score_difference == pytest.approx(sum(differences) / len(differences), abs=1e-6)
    else:
        assert sums.mean_iou is None


def test_a_snapshot_stays_as_it_was():
    totals = Totals()
    first = second = detections((0, 0, 10, 10, 0, 0.9))
    totals.add(compare(first, second, NAMES, NAMES), first, second, NAMES, NAMES)
    before = totals.snapshot()
    totals.add(compare(first, second, NAMES, NAMES), first, second, NAMES, NAMES)
    totals.reset()
    assert before.agree == 1
    assert before.per_class == {"cat": ClassCounts(agree=1)}
    assert totals.snapshot() == ComparisonTotals()


def test_vocs_and_cocos_words_are_one_row():
    totals = Totals()
    first = second = detections((0, 0, 10, 10, 0, 0.9))
    found = compare(first, second, ("tvmonitor",), ("tv",))
    totals.add(found, first, second, ("tvmonitor",), ("tv",))
    totals.add(compare(second, first, ("tv",), ("tvmonitor",)), second, first, ("tv",), ("tvmonitor",))
    assert totals.snapshot().per_class == {"tvmonitor": ClassCounts(agree=2)}

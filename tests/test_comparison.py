"""Two models' detections on one frame, paired one to one."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.comparison import ClassCounts, Status, Totals, compare
from detector.detections import Detections
from detector.families.coco import COCO_CLASS_NAMES, VOC_CLASS_NAMES
from detector.geometry import box_iou

NAMES = ("cat", "dog", "person")
# Another order, one class less and one more.
OTHERS = ("person", "cow", "cat")


def detections(*rows):
    """From rows x1, y1, x2, y2, label, score."""
    table = np.array(rows, np.float32).reshape(-1, 6)
    count = np.arange(len(table), dtype=np.int32)
    return Detections(table[:, :4], table[:, 5], table[:, 4].astype(np.int32), count)


@st.composite
def made(draw, most=9):
    """Detections on a coarse raster, so that overlaps, ties and doubles are frequent."""
    cell = st.integers(0, 5)
    side = st.integers(1, 4)
    score = st.sampled_from((0.25, 0.5, 0.75))
    rows = draw(st.lists(st.tuples(cell, cell, side, side, st.integers(0, 2), score), max_size=most))
    return detections(*[(10 * x, 10 * y, 10 * (x + w), 10 * (y + h), label, s) for x, y, w, h, label, s in rows])


def as_value(detections, row):
    return tuple(detections.boxes_xyxy[row]), float(detections.scores[row]), int(detections.labels[row])


def paired_boxes(comparison, first, second):
    """The pairs as boxes, labels and scores instead of rows, in no order: doubles may stand for one another."""
    return sorted((as_value(first, a), as_value(second, b)) for a, b in comparison.pairs)


@settings(max_examples=300, deadline=None)
@given(made(), made(), st.sampled_from((0.1, 0.3, 0.5, 0.9)))
def test_every_detection_is_in_one_group_and_pairs_keep_the_rules(first, second, iou):
    found = compare(first, second, NAMES, OTHERS, iou)
    left, right = found.pairs[:, 0].tolist(), found.pairs[:, 1].tolist()
    assert sorted([*left, *found.only_first.tolist()]) == list(range(len(first)))
    assert sorted([*right, *found.only_second.tolist()]) == list(range(len(second)))
    overlaps = box_iou(first.boxes_xyxy, second.boxes_xyxy)
    np.testing.assert_array_equal(found.ious, overlaps[left, right])
    assert (found.ious >= iou).all()
    same = [NAMES[first.labels[a]] == OTHERS[second.labels[b]] for a, b in found.pairs]
    assert found.same_label.tolist() == same
    np.testing.assert_allclose(found.score_differences, first.scores[left] - second.scores[right])
    # Nothing that could be paired is left over.
    assert not (overlaps[np.ix_(found.only_first, found.only_second)] >= iou).any()


@settings(max_examples=300, deadline=None)
@given(made(), made(), st.sampled_from((0.1, 0.5)))
def test_swapping_the_models_swaps_the_words_and_nothing_else(first, second, iou):
    there = compare(first, second, NAMES, OTHERS, iou)
    back = compare(second, first, OTHERS, NAMES, iou)
    swapped = sorted((own, other) for other, own in paired_boxes(back, second, first))
    assert paired_boxes(there, first, second) == swapped
    assert there.agree_count == back.agree_count
    assert len(there.only_first) == len(back.only_second)


@settings(max_examples=100, deadline=None)
@given(made(most=4), made(most=4))
def test_no_other_way_of_pairing_same_classes_begins_with_better_overlaps(first, second):
    found = compare(first, second, NAMES, OTHERS, 0.3)
    got = sorted((float(iou) for iou, same in zip(found.ious, found.same_label, strict=True) if same), reverse=True)
    overlaps = box_iou(first.boxes_xyxy, second.boxes_xyxy)
    fewer, more, turned = (first, second, False) if len(first) <= len(second) else (second, first, True)
    best: list[float] = []
    for columns in permutations(range(len(more)), len(fewer)):
        ious = []
        for a, b in enumerate(columns):
            i, j = (b, a) if turned else (a, b)
            if overlaps[i, j] >= 0.3 and NAMES[first.labels[i]] == OTHERS[second.labels[j]]:
                ious.append(float(overlaps[i, j]))
        best = max(best, sorted(ious, reverse=True))
    # Greedy takes the best overlap first; ties apart that is the lexicographically largest list.
    assert got[:1] == best[:1]


def test_the_four_groups():
    first = detections((0, 0, 10, 10, 0, 0.9), (20, 0, 30, 10, 1, 0.8), (40, 0, 50, 10, 2, 0.7))
    second = detections((60, 0, 70, 10, 1, 0.5), (20, 0, 30, 10, 0, 0.6), (0, 0, 10, 9, 2, 0.4))
    found = compare(first, second, NAMES, OTHERS)
    assert found.pairs.tolist() == [[0, 2], [1, 1]]
    assert found.same_label.tolist() == [True, False]
    assert found.ious.tolist() == pytest.approx([0.9, 1.0])
    assert found.score_differences.tolist() == pytest.approx([0.5, 0.2])
    assert (found.only_first.tolist(), found.only_second.tolist()) == ([2], [0])
    assert found.statuses("first") == [Status.AGREE, Status.DIFFERS, Status.ONLY]
    assert found.statuses("second") == [Status.ONLY, Status.DIFFERS, Status.AGREE]
    assert [found.partner("second", row) for row in range(3)] == [None, 1, 0]
    assert found.partner("first", 2) is None
    assert not found.class_agnostic


def test_the_same_class_is_preferred_to_a_better_place():
    first = detections((0, 0, 10, 10, 0, 0.9))
    second = detections((0, 0, 10, 10, 0, 0.9), (0, 0, 10, 7, 2, 0.9))
    found = compare(first, second, NAMES, OTHERS)
    assert found.pairs.tolist() == [[0, 1]]
    assert found.same_label.all()


def test_just_at_the_threshold_boxes_pair_and_just_below_they_do_not():
    first, second = detections((0, 0, 10, 10, 0, 0.9)), detections((0, 0, 10, 5, 2, 0.9))
    assert compare(first, second, NAMES, OTHERS, 0.5).agree_count == 1
    assert compare(first, second, NAMES, OTHERS, 0.51).agree_count == 0


def test_vocs_and_cocos_words_meet():
    first = detections((0, 0, 10, 10, VOC_CLASS_NAMES.index("tvmonitor"), 0.9))
    second = detections((0, 0, 10, 10, COCO_CLASS_NAMES.index("tv"), 0.9))
    found = compare(first, second, VOC_CLASS_NAMES, COCO_CLASS_NAMES)
    assert found.agree_count == 1
    assert not found.class_agnostic


def test_without_a_common_class_places_alone_count():
    first, second = detections((0, 0, 10, 10, 0, 0.9)), detections((0, 0, 10, 10, 0, 0.6))
    found = compare(first, second, ("tree",), ("house",))
    assert found.class_agnostic
    assert found.agree_count == 1


def test_nothing_meets_nothing():
    found = compare(Detections.empty(), detections((0, 0, 9, 9, 0, 0.5)), NAMES, NAMES)
    assert (len(found.pairs), found.only_first.tolist(), found.only_second.tolist()) == (0, [], [0])
    assert len(compare(Detections.empty(), Detections.empty(), NAMES, NAMES).pairs) == 0


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

"""Two models' detections on one frame, paired one to one."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.comparison import Status, compare
from detector.detections import Detections
from detector.errors import OptionError
from detector.families.coco import COCO_CLASS_NAMES, VOC_CLASS_NAMES
from detector.geometry import box_iou
from tests.comparison.made import NAMES, OTHERS, detections, made


def as_value(detections, row):
    return tuple(detections.boxes_xyxy[row]), float(detections.scores[row]), int(detections.labels[row])


def paired_boxes(comparison, first, second):
    """The pairs as boxes, labels and scores instead of rows, in no order: doubles may stand for one another."""
    return sorted((as_value(first, a), as_value(second, b)) for a, b in comparison.pairs)


def iou_of(box, other):
    """Exact: the boxes made here have whole numbers."""
    box, other = [int(v) for v in box], [int(v) for v in other]
    width = min(box[2], other[2]) - max(box[0], other[0])
    height = min(box[3], other[3]) - max(box[1], other[1])
    common = max(width, 0) * max(height, 0)
    area = sum((b[2] - b[0]) * (b[3] - b[1]) for b in (box, other))
    return Fraction(common, area - common)


def paired_one_by_one(first, second, iou):
    """What `compare` promises, word by word: of all pairs left, the best is made, until there is none."""
    left, right, pairs = set(range(len(first))), set(range(len(second))), []

    def worth(pair):
        a, b = pair
        corners = [-float(u + v) for u, v in zip(first.boxes_xyxy[a], second.boxes_xyxy[b], strict=True)]
        same = NAMES[first.labels[a]] == OTHERS[second.labels[b]]
        overlap = iou_of(first.boxes_xyxy[a], second.boxes_xyxy[b])
        return same, overlap, first.scores[a] + second.scores[b], corners[::-1]

    while True:
        possible = [
            (a, b) for a in left for b in right if iou_of(first.boxes_xyxy[a], second.boxes_xyxy[b]) >= Fraction(iou)
        ]
        if not possible:
            return pairs
        pairs.append(max(possible, key=worth))
        left.remove(pairs[-1][0])
        right.remove(pairs[-1][1])


@settings(max_examples=200, deadline=None)
@given(made(6), made(6), st.sampled_from(("1/10", "3/10", "1/2", "9/10")))
def test_pairs_are_those_that_are_found_one_by_one(first, second, iou):
    found = compare(first, second, NAMES, OTHERS, float(Fraction(iou)))
    expected = paired_one_by_one(first, second, iou)

    def places(pairs):
        # Of boxes that lie and score alike either may be taken, whatever their class.
        return sorted((as_value(first, a)[:2], as_value(second, b)[:2]) for a, b in pairs)

    assert places(found.pairs) == places(expected)
    agreeing = sum(NAMES[first.labels[a]] == OTHERS[second.labels[b]] for a, b in expected)
    assert found.agree_count == agreeing


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


@pytest.mark.parametrize("iou", [0.0, -0.1, 1.01, float("nan")])
def test_an_overlap_that_means_nothing_is_refused(iou):
    with pytest.raises(OptionError, match="must lie above 0"):
        compare(Detections.empty(), Detections.empty(), NAMES, OTHERS, iou)


def test_of_two_that_overlap_alike_the_better_scores_pair_from_whichever_side():
    one = detections((0, 0, 10, 10, 0, 0.9))
    two = detections((0, 0, 10, 8, 2, 0.4), (0, 2, 10, 10, 2, 0.6))
    assert compare(one, two, NAMES, OTHERS).pairs.tolist() == [[0, 1]]
    assert compare(two, one, OTHERS, NAMES).pairs.tolist() == [[1, 0]]


def test_a_crowd_of_boxes_on_one_another_all_pair():
    rows = [(x, x, 300 + x, 300 + x, x % 3, 0.5) for x in range(100)]
    found = compare(detections(*rows), detections(*rows), NAMES, NAMES)
    assert found.pairs[:, 0].tolist() == found.pairs[:, 1].tolist()
    assert (found.agree_count, len(found.only_first)) == (100, 0)


def test_groups_have_their_types_also_where_they_are_empty():
    for first, second in (((), ()), (((0, 0, 9, 9, 0, 0.5),), ((0, 0, 9, 9, 2, 0.5),))):
        found = compare(detections(*first), detections(*second), NAMES, OTHERS)
        assert found.pairs.shape[1] == 2
        kinds = [found.pairs, found.only_first, found.only_second]
        assert {group.dtype for group in kinds} == {np.dtype(np.int32)}
        assert found.ious.dtype == found.score_differences.dtype == np.float32
        assert found.same_label.dtype == np.bool_

"""From candidates to detections."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.detections import Candidates
from detector.errors import OptionError
from detector.geometry import box_iou, clip_boxes
from detector.selection import EVALUATION_THRESHOLDS, Thresholds, raw_boxes, select

FRAME = (320, 240)
CLASSES = 4


def random_candidates(seed, count=120):
    """Boxes in clusters, so that NMS has work; some reach beyond the frame."""
    rng = np.random.default_rng(seed)
    centre = rng.uniform(-20, 340, (count // 6 + 1, 2)).repeat(6, axis=0)[:count] + rng.normal(0, 5, (count, 2))
    half = rng.uniform(2, 60, (count, 2))
    boxes = np.concatenate((centre - half, centre + half), axis=1).astype(np.float32)
    scores = rng.uniform(0, 1, (count, CLASSES)).astype(np.float32) ** 3
    return Candidates(boxes, scores, np.arange(count, dtype=np.int32), FRAME)


def reference(candidates, thresholds):
    """The same by torchvision: (row, label) pairs, best score first."""
    import torch
    from torchvision.ops import batched_nms

    if thresholds.many_labels:
        rows, labels = np.nonzero(candidates.scores > thresholds.score)
    else:
        labels = candidates.scores.argmax(axis=1)
        rows = np.flatnonzero(candidates.scores[np.arange(len(candidates)), labels] > thresholds.score)
        labels = labels[rows]
    boxes = clip_boxes(candidates.boxes_xyxy[rows], candidates.frame_size_wh)
    solid = ((boxes[:, 2:] - boxes[:, :2]) > 1e-3).all(axis=1)
    rows, labels, boxes = rows[solid], labels[solid], boxes[solid]
    scores = candidates.scores[rows, labels]
    kept = batched_nms(
        torch.from_numpy(boxes).double(),
        torch.from_numpy(scores).double(),
        torch.from_numpy(labels),
        thresholds.nms_iou,
    ).numpy()[: thresholds.most]
    return list(zip(rows[kept].tolist(), labels[kept].tolist(), strict=True))


@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize("nms_iou", [0.0, 0.3, 0.5, 0.65, 1.0])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_selection_equals_torchvisions_class_wise_nms(seed, nms_iou, many):
    candidates = random_candidates(seed)
    thresholds = Thresholds(score=0.2, nms_iou=nms_iou, many_labels=many)
    found = select(candidates, thresholds)
    expected = reference(candidates, thresholds)
    assert len(expected) > 5
    assert list(zip(found.candidate.tolist(), found.labels.tolist(), strict=True)) == expected


def test_the_evaluation_thresholds_equal_torchvision_too():
    candidates = random_candidates(3, 400)
    found = select(candidates, EVALUATION_THRESHOLDS)
    assert len(found) == EVALUATION_THRESHOLDS.most
    expected = reference(candidates, EVALUATION_THRESHOLDS)
    assert list(zip(found.candidate.tolist(), found.labels.tolist(), strict=True)) == expected


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.floats(0, 1), st.floats(0, 1), st.booleans())
def test_what_is_kept_is_within_the_frame_above_the_score_and_sorted(seed, score, nms_iou, many):
    candidates = random_candidates(seed, 60)
    found = select(candidates, Thresholds(score=score, nms_iou=nms_iou, many_labels=many))
    x1, y1, x2, y2 = found.boxes_xyxy.T
    assert (x1 >= 0).all()
    assert (y1 >= 0).all()
    assert (x1 < x2).all()
    assert (y1 < y2).all()
    assert (x2 <= FRAME[0]).all()
    assert (y2 <= FRAME[1]).all()
    assert (found.scores > np.float32(score)).all()
    assert (np.diff(found.scores) <= 0).all()
    np.testing.assert_array_equal(found.scores, candidates.scores[found.candidate, found.labels])
    if not many:
        assert len(set(found.candidate.tolist())) == len(found)


def two_classes(scores):
    """Boxes far apart, so that NMS does nothing."""
    count = len(scores)
    boxes = np.float32([(30 * i, 10, 30 * i + 20, 40) for i in range(count)])
    return Candidates(boxes, np.float32(scores), np.arange(count, dtype=np.int32), FRAME)


def test_the_score_itself_is_not_enough():
    candidates = two_classes([(0.5, 0.0), (0.75, 0.0)])
    assert select(candidates, Thresholds(score=0.5)).candidate.tolist() == [1]


def test_a_class_may_have_a_score_of_its_own():
    candidates = two_classes([(0.4, 0.0), (0.0, 0.4)])
    assert select(candidates, Thresholds(score=0.5, class_scores={1: 0.3})).labels.tolist() == [1]
    assert select(candidates, Thresholds(score=0.3, class_scores={1: 0.5})).labels.tolist() == [0]


def test_the_class_filter_shows_the_best_of_what_is_left():
    candidates = two_classes([(0.9, 0.6), (0.8, 0.1)])
    assert select(candidates, Thresholds(labels=frozenset({1}))).labels.tolist() == [1]
    assert select(candidates, Thresholds(labels=frozenset({0}))).labels.tolist() == [0, 0]
    assert len(select(candidates, Thresholds(labels=frozenset()))) == 0


def test_of_two_boxes_of_one_class_the_better_stays_of_two_classes_both():
    boxes = np.float32([(10, 10, 60, 60), (12, 11, 61, 62)])
    origin = np.arange(2, dtype=np.int32)
    same = Candidates(boxes, np.float32([(0.6, 0), (0.9, 0)]), origin, FRAME)
    assert select(same, Thresholds()).candidate.tolist() == [1]
    different = Candidates(boxes, np.float32([(0.6, 0), (0, 0.9)]), origin, FRAME)
    assert select(different, Thresholds()).candidate.tolist() == [1, 0]


def test_at_most_so_many():
    candidates = random_candidates(4)
    every = select(candidates, Thresholds(score=0.05))
    few = select(candidates, Thresholds(score=0.05, most=3))
    np.testing.assert_array_equal(few.candidate, every.candidate[:3])


def test_a_box_outside_the_frame_is_dropped():
    candidates = two_classes([(0.9, 0), (0.8, 0)])
    outside = replace(candidates, boxes_xyxy=np.float32([(400, 10, 500, 60), (-50, -50, 30, 30)]))
    found = select(outside, Thresholds())
    assert found.boxes_xyxy.tolist() == [[0, 0, 30, 30]]
    assert found.candidate.tolist() == [1]


def test_nothing_in_nothing_out():
    assert len(select(Candidates.empty(CLASSES, FRAME), Thresholds())) == 0
    assert len(select(random_candidates(0), Thresholds(score=1.0))) == 0


def test_a_frame_of_one_pixel():
    candidates = Candidates(np.float32([(-9, -9, 9, 9)]), np.float32([(0.9,)]), np.zeros(1, np.int32), (1, 1))
    assert select(candidates, Thresholds()).boxes_xyxy.tolist() == [[0, 0, 1, 1]]


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"score": 1.5}, "score threshold is 1.5"),
        ({"score": float("nan")}, "score threshold is nan"),
        ({"nms_iou": -0.1}, "NMS IoU threshold is -0.1"),
        ({"class_scores": {3: 2.0}}, r"score \(class 3\) threshold is 2"),
    ],
)
def test_thresholds_out_of_range_are_named(options, named):
    with pytest.raises(OptionError, match=named):
        Thresholds(**options)


@pytest.mark.parametrize("limit", [None, 40])
@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.floats(0, 0.9), st.floats(0.01, 1), st.booleans(), st.integers(1, 60))
def test_raw_boxes_tell_what_select_does(limit, seed, score, nms_iou, many, most):
    candidates = random_candidates(seed, 60)
    thresholds = Thresholds(score=score, nms_iou=nms_iou, many_labels=many, most=most)
    raw = raw_boxes(candidates, thresholds) if limit is None else raw_boxes(candidates, thresholds, limit)
    found = select(candidates, thresholds)
    assert (np.diff(raw.scores) <= 0).all()
    np.testing.assert_array_equal(raw.scores, candidates.scores[raw.candidate, raw.labels])
    kept = np.flatnonzero(raw.kept)
    if limit is None:
        assert len(kept) == len(found)
    else:
        assert len(raw) <= limit
    np.testing.assert_array_equal(raw.candidate[kept], found.candidate[: len(kept)])
    np.testing.assert_array_equal(raw.labels[kept], found.labels[: len(kept)])
    np.testing.assert_array_equal(raw.boxes_xyxy[kept], found.boxes_xyxy[: len(kept)])
    for row in np.flatnonzero(~raw.kept & (raw.kept_by >= 0)):
        keeper = raw.kept_by[row]
        assert raw.kept[keeper]
        assert keeper < row
        assert raw.labels[keeper] == raw.labels[row]
        assert raw.scores[keeper] >= raw.scores[row]
        assert box_iou(raw.boxes_xyxy[[row]], raw.boxes_xyxy[[keeper]])[0, 0] > nms_iou - 1e-5
    if most >= len(found) + 1:
        assert (raw.kept_by >= 0).all()


def test_every_raw_box_of_a_heap_leads_to_its_one_keeper():
    boxes = np.float32([(10 + i, 10, 110 + i, 110) for i in range(5)] + [(200, 10, 300, 110)])
    scores = np.float32([(0.5, 0), (0.6, 0), (0.9, 0), (0.7, 0), (0, 0.8), (0.4, 0)])
    raw = raw_boxes(Candidates(boxes, scores, np.arange(6, dtype=np.int32), FRAME), Thresholds(score=0.3))
    assert raw.candidate.tolist() == [2, 4, 3, 1, 0, 5]
    assert raw.kept_by.tolist() == [0, 1, 0, 0, 0, 5]


def test_raw_boxes_of_nothing():
    assert len(raw_boxes(Candidates.empty(CLASSES, FRAME), Thresholds())) == 0
    assert len(raw_boxes(random_candidates(0), Thresholds(score=1.0))) == 0

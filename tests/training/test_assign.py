import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.networks.yolo import anchor_points
from detector.training.assign import AssignSettings, assign, pairwise_iou


def slow_iou(a, b):
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    inter = width * height
    return inter / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - inter)


def slow_assign(scores, boxes, centres, truth_boxes, truth_labels, top_k):
    """One photograph, box by box, as the paper tells it. -> owner [N] (-1 for none), target [N]."""
    count = len(centres)
    wishes = {n: [] for n in range(count)}
    metric = {}
    for m, (box, label) in enumerate(zip(truth_boxes, truth_labels, strict=True)):
        if label < 0:
            continue
        inside = [n for n, (x, y) in enumerate(centres) if min(x - box[0], y - box[1], box[2] - x, box[3] - y) > 0]
        for n in inside:
            metric[m, n] = scores[n][label] ** 0.5 * slow_iou(box, boxes[n]) ** 6
        for n in sorted(inside, key=lambda n: -metric[m, n])[:top_k]:
            wishes[n].append(m)
    owner = np.full(count, -1)
    for n, wanted in wishes.items():
        if wanted:
            owner[n] = max(wanted, key=lambda m: slow_iou(truth_boxes[m], boxes[n]))
    target = np.zeros(count)
    for m in range(len(truth_boxes)):
        mine = [n for n in range(count) if owner[n] == m]
        if mine:
            best_iou = max(slow_iou(truth_boxes[m], boxes[n]) for n in mine)
            best_metric = max(max(metric[m, n] for n in mine), 1e-12)
            for n in mine:
                target[n] = metric[m, n] / best_metric * best_iou
    return owner, target


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), truths=st.integers(0, 5), padding=st.integers(0, 2), top_k=st.integers(1, 12))
def test_assignment_equals_the_slow_one(seed, truths, padding, top_k):
    rng = np.random.default_rng(seed)
    points = anchor_points(64, 64)
    centres = points.centres_xy.numpy()
    count, classes = len(centres), 3
    scores = rng.uniform(0.05, 0.95, (2, count, classes)).astype(np.float32)
    # Every prediction covers its centre well, so that all metrics are above the tie-breaking epsilon.
    reach = rng.uniform(8, 40, (2, count, 4)).astype(np.float32)
    boxes = np.concatenate((centres - reach[..., :2], centres + reach[..., 2:]), axis=-1)
    corner = rng.uniform(-4, 40, (2, truths, 2))
    truth = np.concatenate((corner, corner + rng.uniform(6, 40, (2, truths, 2))), axis=-1).astype(np.float32)
    labels = rng.integers(0, classes, (2, truths))
    padded = np.concatenate((truth, np.zeros((2, padding + 1, 4), np.float32)), axis=1)
    padded_labels = np.concatenate((labels, np.full((2, padding + 1), -1)), axis=1)

    got = assign(
        torch.from_numpy(scores),
        torch.from_numpy(boxes),
        points.centres_xy,
        torch.from_numpy(padded),
        torch.from_numpy(padded_labels),
        AssignSettings(top_k=top_k),
    )
    for i in range(2):
        owner, target = slow_assign(scores[i], boxes[i], centres, padded[i], padded_labels[i], top_k)
        positive = owner >= 0
        np.testing.assert_array_equal(got.positive[i].numpy(), positive)
        np.testing.assert_allclose(got.boxes_xyxy[i].numpy()[positive], padded[i][owner[positive]])
        expected = np.zeros((count, classes))
        expected[positive, padded_labels[i][owner[positive]]] = target[positive]
        np.testing.assert_allclose(got.class_targets[i].numpy(), expected, rtol=1e-3, atol=1e-4)


def test_a_box_that_no_prediction_overlaps_still_gets_points():
    points = anchor_points(64, 64)
    nowhere = torch.full((1, len(points.strides), 4), 500.0)
    nowhere[..., 2:] += 1
    got = assign(
        torch.full((1, len(points.strides), 2), 0.01),
        nowhere,
        points.centres_xy,
        torch.tensor([[[8.0, 8.0, 56.0, 56.0]]]),
        torch.tensor([[1]]),
    )
    assert int(got.positive.sum()) == AssignSettings().top_k
    assert float(got.class_targets.sum()) == 0


def test_the_best_point_of_a_box_has_its_iou_as_target():
    points = anchor_points(64, 64)
    truth = torch.tensor([[[10.0, 10.0, 50.0, 50.0]]])
    boxes = truth.expand(1, len(points.strides), 4).clone()
    boxes[..., 2] = 60.0
    got = assign(
        torch.full((1, len(points.strides), 1), 0.5), boxes, points.centres_xy, truth, torch.zeros(1, 1).long()
    )
    assert float(got.class_targets.max()) == pytest.approx(0.8)


def test_pairwise_iou_equals_the_slow_one():
    rng = np.random.default_rng(0)
    corner = rng.uniform(0, 20, (2, 7, 2))
    boxes = np.concatenate((corner, corner + rng.uniform(0, 20, (2, 7, 2))), axis=-1)
    got = pairwise_iou(torch.from_numpy(boxes[:, :3]), torch.from_numpy(boxes))
    for i in range(2):
        for m in range(3):
            for n in range(7):
                assert float(got[i, m, n]) == pytest.approx(slow_iou(boxes[i, m], boxes[i, n]))

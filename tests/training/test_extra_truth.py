import torch

from detector.training.extra_truth import add_missing, sure_boxes
from detector.training.loader import Batch
from detector.training.losses import TeacherAnswer


def batch_of(boxes, labels):
    images = torch.zeros(len(boxes), 3, 64, 64, dtype=torch.uint8)
    return Batch(images, torch.tensor(boxes, dtype=torch.float32), torch.tensor(labels))


def answer_of(*views, classes=3):
    """Each view a list of (box, label, score)."""
    count = max(len(view) for view in views)
    scores, boxes = torch.zeros(len(views), count, classes), torch.zeros(len(views), count, 4)
    for i, view in enumerate(views):
        for n, (box, label, score) in enumerate(view):
            scores[i, n, label] = score
            boxes[i, n] = torch.tensor(box, dtype=torch.float32)
    return TeacherAnswer(scores, boxes)


def truths(batch, i):
    real = batch.labels[i] >= 0
    return list(zip(batch.labels[i, real].tolist(), batch.boxes_xyxy[i, real].tolist(), strict=True))


def test_a_sure_box_where_nothing_stands_is_added_in_the_views_pixels():
    batch = batch_of([[[0, 0, 10, 10], [0, 0, 0, 0]]], [[1, -1]])
    got = add_missing(batch, answer_of([((80, 80, 120, 100), 2, 0.9)]), scale=2.0)
    assert truths(got, 0) == [(1, [0, 0, 10, 10]), (2, [40, 40, 60, 50])]


def test_unsure_boxes_and_doubles_are_not_added():
    batch = batch_of([[[0, 0, 10, 10]]], [[1]])
    views = [((80, 80, 120, 100), 2, 0.39), ((0, 60, 40, 100), 0, 0.8), ((2, 62, 42, 102), 0, 0.7)]
    assert truths(add_missing(batch, answer_of(views), 2.0), 0)[1:] == [(0, [0, 30, 20, 50])]


def test_a_box_of_the_class_that_stands_there_already_is_not_added():
    batch = batch_of([[[0, 0, 40, 40]]], [[1]])
    same, part, other_class = (
        ((0, 0, 80, 70), 1, 0.9),
        ((10, 10, 30, 30), 1, 0.9),
        ((0, 0, 80, 80), 2, 0.9),
    )
    assert truths(add_missing(batch, answer_of([same, part]), 2.0), 0) == [(1, [0, 0, 40, 40])]
    assert len(truths(add_missing(batch, answer_of([other_class]), 2.0), 0)) == 2


def test_views_get_lists_of_their_own_length():
    batch = batch_of([[[0, 0, 10, 10]], [[0, 0, 0, 0]]], [[1], [-1]])
    got = add_missing(batch, answer_of([], [((80, 80, 120, 100), 2, 0.9), ((0, 0, 40, 40), 0, 0.9)]), 2.0)
    assert got.labels.tolist() == [[1, -1], [2, 0]]
    assert got.boxes_xyxy.shape == (2, 2, 4)


def test_nothing_anywhere_leaves_the_batch_as_it_is():
    batch = batch_of([[[0, 0, 0, 0]]], [[-1]])
    assert add_missing(batch, answer_of([((0, 0, 9, 9), 0, 0.1)]), 2.0) is batch


def test_boxes_without_an_inside_are_no_boxes():
    boxes, labels = sure_boxes(torch.tensor([[0.9]]), torch.tensor([[64.0, 3.0, 64.0, 20.0]]))
    assert len(boxes) == len(labels) == 0

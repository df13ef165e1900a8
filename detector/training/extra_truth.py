"""The teacher's boxes from a larger view, for what the annotations left out."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence
from torchvision.ops import batched_nms

from detector.training.loader import Batch
from detector.training.losses import TeacherAnswer

SURE_SCORE = 0.4
NMS_IOU = 0.5
SAME_OBJECT = 0.5
MIN_SIDE_PX = 2.0


def add_missing(batch: Batch, answer: TeacherAnswer, scale: float) -> Batch:
    """The batch with the teacher's sure boxes as further ground truth where no box of their class stands.

    Two boxes of a class are taken as the same object when they share at least half of the smaller one, so that a
    teacher's box around a part or a group adds nothing.

    Args:
        answer: of the larger views, in their pixels.
        scale: the larger views' side over the views'.
    """
    boxes, labels = [], []
    for i in range(len(batch.labels)):
        real = batch.labels[i] >= 0
        own_boxes, own_labels = batch.boxes_xyxy[i, real], batch.labels[i, real]
        size = batch.images.shape[-1]
        found_boxes, found_labels = sure_boxes(answer.scores[i], (answer.boxes_xyxy[i] / scale).clamp(0, size))
        new = ~same_object(found_boxes, found_labels, own_boxes, own_labels)
        boxes.append(torch.cat((own_boxes, found_boxes[new])))
        labels.append(torch.cat((own_labels, found_labels[new])))
    if not max(len(own) for own in labels):
        return batch
    return Batch(
        batch.images,
        pad_sequence(boxes, batch_first=True),
        pad_sequence(labels, batch_first=True, padding_value=-1),
        batch.large,
    )


def sure_boxes(scores: Tensor, boxes_xyxy: Tensor) -> tuple[Tensor, Tensor]:
    """Boxes `[K, 4]` and labels `[K]` of one view that score at least `SURE_SCORE`, after NMS within each class."""
    solid = (boxes_xyxy[:, 2:] - boxes_xyxy[:, :2]).amin(dim=1) >= MIN_SIDE_PX
    points, labels = ((scores >= SURE_SCORE) & solid[:, None]).nonzero(as_tuple=True)
    kept = batched_nms(boxes_xyxy[points], scores[points, labels], labels, NMS_IOU)
    return boxes_xyxy[points[kept]], labels[kept]


def same_object(found_xyxy: Tensor, found_labels: Tensor, own_xyxy: Tensor, own_labels: Tensor) -> Tensor:
    """bool `[K]`: whether each found box `[K, 4]` shares at least half of the smaller with an own box of its class."""
    if len(own_xyxy) == 0 or len(found_xyxy) == 0:
        return torch.zeros(len(found_xyxy), dtype=torch.bool)
    top_left = torch.maximum(found_xyxy[:, None, :2], own_xyxy[None, :, :2])
    bottom_right = torch.minimum(found_xyxy[:, None, 2:], own_xyxy[None, :, 2:])
    shared = (bottom_right - top_left).clamp(min=0).prod(dim=-1)  # [K, M]
    areas = [(box[:, 2:] - box[:, :2]).prod(dim=-1) for box in (found_xyxy, own_xyxy)]
    smaller = torch.minimum(areas[0][:, None], areas[1][None])
    overlaps = (shared >= SAME_OBJECT * smaller) & (found_labels[:, None] == own_labels[None])
    return overlaps.any(dim=1)

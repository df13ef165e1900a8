"""The losses: ground truth by task-aligned assignment, and the teacher's answers at every anchor point."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F
from torchvision.ops import generalized_box_iou_loss

from detector.networks.yolo import AnchorPoints, YoloOutput
from detector.training.assign import assign


@dataclass(frozen=True)
class LossWeights:
    """How much each loss counts; a teacher's only where there is one, the hints' only above 0."""

    truth_class: float = 1.0
    truth_box: float = 2.0
    teacher_class: float = 1.0
    teacher_box: float = 2.0
    hint: float = 0.0
    imagenet_hint: float = 0.0


@dataclass(frozen=True)
class TeacherAnswer:
    """What the teacher says of the same view at the same anchor points: scores `[B, N, C]`, boxes_xyxy `[B, N, 4]`."""

    scores: Tensor
    boxes_xyxy: Tensor


TEACHER_BOX_FLOOR = 0.1
Normaliser = Callable[[Tensor], Tensor]
"""From a batch's sum of weights to what its losses are divided by; data-parallel training sums over all processes."""


def at_least_one(total: Tensor) -> Tensor:
    """The sum of weights, but never below 1, so that a batch without objects stays finite."""
    return total.clamp(min=1.0)


def truth_loss(
    output: YoloOutput,
    points: AnchorPoints,
    truth_boxes_xyxy: Tensor,
    truth_labels: Tensor,
    teacher: TeacherAnswer | None = None,
    normalise: Normaliser = at_least_one,
) -> dict[str, Tensor]:
    """Binary cross-entropy on soft class targets and GIoU (Rezatofighi et al., 1902.09630) on assigned boxes.

    Where a teacher sees a class that the ground truth leaves out, the "background" half of the loss steps back by the
    teacher's score, so that one logit never gets two opposite targets.
    """
    assignment = assign(
        output.class_logits.detach().sigmoid(),
        output.boxes_xyxy.detach(),
        points.centres_xy,
        truth_boxes_xyxy,
        truth_labels,
    )
    targets = assignment.class_targets
    normaliser = normalise(targets.sum())
    bce = F.binary_cross_entropy_with_logits(output.class_logits, targets, reduction="none")
    # Varifocal weighting (Zhang et al., 2008.13367, equation 2): easy background counts little.
    weight = torch.where(targets > 0, targets, 0.75 * output.class_logits.detach().sigmoid() ** 2)
    if teacher is not None:
        weight = torch.where(targets > 0, weight, weight * (1 - teacher.scores))
    class_loss = (bce * weight).sum() / normaliser

    positive = assignment.positive
    box_weight = targets.sum(dim=-1)[positive]  # [P]
    giou = generalized_box_iou_loss(output.boxes_xyxy[positive], assignment.boxes_xyxy[positive], reduction="none")
    return {"truth_class": class_loss, "truth_box": (giou * box_weight).sum() / normaliser}


def teacher_loss(output: YoloOutput, teacher: TeacherAnswer, normalise: Normaliser = at_least_one) -> dict[str, Tensor]:
    """Dense distillation: binary cross-entropy at every point weighted by |p - t|, GIoU weighted by the score."""
    scores = output.class_logits.detach().sigmoid()
    weight = (scores - teacher.scores).abs()
    bce = F.binary_cross_entropy_with_logits(output.class_logits, teacher.scores, reduction="none")
    class_loss = (bce * weight).sum() / normalise(weight.sum())

    best_scores = teacher.scores.amax(dim=-1)  # [B, N]
    sure = best_scores > TEACHER_BOX_FLOOR
    giou = generalized_box_iou_loss(output.boxes_xyxy[sure], teacher.boxes_xyxy[sure], reduction="none")
    box_loss = (giou * best_scores[sure]).sum() / normalise(best_scores[sure].sum())
    return {"teacher_class": class_loss, "teacher_box": box_loss}


def hint_loss(students: list[Tensor], teachers: list[Tensor]) -> Tensor:
    """Feature hint by Pearson correlation (PKD, Cao et al., 2207.02039): 1 - r per channel, mean over the levels.

    Args: two lists of `[B, C, h, w]` with equal shapes.
    """
    losses = []
    for student, teacher in zip(students, teachers, strict=True):
        correlation = (_standardised(student) * _standardised(teacher)).mean(dim=1)  # [C]
        losses.append((1 - correlation).mean())
    return torch.stack(losses).mean()


def _standardised(x: Tensor) -> Tensor:
    """Zero mean and unit variance per channel over the batch: `[B, C, h, w]` -> `[C, B * h * w]`."""
    flat = x.float().transpose(0, 1).flatten(1)
    flat = flat - flat.mean(dim=1, keepdim=True)
    return flat / flat.std(dim=1, keepdim=True, correction=0).clamp(min=1e-6)

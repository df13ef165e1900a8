"""Which anchor points answer for which ground-truth box.

Task-aligned assignment (Feng et al., TOOD, 2108.07755, section 3.2): a point is good for a box when it scores the box's
class *and* places the box well, `score^alpha * IoU^beta`. Each box takes its best `top_k` points among those whose
centre lies inside it; a point wanted by several boxes goes to the one it overlaps most.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class AssignSettings:
    """The exponents of the metric and how many points a box takes."""

    top_k: int = 10
    alpha: float = 0.5
    beta: float = 6.0


@dataclass(frozen=True)
class Assignment:
    """class_targets `[B, N, C]` in 0..1 (soft: the best point of a box gets its IoU); boxes_xyxy `[B, N, 4]`;
    positive bool `[B, N]`."""

    class_targets: Tensor
    boxes_xyxy: Tensor
    positive: Tensor


def pairwise_iou(a_xyxy: Tensor, b_xyxy: Tensor) -> Tensor:
    """IoU of every pair, batched: `[B, M, 4]`, `[B, N, 4]` -> `[B, M, N]` (torchvision's box_iou takes no batch)."""
    top_left = torch.maximum(a_xyxy[:, :, None, :2], b_xyxy[:, None, :, :2])
    bottom_right = torch.minimum(a_xyxy[:, :, None, 2:], b_xyxy[:, None, :, 2:])
    inter = (bottom_right - top_left).clamp_(min=0).prod(dim=-1)
    area_a = (a_xyxy[..., 2:] - a_xyxy[..., :2]).prod(dim=-1)
    area_b = (b_xyxy[..., 2:] - b_xyxy[..., :2]).prod(dim=-1)
    return inter / (area_a[:, :, None] + area_b[:, None, :] - inter).clamp_(min=1e-9)


@torch.no_grad()
def assign(
    scores: Tensor,
    boxes_xyxy: Tensor,
    centres_xy: Tensor,
    truth_boxes_xyxy: Tensor,
    truth_labels: Tensor,
    settings: AssignSettings | None = None,
) -> Assignment:
    """Assign ground truth to anchor points.

    Args:
        scores: `[B, N, C]` predicted, 0..1. boxes_xyxy: `[B, N, 4]` predicted.
        centres_xy: `[N, 2]` of the anchor points.
        truth_boxes_xyxy: `[B, M, 4]`. truth_labels: `[B, M]`, -1 for padding.
    """
    settings = settings or AssignSettings()
    batch, count, classes = scores.shape
    real = truth_labels >= 0  # [B, M]
    labels = truth_labels.clamp(min=0)

    iou = pairwise_iou(truth_boxes_xyxy, boxes_xyxy)  # [B, M, N]
    class_score = scores.transpose(1, 2).gather(1, labels[..., None].expand(-1, -1, count))  # [B, M, N]
    metric = class_score.clamp(min=1e-9) ** settings.alpha * iou**settings.beta

    to_left_top = centres_xy[None, None] - truth_boxes_xyxy[:, :, None, :2]  # [B, M, N, 2]
    to_right_bottom = truth_boxes_xyxy[:, :, None, 2:] - centres_xy[None, None]
    inside = torch.minimum(to_left_top, to_right_bottom).amin(dim=-1) > 0  # [B, M, N]
    candidate = inside & real[..., None]
    metric = torch.where(candidate, metric, torch.zeros_like(metric))

    # A small epsilon lets a box that no prediction overlaps yet still take points inside it.
    best = torch.topk(metric + candidate * 1e-12, min(settings.top_k, count), dim=-1).indices
    chosen = torch.zeros_like(candidate).scatter_(2, best, True) & candidate

    wanted = torch.where(chosen, iou, iou.new_full((), -1.0))
    owner_iou, owner = wanted.max(dim=1)  # [B, N]
    positive = owner_iou >= 0
    chosen &= torch.arange(chosen.shape[1], device=chosen.device)[None, :, None] == owner[:, None]

    # TOOD section 3.3: the metric is rescaled so that a box's best point has its IoU as target.
    metric = torch.where(chosen, metric, torch.zeros_like(metric))
    peak_metric = metric.amax(dim=-1, keepdim=True).clamp(min=1e-12)
    peak_iou = torch.where(chosen, iou, torch.zeros_like(iou)).amax(dim=-1, keepdim=True)
    target = (metric / peak_metric * peak_iou).gather(1, owner[:, None]).squeeze(1)  # [B, N]

    label = labels.gather(1, owner)  # [B, N]
    class_targets = scores.new_zeros(batch, count, classes)
    class_targets.scatter_(2, label[..., None], (target * positive)[..., None])
    boxes = truth_boxes_xyxy.gather(1, owner[..., None].expand(-1, -1, 4))
    return Assignment(class_targets, boxes, positive)

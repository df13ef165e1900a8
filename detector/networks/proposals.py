"""What every Faster R-CNN here does alike around torchvision's region proposal network (RPN)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.rpn import RegionProposalNetwork, concat_box_prediction_layers


def propose(rpn: RegionProposalNetwork, images: ImageList, levels: list[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
    """The first look: boxes `[P_i, 4]` in input pixels and objectness `[P_i]`, 0..1, of each image, best first.

    torchvision's RPN keeps the objectness to itself, hence its steps one by one.
    """
    logits, deltas = ([x.float() for x in out] for out in rpn.head(levels))
    anchors = rpn.anchor_generator(images, levels)
    per_level = [one[0].numel() for one in logits]
    objectness, flat_deltas = concat_box_prediction_layers(logits, deltas)
    boxes = rpn.box_coder.decode(flat_deltas, anchors).view(len(anchors), -1, 4)  # [B, all anchors, 4]
    found: tuple[list[Tensor], list[Tensor]] = rpn.filter_proposals(boxes, objectness, images.image_sizes, per_level)
    return found


def filled(rows: Sequence[Tensor], most: int) -> Tensor:
    """Rows `[P_i, ...]` of each image -> `[B, most, ...]`, zeros behind the real ones."""
    return torch.stack([F.pad(one, (0, 0) * (one.ndim - 1) + (0, most - len(one))) for one in rows])

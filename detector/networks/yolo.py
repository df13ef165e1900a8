"""VGG-YOLO: one look at the frame gives every box (Redmon et al., 1506.02640), in today's anchor-free form.

VGG backbone -> a small top-down and bottom-up neck (PANet, 1803.01534) over strides 8, 16, 32 -> a decoupled head
shared by the levels (YOLOX, 2107.08430; FCOS, 1904.01355). Each cell of each level is an *anchor point*: it gives
class logits and the distances from its centre to the four sides of a box.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from detector.networks.pyramid import LEVEL_STRIDES, NECK_CHANNELS, level_maps, neck_on
from detector.networks.vgg import VGG, VGG_STAGES, ConvBNReLU

CLASS_PRIOR = 0.01


class YoloOutput(NamedTuple):
    """What one look gives, for every anchor point, levels in the order of `LEVEL_STRIDES`, cells row by row.

    class_logits: `[B, N, C]`; a sigmoid makes scores of them.
    boxes_xyxy: `[B, N, 4]` in pixels of the network's input, not clipped.
    """

    class_logits: Tensor
    boxes_xyxy: Tensor


@dataclass(frozen=True)
class AnchorPoints:
    """Centres and strides of all anchor points. centres_xy `[N, 2]` in input pixels, strides `[N]`."""

    centres_xy: Tensor
    strides: Tensor


def anchor_points(height: int, width: int, device: torch.device | None = None) -> AnchorPoints:
    """Anchor points of an input of `height` x `width` pixels (multiples of 32), in the order of `YoloOutput`."""
    centres, strides = [], []
    for stride in LEVEL_STRIDES:
        ys = (torch.arange(height // stride, device=device, dtype=torch.float32) + 0.5) * stride
        xs = (torch.arange(width // stride, device=device, dtype=torch.float32) + 0.5) * stride
        grid_y, grid_x = torch.meshgrid(ys, xs, indexing="ij")
        centres.append(torch.stack((grid_x, grid_y), dim=-1).reshape(-1, 2))  # [h * w, 2]
        strides.append(torch.full((len(ys) * len(xs),), float(stride), device=device))
    return AnchorPoints(torch.cat(centres), torch.cat(strides))


class Head(nn.Module):
    """Class logits and box distances of each anchor point; one set of kernels serves all three levels."""

    def __init__(self, class_count: int, channels: int = NECK_CHANNELS) -> None:
        super().__init__()
        self.class_tower = nn.Sequential(ConvBNReLU(channels, channels), ConvBNReLU(channels, channels))
        self.box_tower = nn.Sequential(ConvBNReLU(channels, channels), ConvBNReLU(channels, channels))
        self.class_logits = nn.Conv2d(channels, class_count, 1)
        self.distances = nn.Conv2d(channels, 4, 1)
        self.level_scale = nn.Parameter(torch.ones(len(LEVEL_STRIDES)))
        # Focal loss' prior (Lin et al., 1708.02002, section 3.3): at the start every class is rare.
        assert self.class_logits.bias is not None
        nn.init.constant_(self.class_logits.bias, -math.log((1 - CLASS_PRIOR) / CLASS_PRIOR))

    def forward(self, levels: list[Tensor]) -> tuple[Tensor, Tensor]:
        """Maps `[B, channels, h_i, w_i]` -> logits `[B, N, C]`, distances l, t, r, b `[B, N, 4]` in strides, >= 0."""
        logits, distances = [], []
        for level, x in enumerate(levels):
            logits.append(self.class_logits(self.class_tower(x)).flatten(2))  # [B, C, h * w]
            raw = self.distances(self.box_tower(x)).flatten(2)  # [B, 4, h * w]
            distances.append(F.softplus(raw.float() * self.level_scale[level]))
        return torch.cat(logits, dim=2).transpose(1, 2), torch.cat(distances, dim=2).transpose(1, 2)


class VGGYolo(nn.Module):
    """The whole detector. Input `[B, 3, H, W]` RGB in 0..1, H and W multiples of 32.

    Args:
        backbone: a name in `VGG_STAGES`.

    Raises:
        ValueError: the backbone has no feature map at one of `LEVEL_STRIDES`.
    """

    class_layer = "head.class_logits."

    def __init__(self, class_count: int, backbone: str = "vgg-slim") -> None:
        super().__init__()
        self.class_count = class_count
        self.backbone = VGG(VGG_STAGES[backbone])
        self.neck = neck_on(self.backbone)
        self.head = Head(class_count)

    @torch.no_grad()
    def calibrate(self, scale: Tensor, shift: Tensor) -> None:
        """Make of every score `sigmoid(scale * logit(score) + shift)`, in place; `[C]` each.

        The class layer gives logits, so it takes the map in and nothing has to be computed afterwards.
        """
        layer = self.head.class_logits
        assert layer.bias is not None
        layer.weight.mul_(scale[:, None, None, None])
        layer.bias.mul_(scale).add_(shift)

    def levels(self, images: Tensor) -> list[Tensor]:
        """The neck's maps, `[B, 64, H / stride, W / stride]` at each of `LEVEL_STRIDES`."""
        return self.neck(*level_maps(self.backbone, images))

    def forward(self, images: Tensor) -> YoloOutput:
        return self.decode(self.levels(images), images.shape[-2:])

    def decode(self, levels: list[Tensor], size_hw: Sequence[int]) -> YoloOutput:
        """The head's answer to the neck's maps of an input of `size_hw` pixels."""
        logits, distances = self.head(levels)
        points = anchor_points(size_hw[0], size_hw[1], logits.device)
        sides = distances * points.strides[:, None]  # [B, N, 4]
        boxes = torch.cat((points.centres_xy - sides[..., :2], points.centres_xy + sides[..., 2:]), dim=-1)
        return YoloOutput(logits.float(), boxes)

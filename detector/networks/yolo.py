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

from detector.networks.vgg import VGG, VGG_STAGES, ConvBNReLU

LEVEL_STRIDES = (8, 16, 32)
NECK_CHANNELS = 64
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


class Neck(nn.Module):
    """Mixes the levels: meaning flows down from stride 32, place flows back up from stride 8."""

    def __init__(self, in_channels: Sequence[int], channels: int = NECK_CHANNELS) -> None:
        super().__init__()
        self.lateral3 = nn.Conv2d(in_channels[0], channels, 1)
        self.lateral4 = nn.Conv2d(in_channels[1], channels, 1)
        self.lateral5 = nn.Conv2d(in_channels[2], channels, 1)
        self.topdown5 = ConvBNReLU(channels, channels)
        self.topdown4 = ConvBNReLU(channels, channels)
        self.topdown3 = ConvBNReLU(channels, channels)
        self.downsample3 = ConvBNReLU(channels, channels, stride=2)
        self.downsample4 = ConvBNReLU(channels, channels, stride=2)
        self.bottomup4 = ConvBNReLU(channels, channels)
        self.bottomup5 = ConvBNReLU(channels, channels)

    def forward(self, c3: Tensor, c4: Tensor, c5: Tensor) -> list[Tensor]:
        """Stage outputs at strides 8, 16, 32 -> three maps of `channels` channels at the same strides."""
        m5 = self.lateral5(c5)
        p5 = self.topdown5(m5)
        p4 = self.topdown4(self.lateral4(c4) + _double(m5))
        p3 = self.topdown3(self.lateral3(c3) + _double(p4))
        n4 = self.bottomup4(p4 + self.downsample3(p3))
        n5 = self.bottomup5(p5 + self.downsample4(n4))
        return [p3, n4, n5]


def _double(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2.0, mode="nearest")


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
        backbone: a name in `VGG_STAGES`. Canonical VGGs end at stride 16; the last level then sees their last stage
            after one more 2x2 max pooling, as torchvision's `features` end.

    Raises:
        ValueError: the backbone has no feature map at one of `LEVEL_STRIDES`.
    """

    def __init__(self, class_count: int, backbone: str = "vgg-slim") -> None:
        super().__init__()
        self.class_count = class_count
        self.backbone = VGG(VGG_STAGES[backbone])
        self.pools_last_stage = self.backbone.strides[-1] * 2 == LEVEL_STRIDES[-1]
        channels = dict(zip(self.backbone.strides, self.backbone.channels, strict=True))
        if self.pools_last_stage:
            channels[LEVEL_STRIDES[-1]] = self.backbone.channels[-1]
        for stride in LEVEL_STRIDES:
            if stride not in channels:
                raise ValueError(f"the backbone {backbone} has no feature map at stride {stride}, which VGG-YOLO needs")
        self.neck = Neck([channels[stride] for stride in LEVEL_STRIDES])
        self.head = Head(class_count)

    def levels(self, images: Tensor) -> list[Tensor]:
        """The neck's maps, `[B, 64, H / stride, W / stride]` at each of `LEVEL_STRIDES`."""
        features = dict(zip(self.backbone.strides, self.backbone(images), strict=True))
        if self.pools_last_stage:
            features[LEVEL_STRIDES[-1]] = self.backbone.pool(features[self.backbone.strides[-1]])
        c3, c4, c5 = (features[stride] for stride in LEVEL_STRIDES)
        return self.neck(c3, c4, c5)

    def forward(self, images: Tensor) -> YoloOutput:
        return self.decode(self.levels(images), images.shape[-2:])

    def decode(self, levels: list[Tensor], size_hw: Sequence[int]) -> YoloOutput:
        """The head's answer to the neck's maps of an input of `size_hw` pixels."""
        logits, distances = self.head(levels)
        points = anchor_points(size_hw[0], size_hw[1], logits.device)
        sides = distances * points.strides[:, None]  # [B, N, 4]
        boxes = torch.cat((points.centres_xy - sides[..., :2], points.centres_xy + sides[..., 2:]), dim=-1)
        return YoloOutput(logits.float(), boxes)

"""The small pyramid that one-stage and two-stage networks share: a VGG's maps at strides 8, 16, 32, mixed by a neck."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional as F

from detector.networks.vgg import VGG, ConvBNReLU

LEVEL_STRIDES = (8, 16, 32)
NECK_CHANNELS = 64


class Neck(nn.Module):
    """Mixes the levels (PANet, 1803.01534): meaning flows down from stride 32, place flows back up from stride 8."""

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


def neck_on(backbone: VGG) -> Neck:
    """A neck for the maps that `level_maps` takes from this backbone.

    Raises:
        ValueError: the backbone has no map at one of `LEVEL_STRIDES`.
    """
    channels = dict(zip(backbone.strides, backbone.channels, strict=True))
    if _pools_last_stage(backbone):
        channels[LEVEL_STRIDES[-1]] = backbone.channels[-1]
    for stride in LEVEL_STRIDES:
        if stride not in channels:
            raise ValueError(f"the backbone has no feature map at stride {stride}, which the neck needs")
    return Neck([channels[stride] for stride in LEVEL_STRIDES])


def level_maps(backbone: VGG, images: Tensor) -> list[Tensor]:
    """The backbone's maps `[B, C_i, H / stride, W / stride]` at each of `LEVEL_STRIDES`.

    Canonical VGGs end at stride 16; the last level then is their last stage after one more 2x2 max pooling, as
    torchvision's `features` end.
    """
    features = dict(zip(backbone.strides, backbone(images), strict=True))
    if _pools_last_stage(backbone):
        features[LEVEL_STRIDES[-1]] = backbone.pool(features[backbone.strides[-1]])
    return [features[stride] for stride in LEVEL_STRIDES]


def _pools_last_stage(backbone: VGG) -> bool:
    return backbone.strides[-1] * 2 == LEVEL_STRIDES[-1]

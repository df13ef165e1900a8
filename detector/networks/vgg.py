"""The VGG backbone: stacks of 3x3 convolutions between 2x2 max poolings.

Simonyan & Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition" (1409.1556), section 2.1 and
table 1. One class builds the canonical VGG-11/13/16 and VGG-slim, the narrow one that runs in real time on a CPU; what
tells them apart is a table of stages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

Entry = Literal["plain", "stride", "pool"]


@dataclass(frozen=True)
class Stage:
    """A run of 3x3 convolutions at one stride.

    `entry` says how the stage meets its input: "plain" keeps the size, "stride" halves it in the first convolution,
    "pool" halves it by 2x2 max pooling before the first convolution.
    """

    entry: Entry
    channels: tuple[int, ...]


VGG_STAGES: Mapping[str, tuple[Stage, ...]] = {
    "vgg11": (
        Stage("plain", (64,)),
        Stage("pool", (128,)),
        Stage("pool", (256,) * 2),
        Stage("pool", (512,) * 2),
        Stage("pool", (512,) * 2),
    ),
    "vgg13": (
        Stage("plain", (64,) * 2),
        Stage("pool", (128,) * 2),
        Stage("pool", (256,) * 2),
        Stage("pool", (512,) * 2),
        Stage("pool", (512,) * 2),
    ),
    "vgg16": (
        Stage("plain", (64,) * 2),
        Stage("pool", (128,) * 2),
        Stage("pool", (256,) * 3),
        Stage("pool", (512,) * 3),
        Stage("pool", (512,) * 3),
    ),
    "vgg-slim": (
        Stage("stride", (32,) * 2),
        Stage("pool", (64,) * 3),
        Stage("pool", (128,) * 3),
        Stage("pool", (256,) * 3),
        Stage("pool", (256,) * 2),
    ),
}


class ConvBNReLU(nn.Module):
    """3x3 convolution, batch norm (Ioffe & Szegedy, 1502.03167), ReLU. `folded()` tells whether the norm is gone."""

    def __init__(self, in_channels: int, out_channels: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, 3, stride=stride, padding=1, bias=False)
        self.bn: nn.Module = nn.BatchNorm2d(out_channels)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        """`[B, Cin, H, W]` -> `[B, Cout, ceil(H / stride), ceil(W / stride)]`."""
        return self.relu(self.bn(self.conv(x)))

    def folded(self) -> bool:
        return isinstance(self.bn, nn.Identity)

    def fold(self) -> None:
        """Move the batch norm's running statistics into the convolution. Only right outside training."""
        if isinstance(self.bn, nn.BatchNorm2d):
            self.conv = fuse_conv_bn_eval(self.conv.eval(), self.bn.eval())
            self.bn = nn.Identity()


class VGG(nn.Module):
    """A VGG backbone that returns the last feature map of every stage.

    Args:
        stages: the table, for example `VGG_STAGES["vgg-slim"]`.

    Shapes: `[B, 3, H, W]` -> one `[B, C_i, H / strides[i], W / strides[i]]` per stage; H and W multiples of the last
    stride.
    """

    def __init__(self, stages: tuple[Stage, ...]) -> None:
        super().__init__()
        self.stages = stages
        self.strides: tuple[int, ...] = ()
        in_channels, stride = 3, 1
        for number, stage in enumerate(stages, start=1):
            convs = nn.Sequential()
            for out_channels in stage.channels:
                first_strided = stage.entry == "stride" and len(convs) == 0
                convs.append(ConvBNReLU(in_channels, out_channels, stride=2 if first_strided else 1))
                in_channels = out_channels
            self.add_module(f"stage{number}", convs)
            stride *= 1 if stage.entry == "plain" else 2
            self.strides += (stride,)
        self.pool = nn.MaxPool2d(2)

    @property
    def channels(self) -> tuple[int, ...]:
        """Channels of each stage's output."""
        return tuple(stage.channels[-1] for stage in self.stages)

    def forward(self, x: Tensor) -> list[Tensor]:
        features = []
        for number, stage in enumerate(self.stages, start=1):
            if stage.entry == "pool":
                x = self.pool(x)
            x = self.get_submodule(f"stage{number}")(x)
            features.append(x)
        return features

    def load_torchvision(self, state_dict: Mapping[str, Tensor]) -> None:
        """Take over the convolutions and batch norms of torchvision's `vgg11_bn`, `vgg13_bn` or `vgg16_bn`.

        torchvision keeps them in one `features` Sequential, bias in the convolution; ours has no bias there, so it goes
        into the running mean: `bn(conv(x) + bias)` equals a norm of `conv(x)` around `mean - bias`.

        Raises:
            ValueError: the state dict does not fit this table of stages.
        """
        prefix = "features."
        convs = [k for k, v in state_dict.items() if k.startswith(prefix) and k.endswith(".weight") and v.ndim == 4]
        blocks = [block for block in self.modules() if isinstance(block, ConvBNReLU)]
        if len(convs) != len(blocks):
            raise ValueError(f"expected {len(blocks)} convolutions in the state dict, found {len(convs)}")
        for block, key in zip(blocks, convs, strict=True):
            index = int(key.removeprefix(prefix).split(".")[0])
            norm = f"{prefix}{index + 1}."
            weight = state_dict[key]
            if weight.shape != block.conv.weight.shape:
                raise ValueError(f"{key} is {tuple(weight.shape)}, expected {tuple(block.conv.weight.shape)}")
            if norm + "running_mean" not in state_dict:
                raise ValueError(f"{key} has no batch norm behind it; the state dict must be of a vgg*_bn")
            block.conv.weight.data.copy_(weight)
            block.bn.load_state_dict(
                {
                    "weight": state_dict[norm + "weight"],
                    "bias": state_dict[norm + "bias"],
                    "running_mean": state_dict[norm + "running_mean"] - state_dict[f"{prefix}{index}.bias"],
                    "running_var": state_dict[norm + "running_var"],
                    "num_batches_tracked": torch.tensor(0),
                }
            )


def fold_batch_norm(network: nn.Module) -> nn.Module:
    """Fold every batch norm of `network` into its convolution, in place, for running. Returns `network`."""
    network.eval()
    for module in network.modules():
        if isinstance(module, ConvBNReLU):
            module.fold()
    return network

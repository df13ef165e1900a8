"""What of the frame made a unit fire: its activation sent back down to the pixels.

Two rules of sending back, which differ from the gradient only in the ReLUs. Max pooling's own backward pass *is*
unpooling by switches - each value goes back to the place that won - and a convolution's *is* the transposed filter.

deconvnet: what goes down is rectified, whatever the ReLU let through on the way up (Zeiler & Fergus, 1311.2901,
section 2.1). guided: rectified, and only where the ReLU let something through (Springenberg et al., 1412.6806,
section 3.4).
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from detector.inspection.network_copy import run_watched, shared_copy
from detector.inspection.targets import UnitTarget

Rule = Literal["deconvnet", "guided"]
MID_GRAY = 127.5


class _Deconvnet(torch.autograd.Function):
    @staticmethod
    def forward(context: Any, x: Tensor) -> Tensor:
        return x.relu()

    @staticmethod
    def backward(context: Any, *signal: Tensor) -> Tensor:
        return signal[0].relu()


class _Guided(torch.autograd.Function):
    @staticmethod
    def forward(context: Any, x: Tensor) -> Tensor:
        context.save_for_backward(x > 0)
        return x.relu()

    @staticmethod
    def backward(context: Any, *signal: Tensor) -> Tensor:
        (passed,) = context.saved_tensors
        return signal[0].relu() * passed


class RuledReLU(nn.Module):
    """A ReLU with another way back."""

    def __init__(self, rule: Rule) -> None:
        super().__init__()
        self.rule: Rule = rule

    def forward(self, x: Tensor) -> Tensor:
        """`x` without what is negative."""
        rectified: Tensor = (_Deconvnet if self.rule == "deconvnet" else _Guided).apply(x)
        return rectified


def ruled_copy(network: nn.Module, rule: Rule) -> nn.Module:
    """A `shared_copy` of `network` whose ReLUs send back by `rule`. Other activations, as MobileNet's, stay."""
    twin = shared_copy(network)
    for module in list(twin.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, nn.ReLU):
                setattr(module, name, RuledReLU(rule))
    return twin


def project(network: nn.Module, inputs: Tensor, unit: UnitTarget) -> NDArray[np.float32]:
    """Send the activation of one unit, all others zero, down to the pixels.

    Args:
        network: a `ruled_copy`; with a plain `shared_copy` it is gradient times activation.
        inputs: `[1, 3, H, W]` float, 0..1.

    Returns:
        float32 `[3, H, W]`, of either sign; zeros where the unit does not fire.

    Raises:
        OptionError: there is no such unit.
    """
    with torch.inference_mode(False), torch.enable_grad():
        pixels = inputs.clone().requires_grad_()
        outputs, kept = run_watched(network, pixels, unit.points(network))
        value = unit.value(network, outputs, kept)
        (signal,) = torch.autograd.grad(value, pixels)
    return (signal[0] * value.detach().relu()).numpy()


def to_picture(projection: NDArray[np.float32], box_xyxy: tuple[int, int, int, int] | None = None) -> NDArray[np.uint8]:
    """A projection `[3, H, W]` as a picture `[h, w, 3]` RGB: zero is mid-gray, the largest value black or white.

    Args:
        box_xyxy: the part to show, in input pixels, right and bottom exclusive: what the unit sees (`Field.box_xyxy`).
    """
    x1, y1, x2, y2 = box_xyxy or (0, 0, projection.shape[2], projection.shape[1])
    part = projection[:, max(0, y1) : y2, max(0, x1) : x2]
    largest = float(np.abs(part).max(initial=0))
    scaled = part / largest if largest > 0 else part
    return np.rint(MID_GRAY + MID_GRAY * scaled.transpose(1, 2, 0)).astype(np.uint8)

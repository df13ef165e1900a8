"""Reading one layer's feature maps while the network runs, already reduced to what is looked at.

Only the layer on the screen is tapped: a forward hook on one module costs about a hundredth of a frame, keeping every
output would cost half of it.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from detector.inspection.anatomy import Layer


@dataclass(frozen=True)
class TapRequest:
    """What is wanted of a layer.

    after_relu: of what comes out of its ReLU, where there is one. tile_px: maps are reduced to at most this many rows
    and columns. pinned: a channel that is also wanted whole. cut_out: of a layer that works on cut-outs, which one;
    the first is the most promising proposal. every_s: seconds from one reading to the next, as a mean at the least.
    with_input: what a pooling layer was given is wanted too.
    """

    layer: Layer
    after_relu: bool = True
    tile_px: int = 64
    pinned: int | None = None
    cut_out: int = 0
    every_s: float = 0.0
    with_input: bool = False


@dataclass(frozen=True)
class ChannelMaps:
    """The feature maps of one layer on one frame, one per channel. Never written to again.

    maps: float16 `[C, h, w]`, the largest value of every `step` x `step` places, so that no peak is lost.
    peak, mean, variance: float32 `[C]`, of the whole maps. peak_yx: int32 `[C, 2]`, where the peak is in them.
    pinned_map: float16 `[H, W]`, the whole map of the channel that was asked for; None where none was.
    full_hw: height and width of the whole maps. cut_outs: how many cut-outs there are, 0 for a map of the frame.
    given: float16 `[C, h, w]`, what a pooling layer was given, reduced like `maps` by a step of its own; None where it
    was not asked for. given_step: in places of the layer's input; given_hw: height and width of that.
    """

    request: TapRequest
    maps: NDArray[np.float16]
    peak: NDArray[np.float32]
    mean: NDArray[np.float32]
    variance: NDArray[np.float32]
    peak_yx: NDArray[np.int32]
    pinned_map: NDArray[np.float16] | None
    full_hw: tuple[int, int]
    step: int
    cut_outs: int = 0
    given: NDArray[np.float16] | None = None
    given_step: int = 1
    given_hw: tuple[int, int] = (0, 0)

    @property
    def given_stride(self) -> int | None:
        """Input pixels from one place of what the layer was given to the next."""
        stride = self.layer.stride
        return None if stride is None or self.given is None else round(stride * self.full_hw[0] / self.given_hw[0])

    @property
    def layer(self) -> Layer:
        return self.request.layer

    @property
    def channels(self) -> int:
        return len(self.maps)


def reduce_maps(output: Tensor, request: TapRequest, given: Tensor | None = None) -> ChannelMaps:
    """What `request` wants of a layer's output `[B, C, H, W]`, or `[B, C]` of a linear layer, B the cut-outs or 1.

    All of it is copied: a module that works in place overwrites its input right after.

    Args:
        given: what the layer was given, `[B, C, H, W]`, where that is wanted too.
    """
    cut_outs = len(output) if request.layer.cut_outs else 0
    whole = _whole(output, request)
    small, step = _small(whole, request.tile_px)
    height, width = whole.shape[1:]
    before, given_step = (None, 1) if given is None else _small(_whole(given, request), request.tile_px)
    given_hw = (0, 0) if given is None else (given.shape[-2], given.shape[-1])
    flat = whole.flatten(1)  # [C, H * W]
    peak, place = flat.max(dim=1)
    mean = flat.mean(dim=1)
    # `torch.var_mean` takes twenty times as long.
    variance = torch.linalg.vector_norm(flat - mean[:, None], dim=1).square_().div_(flat.shape[1])
    pinned = request.pinned
    return ChannelMaps(
        request=request,
        maps=small.half().numpy(),
        peak=peak.numpy(),
        mean=mean.numpy(),
        variance=variance.numpy(),
        peak_yx=np.stack(np.divmod(place.numpy(), width), axis=1).astype(np.int32),
        pinned_map=whole[pinned].half().numpy() if pinned is not None and pinned < len(whole) else None,
        full_hw=(height, width),
        step=step,
        cut_outs=cut_outs,
        given=None if before is None else before.half().numpy(),
        given_step=given_step,
        given_hw=given_hw,
    )


def _whole(output: Tensor, request: TapRequest) -> Tensor:
    """The maps of the one cut-out that is looked at, or of the frame, f32 `[C, H, W]`."""
    chosen = output[min(request.cut_out, len(output) - 1)] if len(output) else output.new_zeros(request.layer.shape)
    # In this order a bf16 map whose channels lie side by side is turned round in a fifth of the time.
    return chosen.detach().reshape(len(chosen), *chosen.shape[1:], *[1] * (3 - chosen.ndim)).contiguous().float()


def _small(whole: Tensor, tile_px: int) -> tuple[Tensor, int]:
    """The largest value of every `step` x `step` places, and that step."""
    step = max(1, math.ceil(max(whole.shape[1:]) / tile_px))
    return (F.max_pool2d(whole[None], step, ceil_mode=True)[0] if step > 1 else whole), step


class Tap:
    """A hook on the one module that a request needs, to be hung and taken off in the thread that runs the network.

    Between `begin` and `take` the network runs once. Readings come every `request.every_s` at most, as a mean: where
    frames come a little faster, single ones are left out and not every other one.
    """

    def __init__(self, network: nn.Module, request: TapRequest) -> None:
        self.request = request
        point = request.layer.point(request.after_relu)
        self._call = point.call
        self._count = 0
        self._wanted = False
        self._due_s = -math.inf
        self._heard: tuple[Tensor, Tensor | None] | None = None
        self._handle: Any = network.get_submodule(point.module).register_forward_hook(self._hear)

    def begin(self) -> None:
        """A frame comes."""
        self._count, self._heard = 0, None
        self._wanted = time.perf_counter() >= self._due_s

    def take(self) -> ChannelMaps | None:
        """Its maps; None where it is too early for another reading, or the network did not get to the layer."""
        heard, self._heard, self._wanted = self._heard, None, False
        if heard is None:
            return None
        with torch.inference_mode():
            output, given = heard
            return reduce_maps(output, self.request, given)

    def remove(self) -> None:
        self._handle.remove()

    def _hear(self, _module: nn.Module, inputs: Any, output: Any) -> None:
        here, self._count = self._count, self._count + 1
        if self._wanted and here == self._call and isinstance(output, Tensor):
            every_s = self.request.every_s
            # What is late by less than half of that is caught up.
            self._due_s = max(self._due_s, time.perf_counter() - every_s / 2) + every_s
            # Reduced when the network is done, not in its midst. A module that works in place overwrites its input.
            given = inputs[0].detach().clone() if self.request.with_input and self.request.layer.pools else None
            self._heard = output.detach().clone(), given

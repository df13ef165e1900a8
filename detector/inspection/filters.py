"""A layer's filters, as pictures and at work: a convolution is a matched filter that slides over its input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from detector.errors import OptionError

MID_GRAY = 127.5
Kind = Literal["matched", "slices", "mixing"]


@dataclass(frozen=True)
class KernelPictures:
    """The weights of one layer, float32 `[C_out, C_in, kh, kw]`, and how they are best shown.

    kind: "matched" where the input is the frame, so that each kernel is a small RGB picture of what it looks for;
    "mixing" where each output is a weighted sum of the input channels at one place (1x1 convolutions, linear layers);
    else "slices", a small gray picture for each pair of an input and an output channel. In grouped convolutions C_in is
    that of one group.
    """

    kind: Kind
    weights: NDArray[np.float32]
    bias: NDArray[np.float32] | None

    def matched(self) -> NDArray[np.uint8]:
        """First layers: RGB pictures `[C_out, kh, kw, 3]`, each scaled by its own largest weight, zero mid-gray."""
        self._only("matched")
        return _about_gray(self.weights.transpose(0, 2, 3, 1), axes=(1, 2, 3))

    def of_output(self, channel: int) -> NDArray[np.uint8]:
        """What an output channel takes from each input channel: gray pictures `[C_in, kh, kw]` on one scale."""
        return _about_gray(self.weights[self._checked(channel, 0)])

    def of_input(self, channel: int) -> NDArray[np.uint8]:
        """What each output channel takes from an input channel: gray pictures `[C_out, kh, kw]` on one scale."""
        return _about_gray(self.weights[:, self._checked(channel, 1)])

    def mixing(self) -> NDArray[np.float32]:
        """1x1 layers: the matrix `[C_out, C_in]` that the input channels are mixed by."""
        self._only("mixing")
        return self.weights[:, :, 0, 0]

    def _checked(self, channel: int, axis: int) -> int:
        count = self.weights.shape[axis]
        if not 0 <= channel < count:
            side = ("output", "input")[axis]
            raise OptionError(f"there is no {side} channel {channel}; this layer has {count}, counted from 0.")
        return channel

    def _only(self, kind: Kind) -> None:
        if self.kind != kind:
            raise OptionError(f"the filters of this layer are shown as {_WORDS[self.kind]}, not as {_WORDS[kind]}.")


_WORDS: dict[Kind, str] = {"matched": "RGB pictures", "slices": "slices", "mixing": "a mixing matrix"}


@dataclass(frozen=True)
class Match:
    """One kernel's answer to a frame.

    response: float32 `[h, w]`, before bias and ReLU. value: the highest. yx: its row and column. patch: float32
    `[C, kh, kw]`, what lay under the kernel there; zeros beside the frame. box_xyxy: where that is, in pixels of what
    the kernel slid over, right and bottom exclusive; may reach beyond it.
    """

    response: NDArray[np.float32]
    value: float
    yx: tuple[int, int]
    patch: NDArray[np.float32]
    box_xyxy: tuple[int, int, int, int]


def kernels_of(module: nn.Module) -> KernelPictures:
    """The kernels of a convolution or a linear layer.

    Raises:
        OptionError: it has none.
    """
    if isinstance(module, nn.ConvTranspose2d):
        weights = module.weight.detach().transpose(0, 1)  # torch keeps these with the inputs first
    elif isinstance(module, nn.Conv2d):
        weights = module.weight.detach()
    elif isinstance(module, nn.Linear):
        weights = module.weight.detach()[:, :, None, None]
    else:
        raise OptionError(f"a layer of the kind {type(module).__name__} has no filters.")
    if weights.shape[2:] == (1, 1):
        kind: Kind = "mixing"
    else:
        kind = "matched" if weights.shape[1] == 3 else "slices"
    bias = None if module.bias is None else module.bias.detach().float().numpy().copy()
    return KernelPictures(kind, weights.float().numpy().copy(), bias)


def matched_filter(
    image: NDArray[np.float32], kernel: NDArray[np.float32], stride: int = 1, padding: int | None = None
) -> Match:
    """Slide one kernel over a frame, or over the maps below a deeper layer.

    Args:
        image: float32 `[C, H, W]`; what the layer sees, for the first one the frame in 0..1.
        kernel: float32 `[C, kh, kw]`.
        stride, padding: of the layer; by default every place, and as much padding as keeps the size of odd kernels.

    Raises:
        OptionError: the kernel does not fit the image.
    """
    kh, kw = kernel.shape[1:]
    if image.shape[0] != kernel.shape[0]:
        raise OptionError(f"the filter has {kernel.shape[0]} channels, what it should slide over {image.shape[0]}.")
    pad_y, pad_x = (kh // 2, kw // 2) if padding is None else (padding, padding)
    padded = F.pad(_tensor(image), (pad_x, pad_x, pad_y, pad_y))
    if padded.shape[1] < kh or padded.shape[2] < kw:
        raise OptionError(f"the filter of {kh} x {kw} is larger than what it should slide over.")
    response = F.conv2d(padded[None], _tensor(kernel)[None], stride=stride)[0, 0].numpy()  # [h, w]
    y, x = (int(side) for side in np.unravel_index(int(response.argmax()), response.shape))
    top, left = y * stride, x * stride
    patch = padded[:, top : top + kh, left : left + kw].numpy().copy()
    box = (left - pad_x, top - pad_y, left - pad_x + kw, top - pad_y + kh)
    return Match(response, float(response[y, x]), (y, x), patch, box)


def _tensor(values: NDArray[np.float32]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(values, np.float32))


def _about_gray(values: NDArray[np.float32], axes: tuple[int, ...] | None = None) -> NDArray[np.uint8]:
    """Zero becomes mid-gray, the largest weight (along `axes`, or of all) black or white."""
    largest = np.abs(values).max(axis=axes, keepdims=True, initial=0)
    scaled = np.divide(values, largest, out=np.zeros_like(values), where=largest > 0)
    return np.rint(MID_GRAY + MID_GRAY * scaled).astype(np.uint8)

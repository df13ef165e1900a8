"""Which input pixels a place of a feature map can see: interval arithmetic along each axis, while a network runs.

Every operation of a convolutional network treats rows and columns apart, so what a place sees is a rectangle: the rows
that its row sees, by the columns that its column sees. Both are carried through the forward pass beside the values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

Rows = NDArray[np.int32]
NOTE = "receptive_field"


@dataclass(frozen=True)
class Axis:
    """What each row (or column) of a map sees: int32 `[n]` the first and last input row, both inclusive."""

    first: Rows
    last: Rows

    def __len__(self) -> int:
        return len(self.first)

    @staticmethod
    def of_input(length: int) -> Axis:
        here = np.arange(length, dtype=np.int32)
        return Axis(here, here)

    def windows(self, kernel: int, stride: int, padding: int, dilation: int, length: int) -> Axis:
        """After a window of `kernel` rows has slid over it to `length` rows. What lies in the padding sees nothing."""
        starts = np.arange(length)[:, None] * stride - padding + np.arange(kernel) * dilation  # [length, kernel]
        inside = (starts >= 0) & (starts < len(self))
        rows = starts.clip(0, len(self) - 1)
        first = np.where(inside, self.first[rows], np.iinfo(np.int32).max).min(axis=1)
        last = np.where(inside, self.last[rows], -1).max(axis=1)
        return Axis(first.astype(np.int32), last.astype(np.int32))

    def resized(self, length: int, reach: int) -> Axis:
        """After scaling to `length` rows, each taken from the nearest one and `reach` further on both sides."""
        rows = np.floor((np.arange(length) + 0.5) * len(self) / length).astype(int).clip(0, len(self) - 1)
        first, last = (rows - reach).clip(0), (rows + reach).clip(max=len(self) - 1)
        return Axis(self.first[first], self.last[last])

    def joined(self, other: Axis) -> Axis:
        """What either of two maps sees that are added or put on top of each other."""
        return Axis(np.minimum(self.first, other.first), np.maximum(self.last, other.last))


@dataclass(frozen=True)
class Field:
    """What every place of a map sees of the input: `y` for its rows, `x` for its columns."""

    y: Axis
    x: Axis

    @property
    def size_hw(self) -> tuple[int, int]:
        """Height and width in input pixels of what the middle of the map sees."""
        x1, y1, x2, y2 = self.box_xyxy(len(self.y) // 2, len(self.x) // 2)
        return y2 - y1, x2 - x1

    def box_xyxy(self, row: int, column: int) -> tuple[int, int, int, int]:
        """What the place at `row`, `column` sees, in input pixels, right and bottom exclusive; zeros for nothing."""
        x1, x2 = int(self.x.first[column]), int(self.x.last[column]) + 1
        y1, y2 = int(self.y.first[row]), int(self.y.last[row]) + 1
        return (x1, y1, x2, y2) if x1 < x2 and y1 < y2 else (0, 0, 0, 0)

    def joined(self, other: Field) -> Field:
        return Field(self.y.joined(other.y), self.x.joined(other.x))


def field_of(x: Tensor) -> Field | None:
    """What a tensor that was made under `trace_fields` sees; None where it is no map or not known."""
    field = vars(x).get(NOTE)
    return field if isinstance(field, Field) else None


@contextmanager
def trace_fields(images: Tensor) -> Iterator[None]:
    """Carry fields through every operation inside, from `images` `[B, C, H, W]` on."""
    _set(images, Field(Axis.of_input(images.shape[-2]), Axis.of_input(images.shape[-1])))
    with _FieldMode():
        yield


class _FieldMode(TorchFunctionMode):
    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        before = [(x, field) for x in _tensors((*args, *kwargs.values())) if (field := field_of(x)) is not None]
        out = func(*args, **kwargs)
        if before and isinstance(out, Tensor) and out.ndim == 4 and out.dtype.is_floating_point:
            _set(out, _field_after(func, args, kwargs, [field for _, field in before], out))
        return out


def _field_after(
    func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], fields: list[Field], out: Tensor
) -> Field | None:
    height, width = out.shape[-2:]
    field = fields[0]
    if func in _CONVOLUTIONS:
        weight = args[1] if len(args) > 1 else kwargs["weight"]
        window = [weight.shape[-2:], *(_pair(_argument(args, kwargs, *place)) for place in _CONVOLUTION_ARGUMENTS)]
        return _slid(field, window, height, width)
    if func in _POOLS:
        kernel = _pair(_argument(args, kwargs, 1, "kernel_size", None))
        stride = _argument(args, kwargs, 2, "stride", None)
        padding, dilation = (_pair(_argument(args, kwargs, *place)) for place in _POOL_ARGUMENTS)
        return _slid(field, [kernel, kernel if not stride else _pair(stride), padding, dilation], height, width)
    if func is F.interpolate:
        # Linear kinds also take the neighbour that they mix in.
        reach = 0 if kwargs.get("mode", "nearest").startswith("nearest") else 1
        return Field(field.y.resized(height, reach), field.x.resized(width, reach))
    if func is F.pad:
        left, _, top, _ = (*_argument(args, kwargs, 1, "pad", ()), 0, 0)[:4]
        return _slid(field, [(1, 1), (1, 1), (top, left), (1, 1)], height, width)
    same = [one for one in fields if (len(one.y), len(one.x)) == (height, width)]
    if len(same) != len(fields):
        return None
    for other in same[1:]:
        field = field.joined(other)
    return field


def _slid(field: Field, window: list[Any], height: int, width: int) -> Field:
    kernel, stride, padding, dilation = window
    return Field(
        field.y.windows(kernel[0], stride[0], padding[0], dilation[0], height),
        field.x.windows(kernel[1], stride[1], padding[1], dilation[1], width),
    )


_CONVOLUTIONS = {F.conv2d, torch.conv2d}
_CONVOLUTION_ARGUMENTS = ((3, "stride", 1), (4, "padding", 0), (5, "dilation", 1))
_POOLS = {F.max_pool2d, torch.max_pool2d}
_POOL_ARGUMENTS = ((3, "padding", 0), (4, "dilation", 1))


def _argument(args: tuple[Any, ...], kwargs: dict[str, Any], place: int, name: str, default: Any) -> Any:
    return args[place] if len(args) > place else kwargs.get(name, default)


def _pair(value: Any) -> tuple[int, int]:
    if isinstance(value, int):
        return value, value
    values = tuple(int(one) for one in value)
    return (values[0], values[-1])


def _tensors(values: tuple[Any, ...]) -> Iterator[Tensor]:
    for value in values:
        if isinstance(value, Tensor):
            yield value
        elif isinstance(value, list | tuple):
            yield from _tensors(tuple(value))


def _set(x: Tensor, field: Field | None) -> None:
    """Note on a tensor what it sees; changed in place, it takes the note along."""
    vars(x)[NOTE] = field

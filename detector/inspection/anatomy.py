"""The anatomy of a network: its layers in the order they run, with what each one makes, sees, holds and costs."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from statistics import median
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torchvision.ops import FrozenBatchNorm2d, MultiScaleRoIAlign

from detector.errors import OptionError
from detector.inspection.receptive_field import Field, field_of, trace_fields

NORMS = (nn.BatchNorm2d, FrozenBatchNorm2d)
RELUS = (nn.ReLU, nn.ReLU6)
POOL = "max pool"
ROWS = (nn.Conv2d, nn.ConvTranspose2d, nn.MaxPool2d, nn.Upsample, nn.Linear, MultiScaleRoIAlign)


class Point(NamedTuple):
    """A place in a network where a tensor can be read: what the `call`-th call of `module` in a forward pass gives."""

    module: str
    call: int = 0


@dataclass(frozen=True)
class Layer:
    """One layer, as it was met in a forward pass of one image.

    name: unique; with `@STRIDE` behind it where one module serves maps of several strides, `#CALL` where that does not
    tell them apart. kind: for people, such as
    "conv 3x3". shape: (channels, height, width) of what it gives. before, after: where that can be read before its ReLU
    (and after its batch norm) and after it; `after` is None where no ReLU follows. stride: input pixels from one place
    to the next; None for what is no map of the frame. field: what each place sees, None where that is not known.
    weights: where its kernels are, None where it has none. parameters: learned numbers. macs: multiply-accumulates.
    cut_outs: how many cut-outs of the maps, one of each proposal, it worked on; 0 for a map of the frame. elapsed_s: on
    this machine, None where not measured.
    """

    name: str
    kind: str
    shape: tuple[int, int, int]
    before: Point
    after: Point | None
    stride: int | None
    field: Field | None
    weights: str | None
    parameters: int
    macs: int
    cut_outs: int = 0
    elapsed_s: float | None = None

    @property
    def receptive_field_px(self) -> int | None:
        """The longer side of what a place in the middle sees, in input pixels."""
        return None if self.field is None else max(self.field.size_hw)

    @property
    def pools(self) -> bool:
        """Whether it keeps the greatest of some places, and so has maps before and after."""
        return self.kind.startswith(POOL)

    def point(self, after_relu: bool) -> Point:
        """Where to read it; the same for both where there is no ReLU."""
        return self.after if after_relu and self.after is not None else self.before


def anatomy(network: nn.Module, images: Tensor, repeats: int = 0, bf16: bool = False) -> tuple[Layer, ...]:
    """The layers that work when `network` looks at `images`, float `[1, 3, H, W]` in 0..1, in that order.

    Hooks hang on the network meanwhile, so no other thread may run it.

    Args:
        repeats: of the forward passes that `elapsed_s` is the median of; 0 leaves it out. bf16: whether they compute in
            bf16, as an engine of that precision does; by default in f32.
    """
    notes = _Notes(images)
    with torch.no_grad(), _hooked(network, notes.ends), trace_fields(images):
        network(images)
    layers = notes.layers()
    if repeats:
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            seconds = _times(network, images, layers, repeats)
        layers = [replace(layer, elapsed_s=elapsed_s) for layer, elapsed_s in zip(layers, seconds, strict=True)]
    return tuple(layers)


def find_layer(layers: Sequence[Layer], name: str) -> Layer:
    """The layer of this name.

    Raises:
        OptionError: there is none; it tells the nearest names.
    """
    for layer in layers:
        if layer.name == name:
            return layer
    names = [layer.name for layer in layers]
    near = [other for other in names if name and name in other][:3] or get_close_matches(name, names, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else "`looktwice inspect --layers` lists them."
    raise OptionError(f"there is no layer {name!r}; {hint}")


class _Notes:
    """What the hooks of one forward pass write down."""

    def __init__(self, images: Tensor) -> None:
        self.height = images.shape[-2]
        self.rows: list[Layer] = []
        self.calls: Counter[str] = Counter()
        # The row that made a tensor. The tensors are kept, so that no later one is taken for them.
        self.made: dict[int, tuple[int, Tensor]] = {}

    def ends(self, path: str, module: nn.Module, inputs: Any, out: Any) -> None:
        point = Point(path, self.calls[path])
        self.calls[path] += 1
        if not isinstance(out, Tensor):
            return
        if isinstance(module, ROWS):
            self.rows.append(self._row(point, module, inputs, out))
            self.made[id(out)] = (len(self.rows) - 1, out)
            return
        source = self.made.get(id(inputs[0])) if inputs else None
        if source is None:
            return
        row = source[0]
        if isinstance(module, NORMS):
            self.rows[row] = replace(self.rows[row], before=point)
            self.made[id(out)] = (row, out)
        elif isinstance(module, RELUS):
            self.rows[row] = replace(self.rows[row], after=point)

    def layers(self) -> list[Layer]:
        """The rows under unique names."""
        called = Counter(row.name for row in self.rows)
        at_stride = Counter((row.name, row.stride) for row in self.rows)
        layers = []
        for row in self.rows:
            told = row.stride is not None and at_stride[row.name, row.stride] == 1
            suffix = f"@{row.stride}" if told else f"#{row.before.call}"
            layers.append(replace(row, name=row.name + suffix) if called[row.name] > 1 else row)
        return layers

    def _row(self, point: Point, module: nn.Module, inputs: Any, out: Tensor) -> Layer:
        is_map = out.ndim == 4
        shape = (out.shape[1], out.shape[2], out.shape[3]) if is_map else (out.shape[-1], 1, 1)
        field = field_of(out)
        stride = round(self.height / out.shape[2]) if field is not None else None
        own = sum(parameter.numel() for parameter in module.parameters())
        return Layer(
            name=point.module.removesuffix(".conv"),
            kind=_kind(module),
            shape=shape,
            before=point,
            after=None,
            stride=stride,
            field=field,
            weights=point.module if own else None,
            parameters=own,
            macs=_macs(module, inputs, out),
            cut_outs=len(out) if field is None and (is_map or out.ndim == 2) else 0,
        )


def _kind(module: nn.Module) -> str:
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
        height, width = module.kernel_size
        word = "conv" if isinstance(module, nn.Conv2d) else "transposed conv"
        depthwise = " depthwise" if 1 < module.groups == module.in_channels else ""
        strided = f" /{module.stride[0]}" if module.stride[0] > 1 else ""
        return f"{word} {height}x{width}{strided}{depthwise}"
    if isinstance(module, nn.MaxPool2d):
        side = module.kernel_size if isinstance(module.kernel_size, int) else module.kernel_size[0]
        return f"{POOL} {side}x{side}"
    if isinstance(module, nn.Upsample):
        return f"upsample x{module.scale_factor:g}" if isinstance(module.scale_factor, float) else "upsample"
    return "linear" if isinstance(module, nn.Linear) else "RoIAlign"


def _macs(module: nn.Module, inputs: Any, out: Tensor) -> int:
    if isinstance(module, nn.Conv2d):
        return out.numel() * module.in_channels // module.groups * math.prod(module.kernel_size)
    if isinstance(module, nn.ConvTranspose2d):
        return int(inputs[0].numel()) * module.out_channels // module.groups * math.prod(module.kernel_size)
    return out.numel() * module.in_features if isinstance(module, nn.Linear) else 0


def _times(network: nn.Module, images: Tensor, layers: Sequence[Layer], repeats: int) -> list[float]:
    """Seconds in each layer's own module, the median of the passes; the first pass is not counted."""
    place = {Point(layer.weights or layer.before.module, layer.before.call): i for i, layer in enumerate(layers)}
    seconds: list[list[float]] = [[] for _ in layers]
    calls: Counter[str] = Counter()
    begun = [0.0]

    def begins() -> None:
        begun[0] = time.perf_counter()

    def ends(path: str, _module: nn.Module, _inputs: Any, _out: Any) -> None:
        row = place.get(Point(path, calls[path]))
        calls[path] += 1
        if row is not None:
            seconds[row].append(time.perf_counter() - begun[0])

    with torch.no_grad(), _hooked(network, ends, begins, ROWS):
        for _ in range(repeats + 1):
            calls.clear()
            network(images)
    return [median(some[1:] or some) if some else 0.0 for some in seconds]


class _hooked:
    """While inside, `begins` and `ends` hear of every call of every module of these kinds."""

    def __init__(
        self,
        network: nn.Module,
        ends: Callable[[str, nn.Module, Any, Any], None],
        begins: Callable[[], None] = lambda: None,
        kinds: tuple[type[nn.Module], ...] = (*ROWS, *NORMS, *RELUS),
    ) -> None:
        self.network, self.begins, self.ends, self.kinds = network, begins, ends, kinds
        self._handles: list[Any] = []

    def __enter__(self) -> None:
        for path, module in self.network.named_modules():
            if isinstance(module, self.kinds):
                self._handles.append(module.register_forward_pre_hook(lambda _module, _inputs: self.begins()))
                self._handles.append(module.register_forward_hook(self._behind(path)))

    def __exit__(self, *_: object) -> None:
        for handle in self._handles:
            handle.remove()

    def _behind(self, path: str) -> Callable[[nn.Module, Any, Any], None]:
        return lambda module, inputs, out: self.ends(path, module, inputs, out)

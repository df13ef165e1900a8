"""What explains a box, a unit and a filter on one frame, as pictures. For the explainer's thread; no widgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.detector import Detector
from detector.engines.shared_libraries import import_torch
from detector.frames.protocol import Frame
from detector.geometry import Letterbox
from detector.inspection.contrast import colours, scale_maps
from gui.inspect.networks import Networks, prepared
from gui.inspect.torch_twin import torch_engine
from gui.translation import tr

if TYPE_CHECKING:
    from detector.inspection.anatomy import Layer, Point
    from detector.inspection.filters import KernelPictures, Match

RULES = ("deconvnet", "guided")
THUMBNAIL_PX = 200
BRIGHT_PERCENTILE = 99
MAP_PX = 240
RING_RGB = ((12, 12, 12), (255, 255, 255))
BOX_RGB = (255, 255, 255)
FRAME_SHARE = 0.45
"""Of the frame's brightness that is left under the heat in small pictures."""


@dataclass(frozen=True, eq=False)
class Asked:
    """The box that is explained.

    origin, label: as `DetectionTarget` has them. candidate_xyxy: not cut to the frame. box_xyxy: of the detection, in
    frame pixels. layer: one more to explain it by, where gradients reach it.
    """

    frame: Frame
    origin: int
    label: int
    candidate_xyxy: tuple[float, float, float, float]
    box_xyxy: tuple[float, float, float, float]
    layer: Layer | None = None
    after_relu: bool = True


@dataclass(frozen=True, eq=False)
class HeatPart:
    """LayerCAM of one layer, or of several fused.

    values: float32 `[H, W]` over the network's input, 0..1; zeros where the layer has no part in it. share: of the
    frame's heat that lies inside the box, 0..1. picture: the heat over the frame, small, RGB uint8 `[h, w, 3]`.
    stride: of the layer; None for the fused one.
    """

    name: str
    stride: int | None
    values: NDArray[np.float32]
    share: float
    picture: NDArray[np.uint8]

    @property
    def high(self) -> float:
        """The greatest value, which is below 1 where the fused layers agree nowhere altogether."""
        return float(self.values.max(initial=0)) or 1.0


@dataclass(frozen=True, eq=False)
class BoxHeat:
    """What explains a box. box_share: of the frame that the box covers. layer: by the inspector's layer, if asked."""

    asked: Asked
    letterbox: Letterbox
    input_hw: tuple[int, int]
    fused: HeatPart
    parts: tuple[HeatPart, ...]
    layer: HeatPart | None
    box_share: float


def heat_of(networks: Networks, detector: Detector, asked: Asked) -> BoxHeat:
    """LayerCAM for one box and class.

    Raises:
        OptionError: the network does not find the box again, or a layer does not run.
    """
    import_torch()
    from detector.inspection.cam import explain_detection, fuse
    from detector.inspection.targets import DetectionTarget

    tensor, inputs, letterbox = prepared(detector, asked.frame.image)
    points = networks.default_points(detector, inputs)
    x1, y1, x2, y2 = letterbox.to_input(np.array(asked.candidate_xyxy, np.float32)).tolist()
    target = DetectionTarget(detector.family.output_row(asked.origin, letterbox), asked.label, (x1, y1, x2, y2))
    own = asked.layer.point(asked.after_relu) if asked.layer is not None else None
    wanted: list[Point] = [*points, *([own] if own is not None else [])]
    maps = explain_detection(networks.plain(detector), inputs, target, wanted)
    input_hw = (tensor.shape[0], tensor.shape[1])
    inside = pixels_inside(letterbox.to_input(np.array(asked.box_xyxy, np.float32)), letterbox.content_wh)

    def part(name: str, stride: int | None, some: Sequence[NDArray[np.float32]]) -> HeatPart:
        values = fuse(some, input_hw)
        return HeatPart(
            name, stride, values, share_inside(values, inside, letterbox), _thumbnail(tensor, values, letterbox, inside)
        )

    parts = [
        part(point.module, round(input_hw[0] / one.shape[0]), [one])
        for point, one in zip(points, maps[: len(points)], strict=True)
    ]
    layer = part(asked.layer.name, asked.layer.stride, maps[-1:]) if asked.layer is not None else None
    width, height = letterbox.content_wh
    covered = (inside[0].stop - inside[0].start) * (inside[1].stop - inside[1].start)
    fused = part("", None, maps[: len(points)])
    return BoxHeat(asked, letterbox, input_hw, fused, tuple(parts), layer, covered / (width * height))


def pixels_inside(box_xyxy: NDArray[np.float32], content_wh: tuple[int, int]) -> tuple[slice, slice]:
    """The rows and columns of a box, at least one of each, within what the frame covers."""
    width, height = content_wh
    x1, y1, x2, y2 = (round(float(side)) for side in box_xyxy)
    left, top = min(max(0, x1), width - 1), min(max(0, y1), height - 1)
    return slice(top, max(top + 1, min(y2, height))), slice(left, max(left + 1, min(x2, width)))


def share_inside(values: NDArray[np.float32], inside: tuple[slice, slice], letterbox: Letterbox) -> float:
    """Which share of the heat on the frame lies inside a box; 0 where there is none."""
    width, height = letterbox.content_wh
    whole = float(values[:height, :width].sum())
    return float(values[inside].sum()) / whole if whole > 0 else 0.0


def _thumbnail(
    tensor: NDArray[np.uint8], values: NDArray[np.float32], letterbox: Letterbox, inside: tuple[slice, slice]
) -> NDArray[np.uint8]:
    """The heat over the darkened frame, with the box."""
    width, height = letterbox.content_wh
    scale = min(1.0, THUMBNAIL_PX / max(width, height))
    size_wh = (max(1, round(width * scale)), max(1, round(height * scale)))
    frame = cv2.resize(tensor[:height, :width], size_wh, interpolation=cv2.INTER_AREA)
    heat = cv2.resize(values[:height, :width], size_wh, interpolation=cv2.INTER_AREA)[:, :, None]
    heat /= float(heat.max()) or 1.0
    tinted = colours("magma")[np.rint(np.clip(heat[:, :, 0], 0, 1) * 255).astype(np.uint8)]
    picture = np.ascontiguousarray(np.rint(frame * FRAME_SHARE * (1 - heat) + tinted * heat).clip(0, 255), np.uint8)
    corners = [round(side * scale) for side in (inside[1].start, inside[0].start, inside[1].stop, inside[0].stop)]
    cv2.rectangle(picture, (corners[0], corners[1]), (corners[2] - 1, corners[3] - 1), BOX_RGB, 1)
    return picture


@dataclass(frozen=True, eq=False)
class UnitPictures:
    """What made a unit fire.

    value: its activation. place: row and column. box_xyxy: what it sees, in input pixels. crop: that part of the frame;
    projections: that part sent back by each of `RULES`; all RGB uint8 `[h, w, 3]` of one size. rectified: whether the
    network has ReLUs whose way back can be ruled.
    """

    layer: Layer
    channel: int
    place: tuple[int, int]
    value: float
    frame: Frame
    box_xyxy: tuple[int, int, int, int]
    crop: NDArray[np.uint8]
    projections: tuple[NDArray[np.uint8], ...]
    rectified: bool


def unit_of(
    networks: Networks,
    detector: Detector,
    frame: Frame,
    layer: Layer,
    after_relu: bool,
    channel: int,
    place: tuple[int, int],
) -> UnitPictures:
    """Deconvnet and guided backprop of one unit, cropped to what it sees.

    Raises:
        OptionError: there is no such unit.
    """
    import_torch()
    from detector.inspection.network_copy import watched
    from detector.inspection.projection import RuledReLU, project, to_picture
    from detector.inspection.targets import UnitTarget

    assert layer.field is not None
    tensor, inputs, _ = prepared(detector, frame.image)
    box = layer.field.box_xyxy(*place)
    unit = UnitTarget(layer.point(after_relu), channel, *place)
    pictures, rectified, value = [], True, 0.0
    for rule in RULES:
        network = networks.ruled(detector, "deconvnet" if rule == "deconvnet" else "guided")
        rectified = any(isinstance(module, RuledReLU) for module in network.modules())
        with watched(network, unit.points(network)) as kept:
            pictures.append(to_picture(_without_sparks(project(network, inputs, unit), box), box))
        value = float(unit.value(network, None, kept).detach())
    x1, y1, x2, y2 = box
    crop = tensor[y1:y2, x1:x2].copy()
    return UnitPictures(layer, channel, place, value, frame, box, crop, tuple(pictures), rectified)


def map_picture(cells: NDArray[np.float16], place: tuple[float, float]) -> NDArray[np.uint8]:
    """One channel's map `[h, w]` in colours, with a ring around a place (row and column, in cells)."""
    found = scale_maps(cells[None])
    picture = colours("viridis", found.signed)[found.steps[0]]
    times = max(1, MAP_PX // max(cells.shape))
    enlarged = np.ascontiguousarray(picture.repeat(times, axis=0).repeat(times, axis=1))
    middle = round((place[1] + 0.5) * times), round((place[0] + 0.5) * times)
    for colour, width in ((RING_RGB[0], 4), (RING_RGB[1], 2)):
        cv2.circle(enlarged, middle, max(6, times), colour, width, cv2.LINE_AA)
    return enlarged


def _without_sparks(projection: NDArray[np.float32], box: tuple[int, int, int, int]) -> NDArray[np.float32]:
    """A few pixels outshine all others; cut to what the brightest of `BRIGHT_PERCENTILE` have, the rest is seen."""
    x1, y1, x2, y2 = box
    size = np.abs(projection[:, y1:y2, x1:x2])
    # Of those that anything came down to: around a deep unit most have nothing.
    high = float(np.percentile(size[size > 0], BRIGHT_PERCENTILE)) if size.any() else 0.0
    return np.clip(projection, -high, high)


@dataclass(frozen=True, eq=False)
class Response:
    """One filter of the first layer at work on a frame.

    match: see `matched_filter`. picture: RGB uint8 `[h, w, 3]`, the response in colours, blue below zero; the frame's
    part of it. patch: what lay under the kernel at the peak, RGB uint8 `[kh, kw, 3]`. high: what the last colour is.
    stride: from one place to the next, in input pixels.
    """

    channel: int
    match: Match
    picture: NDArray[np.uint8]
    patch: NDArray[np.uint8]
    high: float
    stride: int
    frame: Frame


def kernels(detector: Detector, layer: Layer) -> KernelPictures:
    """The weights of a layer.

    Raises:
        OptionError: it has none.
    """
    import_torch()
    from detector.errors import OptionError
    from detector.inspection.filters import kernels_of

    if layer.weights is None:
        text = tr("{layer} ({kind}) has no filters: nothing in it is learned.")
        raise OptionError(text.format(layer=layer.name, kind=layer.kind))
    return kernels_of(_module(detector, layer))


def response_of(detector: Detector, layer: Layer, channel: int, frame: Frame) -> Response:
    """Slide a kernel of the first layer over a frame, in the layer's own steps."""
    import_torch()
    from detector.inspection.filters import kernels_of, matched_filter

    module = _module(detector, layer)
    kernel = kernels_of(module).weights[channel]
    _, inputs, letterbox = prepared(detector, frame.image)
    stride, padding = int(module.stride[0]), int(module.padding[0])
    width, height = letterbox.content_wh
    match = matched_filter(inputs[0, :, :height, :width].numpy(), kernel, stride, padding)
    high = float(np.abs(match.response).max(initial=0))
    steps = np.rint(match.response / (high or 1.0) * 127 + 128).astype(np.uint8)
    patch = np.rint(match.patch.transpose(1, 2, 0) * 255).clip(0, 255).astype(np.uint8)
    return Response(channel, match, colours("viridis", signed=True)[steps], patch, high, stride, frame)


def _module(detector: Detector, layer: Layer) -> Any:
    assert layer.weights is not None
    return torch_engine(detector).network.get_submodule(layer.weights)

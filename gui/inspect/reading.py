"""What the inspector does with networks and answers outside the GUI thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from detector.detector import Detector
from detector.engines.shared_libraries import import_torch
from detector.pipeline.results import FrameResult
from gui.inspect.torch_twin import torch_engine
from gui.values import ShownFrame

if TYPE_CHECKING:
    # They bring torch, which takes seconds to import; it is there once a model that can be looked into is.

    from detector.engines.torch_engine import TorchEngine
    from detector.inspection.anatomy import Layer
    from detector.inspection.tapping import ChannelMaps, TapRequest

DEFAULT_LAYER = "backbone.stage2.2"
DEFAULT_CHANNELS = 64
TIMING_PASSES = 3


@dataclass(frozen=True, eq=False)
class Readable:
    """What is known of a network that can be looked into.

    own: runs a copy of the modules around the same weights, in this controller's thread alone. frame_wh: of frames that
    `layers` are told for.
    """

    own: TorchEngine
    layers: tuple[Layer, ...]
    input_hw: tuple[int, int]
    frame_wh: tuple[int, int]


class Mail:
    """The newest answer with maps, until it is taken. Answers that the window was too slow for may have brought it."""

    def __init__(self) -> None:
        self._newest: FrameResult | None = None

    def put(self, result: FrameResult) -> None:
        """Called in the lane's thread."""
        if result.maps is not None:
            self._newest = result

    def take(self) -> FrameResult | None:
        result, self._newest = self._newest, None
        return result


def first_layer(layers: tuple[Layer, ...], name: str) -> Layer | None:
    """The layer of that name, else one that is good to begin with."""
    tests: tuple[Callable[[Layer], bool], ...] = (
        lambda layer: layer.name == name,
        lambda layer: layer.name == DEFAULT_LAYER,
        lambda layer: layer.stride is not None and layer.kind.startswith("conv") and layer.shape[0] >= DEFAULT_CHANNELS,
        lambda layer: True,
    )
    return next((layer for test in tests for layer in layers if test(layer)), None)


def read_layers(detector: Detector, frame_wh: tuple[int, int], known: Readable | None) -> Readable:
    """In the background: the layers for frames of this size; `known` is kept as far as it is the same."""
    import_torch()
    import torch

    from detector.engines.torch_engine import TorchEngine
    from detector.inspection.anatomy import anatomy
    from detector.inspection.network_copy import shared_copy

    input_hw = _input_hw(detector, frame_wh)
    if known is not None:
        own = known.own
    else:
        engine = torch_engine(detector)
        own = TorchEngine(shared_copy(engine.network), engine.precision)
    if known is not None and known.input_hw == input_hw:
        return Readable(own, known.layers, input_hw, frame_wh)
    return Readable(own, anatomy(own.network, torch.zeros(1, 3, *input_hw)), input_hw, frame_wh)


def _input_hw(detector: Detector, frame_wh: tuple[int, int]) -> tuple[int, int]:
    tensor, _ = detector.prepare(np.zeros((frame_wh[1], frame_wh[0], 3), np.uint8))
    return tensor.shape[0], tensor.shape[1]


def time_layers(readable: Readable) -> Readable:
    """In the background: the same layers, with what each takes."""
    import torch

    from detector.inspection.anatomy import anatomy

    inputs, own = torch.zeros(1, 3, *readable.input_hw), readable.own
    layers = anatomy(own.network, inputs, TIMING_PASSES, own.precision == "bf16")
    return Readable(readable.own, layers, readable.input_hw, readable.frame_wh)


def read_maps(engine: TorchEngine, detector: Detector, request: TapRequest, shown: ShownFrame) -> ChannelMaps | None:
    """In the background: what `request` wants of one frame."""
    from detector.inspection.tapping import Tap

    tensor, _ = detector.prepare(shown.frame.image)
    tap = Tap(engine.network, request)
    try:
        tap.begin()
        engine.run(tensor[None])
        return tap.take()
    finally:
        tap.remove()

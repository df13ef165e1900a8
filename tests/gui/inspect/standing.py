"""An inspector in which nothing runs, and one on small networks that do."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from detector.detections import Candidates, Detections
from detector.detector import Detector, ModelInfo
from detector.engines.torch_engine import TorchEngine
from detector.families.vgg_yolo import VGGYoloFamily
from detector.frames.protocol import Frame, FrameSource
from detector.inspection.anatomy import Layer, Point
from detector.inspection.tapping import ChannelMaps, TapRequest
from detector.pipeline.results import RunningModel
from gui import session as session_module
from gui.inspect import torch_twin
from gui.inspect.inspecting import Inspecting
from gui.selection import Selection
from gui.session import Session
from gui.values import ShownFrame
from tests.gui.standing import FILE, INFO, MODEL
from tests.inspection.tiny import vgg_yolo
from tests.pipeline.fakes import NumberedSource, reading_detector

PATIENCE_MS = 60_000
FRAME_WH = (320, 240)


def made_layer(name: str = "a.layer", shape: tuple[int, int, int] = (6, 10, 10), **more: object) -> Layer:
    known: dict[str, object] = {
        "kind": "conv 3x3", "before": Point(name), "after": Point(f"{name}.relu"), "stride": 32, "field": None,
        "weights": name, "parameters": 100, "macs": 2_500_000,
    }  # fmt: skip
    return Layer(name=name, shape=shape, **{**known, **more})


def made_maps(
    maps: NDArray[np.float16],
    layer: Layer,
    request: TapRequest | None = None,
    given: NDArray[np.float16] | None = None,
) -> ChannelMaps:
    """What a tap would have read of these whole maps `[C, H, W]`, and of what a pooling layer was given."""
    flat = maps.reshape(len(maps), -1).astype(np.float32)
    asked = request or TapRequest(layer)
    pinned = asked.pinned
    return ChannelMaps(
        asked,
        maps,
        flat.max(axis=1),
        flat.mean(axis=1),
        flat.var(axis=1),
        np.stack(np.divmod(flat.argmax(axis=1), maps.shape[2]), axis=1).astype(np.int32),
        None if pinned is None else maps[pinned],
        maps.shape[1:],
        1,
        given=given,
        given_hw=(0, 0) if given is None else given.shape[1:],
    )


def shown_frame(index: int = 7, model: RunningModel = MODEL) -> ShownFrame:
    image = np.zeros((FRAME_WH[1], FRAME_WH[0], 3), np.uint8)
    return ShownFrame(Frame(image, index, 0.0), Candidates.empty(1, FRAME_WH), Detections.empty(), model)


def give(
    inspecting: Inspecting,
    maps: NDArray[np.float16],
    layer: Layer,
    index: int = 7,
    given: NDArray[np.float16] | None = None,
) -> ChannelMaps:
    """As if the lane had answered frame `index` with these maps of this layer, and what the layer was given."""
    inspecting.session.playback.opened(FILE, "")
    inspecting.model = MODEL
    inspecting.detector = Detector(INFO, VGGYoloFamily(), TorchEngine(vgg_yolo()), 320)
    if inspecting.layer is not layer:
        inspecting._look_at(layer)
    request = TapRequest(layer, inspecting.after_relu, pinned=inspecting.looked_at, with_input=given is not None)
    made = made_maps(maps, layer, request, given)
    inspecting._took(made, shown_frame(index))
    return made


def small_detector(name: str = "small", channels: int = 3) -> Detector:
    info = ModelInfo(name, tuple(f"class {n}" for n in range(channels)), 64, Path("none"))
    return Detector(info, VGGYoloFamily(), TorchEngine(vgg_yolo()), 64)


class ClosedEngine:
    """Says what another engine says, and shows nothing of how: as OpenVINO does."""

    name, precision, device = "openvino", "f32", "CPU"

    def __init__(self, behind: TorchEngine) -> None:
        self._behind = behind

    def side_by_side(self, frames: int) -> None:
        """Not here."""

    def run(self, inputs: NDArray[np.uint8]) -> tuple[NDArray[np.float32], ...]:
        return self._behind.run(inputs)


def apart_detector(behind: TorchEngine) -> Detector:
    info = ModelInfo("apart", ("class 0", "class 1", "class 2"), 64, Path("none"))
    return Detector(info, VGGYoloFamily(), ClosedEngine(behind), 64)


class Desk:
    """A session with small networks, one of no torch, and sources that go round; and the inspector."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.models: dict[str, Callable[[], Detector]] = {
            "small": small_detector,
            "other": lambda: small_detector("other"),
            "blind": lambda: reading_detector("blind"),
            "apart": lambda: apart_detector(self.twin),
        }
        self.twin = TorchEngine(vgg_yolo())
        monkeypatch.setattr(torch_twin, "_twin", lambda _file, _precision: self.twin)
        monkeypatch.setattr(session_module, "load_detector", lambda name, *_, **__: self.models[name]())
        monkeypatch.setattr(session_module, "open_source", self.open)
        self.session = Session(Selection())
        self.inspecting = Inspecting(self.session)
        self.seen: list[tuple[str, str, str]] = []
        self.inspecting.maps_changed.connect(self._note)

    def open(self, text: str, _mode: object, _give_up: threading.Event) -> FrameSource:
        return NumberedSource(1000, fps=60, tag=int(text))

    def _note(self) -> None:
        maps, layer, model = self.inspecting.maps, self.inspecting.layer, self.session.model
        if maps is not None and layer is not None and self.inspecting.shown is not None and model is not None:
            assert maps.layer.name == layer.name
            assert self.inspecting.shown.model is model
            self.seen.append((maps.layer.name, model.info.name, str(self.inspecting.shown.frame.image[0, 0, 2])))

"""One object to look inside a detector from Python: its layers, their maps on a frame, and what explains its boxes.

from detector.frames import frames_of, open_source
from detector.inspection.inspector import Inspector
from detector.registry import load_detector

inspector = Inspector(load_detector("vgg-yolo-voc20", engine="torch", device="cpu"))
for frame in frames_of(open_source("sample")):
    look = inspector.look(frame.image, ["backbone.stage2.2"])
    print(frame.index, look.maps["backbone.stage2.2"].peak.argmax())
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from detector.detections import Candidates, Detections
from detector.detector import Detector
from detector.engines.torch_engine import TorchEngine
from detector.errors import OptionError
from detector.geometry import Letterbox
from detector.inspection.anatomy import Layer, Point, anatomy, find_layer
from detector.inspection.cam import default_layers, explain_detections, fuse
from detector.inspection.network_copy import shared_copy
from detector.inspection.tapping import ChannelMaps, Tap, TapRequest
from detector.inspection.targets import DetectionTarget

WHOLE_PX = 1 << 16


@dataclass(frozen=True)
class Look:
    """One frame, looked at from inside. maps: by the layer's name. inputs: float `[1, 3, h, w]`, 0..1."""

    candidates: Candidates
    maps: dict[str, ChannelMaps]
    letterbox: Letterbox
    inputs: Tensor


class Inspector:
    """Looks inside a detector, on a copy of its modules that shares its weights; the detector itself may run meanwhile.

    Not to be used from two threads at once.

    Raises:
        OptionError: the detector has no torch network to look into.
    """

    def __init__(self, detector: Detector) -> None:
        engine = detector.engine
        if not isinstance(engine, TorchEngine) or not engine.on_cpu:
            raise OptionError(
                f"{detector.info.name} runs on {engine.name}, {engine.device}, and cannot be looked into there; take "
                "the engine torch on the CPU."
            )
        self.detector = detector
        self.network: nn.Module = shared_copy(engine.network)
        self._engine = TorchEngine(self.network, engine.precision)
        self._layers: dict[tuple[int, ...], tuple[Layer, ...]] = {}

    def layers(self, image: NDArray[np.uint8], repeats: int = 0) -> tuple[Layer, ...]:
        """The network's layers on frames of this shape, RGB uint8 `[H, W, 3]`; timed over so many `repeats`."""
        tensor, _ = self.detector.prepare(image)
        if tensor.shape not in self._layers or repeats:
            inputs = torch.zeros(1, 3, *tensor.shape[:2])
            self._layers[tensor.shape] = anatomy(self.network, inputs, repeats, self._engine.precision == "bf16")
        return self._layers[tensor.shape]

    def known(self, names: Sequence[str]) -> list[Layer]:
        """The layers of these names, as they were met on the first frame."""
        first = next(iter(self._layers.values()), ())
        return [find_layer(first, name) for name in names]

    def look(
        self,
        image: NDArray[np.uint8],
        names: Sequence[str],
        after_relu: bool = True,
        tile_px: int = WHOLE_PX,
        cut_out: int = 0,
    ) -> Look:
        """One forward pass: candidates, and the maps of these layers.

        Args:
            tile_px: maps are reduced to at most so many rows and columns; whole by default. cut_out: see `TapRequest`.

        Raises:
            OptionError: no such layer; it tells the nearest names.
        """
        known = self.layers(image)
        requests = {name: TapRequest(find_layer(known, name), after_relu, tile_px, None, cut_out) for name in names}
        tensor, letterbox = self.detector.prepare(image)
        taps = {name: Tap(self.network, request) for name, request in requests.items()}
        try:
            for tap in taps.values():
                tap.begin()
            outputs = self._engine.run(tensor[None])
            taken = {name: tap.take() for name, tap in taps.items()}
        finally:
            for tap in taps.values():
                tap.remove()
        family, floor = self.detector.family, self.detector.floor
        candidates = family.interpret([output[0] for output in outputs], letterbox, floor)
        inputs = torch.from_numpy(tensor).permute(2, 0, 1)[None].float() / 255
        return Look(candidates, {name: maps for name, maps in taken.items() if maps is not None}, letterbox, inputs)

    def heat(self, look: Look, detections: Detections, layers: Sequence[Point] = ()) -> list[NDArray[np.float32]]:
        """LayerCAM of each detection, float32 `[H, W]` of the frame, 0..1, fused over `layers`.

        Args:
            detections: selected from `look.candidates`. layers: by default the backbone's last at strides 8, 16, 32.

        Raises:
            OptionError: the network does not find a box again.
        """
        if len(detections) == 0:
            return []
        points = tuple(layers) or default_layers(self.network, look.inputs)
        boxes = look.letterbox.to_input(detections.boxes_xyxy)
        origins = look.candidates.origin[detections.candidate]
        targets = [
            DetectionTarget(
                self.detector.family.output_row(int(origin), look.letterbox),
                int(label),
                (float(x1), float(y1), float(x2), float(y2)),
            )
            for origin, label, (x1, y1, x2, y2) in zip(origins, detections.labels, boxes, strict=True)
        ]
        size_hw = look.inputs.shape[-2], look.inputs.shape[-1]
        found = explain_detections(self.network, look.inputs, targets, points)
        return [look.letterbox.map_to_frame(fuse(maps, size_hw), size_hw) for maps in found]

"""VGG-YOLO: square letterbox in, class logits and boxes of every anchor point out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from detector.detections import Candidates
from detector.families.grid import STRIDES, cell_of
from detector.families.protocol import Cell
from detector.geometry import Letterbox


class VGGYoloFamily:
    """Outputs: class logits `[N, C]`, boxes xyxy `[N, 4]` in input pixels."""

    grid_strides: tuple[int, ...] | None = STRIDES

    def place(self, frame_size_wh: tuple[int, int], size: int) -> Letterbox:
        return Letterbox.fit(frame_size_wh, size)

    def prepare(self, image: NDArray[np.uint8], size: int) -> tuple[NDArray[np.uint8], Letterbox]:
        letterbox = self.place((image.shape[1], image.shape[0]), size)
        return letterbox.apply(image), letterbox

    def interpret(self, outputs: Sequence[NDArray[np.float32]], letterbox: Letterbox, floor: float) -> Candidates:
        logits, boxes = outputs
        # The sigmoid is monotone, so most points are left out before it is taken.
        floor_logit = np.log(floor / (1 - floor)) if floor > 0 else -np.inf
        rows = np.flatnonzero(logits.max(axis=1) > floor_logit)
        scores = (1 / (1 + np.exp(-logits[rows]))).astype(np.float32)
        return Candidates(letterbox.to_frame(boxes[rows]), scores, rows.astype(np.int32), letterbox.frame_size_wh)

    def cell(self, origin: int, size: int) -> Cell:
        return cell_of(origin, size)

"""SSD (Liu et al., 1512.02325) as torchvision has it: logits and offsets of default boxes into candidates."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.detections import Candidates
from detector.families.protocol import Cell
from detector.geometry import Letterbox

CENTRE_WEIGHT, SIDE_WEIGHT = 10.0, 5.0


class SsdFamily:
    """Outputs: class logits `[N, 1 + C]`, the background first, and offsets x, y, w, h `[N, 4]` of default boxes.

    The input is the frame stretched to a square, as torchvision does it for SSD.

    Args:
        boxes_xyxy: the default boxes float32 `[N, 4]` in input pixels. columns: which logits are told, in this order.
    """

    grid_strides: tuple[int, ...] | None = None

    def __init__(self, boxes_xyxy: NDArray[np.float32], columns: Sequence[int]) -> None:
        self._sides = boxes_xyxy[:, 2:] - boxes_xyxy[:, :2]
        self._centres = boxes_xyxy[:, :2] + self._sides / 2
        self._columns = np.array(columns)

    def place(self, frame_size_wh: tuple[int, int], size: int) -> Letterbox:
        width, height = frame_size_wh
        return Letterbox((size / width, size / height), (size, size), frame_size_wh, size)

    def prepare(self, image: NDArray[np.uint8], size: int) -> tuple[NDArray[np.uint8], Letterbox]:
        letterbox = self.place((image.shape[1], image.shape[0]), size)
        return np.asarray(cv2.resize(image, (size, size), interpolation=cv2.INTER_LINEAR), np.uint8), letterbox

    def interpret(self, outputs: Sequence[NDArray[np.float32]], letterbox: Letterbox, floor: float) -> Candidates:
        logits, offsets = outputs
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        scores = (powers / powers.sum(axis=1, keepdims=True))[:, self._columns]
        rows = np.flatnonzero(scores.max(axis=1) > floor)
        sides, moved = self._sides[rows], offsets[rows]
        centres = self._centres[rows] + moved[:, :2] / CENTRE_WEIGHT * sides
        half = np.exp(moved[:, 2:] / SIDE_WEIGHT) * sides / 2
        boxes = np.concatenate((centres - half, centres + half), axis=1).astype(np.float32)
        return Candidates(letterbox.to_frame(boxes), scores[rows], rows.astype(np.int32), letterbox.frame_size_wh)

    def output_row(self, origin: int, letterbox: Letterbox) -> int:
        return origin

    def cell(self, origin: int, size: int) -> Cell:
        """There are no cells of one size.

        Raises:
            IndexError: always.
        """
        raise IndexError("SSD answers default boxes, not cells")

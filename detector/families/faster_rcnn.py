"""Faster R-CNN: a frame in, class scores and a box of every proposal out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from detector.detections import Candidates, Proposals
from detector.families.protocol import Cell
from detector.geometry import Letterbox

STEP_PX = 32
"""Sides of the input are multiples of the coarsest stride."""


class FasterRCNNFamily:
    """Outputs: scores `[P, C]`, boxes xyxy `[P, 4]` or, where each class has its own, `[P, C, 4]`, proposals xyxy
    `[P, 4]`, objectness `[P]`; boxes in input pixels, rows beyond the last proposal zero."""

    grid_strides: tuple[int, ...] | None = None

    def place(self, frame_size_wh: tuple[int, int], size: int) -> Letterbox:
        return Letterbox.fit(frame_size_wh, size, STEP_PX)

    def prepare(self, image: NDArray[np.uint8], size: int) -> tuple[NDArray[np.uint8], Letterbox]:
        letterbox = self.place((image.shape[1], image.shape[0]), size)
        return letterbox.apply(image), letterbox

    def interpret(self, outputs: Sequence[NDArray[np.float32]], letterbox: Letterbox, floor: float) -> Candidates:
        """Candidates before any NMS; `origin` is the row of the proposal that each grew out of."""
        scores, boxes, proposals, objectness = outputs
        width, height = letterbox.content_wh
        # What looks only at the gray beside the frame is no answer about the frame.
        real = (objectness > 0) & (proposals[:, 0] < width) & (proposals[:, 1] < height)
        scores, boxes, proposals, objectness = scores[real], boxes[real], proposals[real], objectness[real]
        if boxes.ndim == 2:
            rows = np.flatnonzero(scores.max(axis=1, initial=0) > floor)
            kept_scores, kept_boxes = scores[rows], boxes[rows]
        else:
            rows, labels = np.nonzero(scores > floor)
            kept_scores = np.zeros((len(rows), scores.shape[1]), np.float32)
            kept_scores[np.arange(len(rows)), labels] = scores[rows, labels]
            kept_boxes = boxes[rows, labels]
        return Candidates(
            letterbox.to_frame(kept_boxes),
            kept_scores,
            rows.astype(np.int32),
            letterbox.frame_size_wh,
            Proposals(letterbox.to_frame(proposals), objectness.astype(np.float32)),
        )

    def output_row(self, origin: int, letterbox: Letterbox) -> int:
        return origin

    def cell(self, origin: int, size: int) -> Cell:
        """There are no cells.

        Raises:
            IndexError: always.
        """
        raise IndexError("a two-stage network answers proposals, not cells")

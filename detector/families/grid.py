"""What one-stage families on strides 8, 16, 32 share: the cells, and candidates from rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from detector.detections import Candidates
from detector.families.protocol import Cell
from detector.geometry import Letterbox

STRIDES = (8, 16, 32)


def cell_of(origin: int, size: int) -> Cell:
    """The cell of anchor point `origin` in a `size` x `size` input: levels in order, cells row by row."""
    for stride in STRIDES:
        side = size // stride
        if origin < side * side:
            return Cell(stride, origin % side, origin // side)
        origin -= side * side
    raise IndexError("the origin lies beyond the last anchor point")


def candidates_above(
    scores: NDArray[np.float32], boxes_xyxy: NDArray[np.float32], letterbox: Letterbox, floor: float
) -> Candidates:
    """Rows `scores [N, C]`, `boxes_xyxy [N, 4]` (input pixels) whose best score is above `floor`, in frame pixels."""
    rows = np.flatnonzero(scores.max(axis=1) > floor)
    return Candidates(
        letterbox.to_frame(boxes_xyxy[rows]), scores[rows], rows.astype(np.int32), letterbox.frame_size_wh
    )

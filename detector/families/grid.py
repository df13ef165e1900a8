"""What one-stage families on strides 8, 16, 32 share: the cells, where they lie, and candidates from rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from detector.detections import Candidates
from detector.families.protocol import Cell
from detector.geometry import Letterbox

STRIDES = (8, 16, 32)


def cell_of(origin: int, size: int, strides: Sequence[int] = STRIDES) -> Cell:
    """The cell of anchor point `origin` in a `size` x `size` input: levels in order, cells row by row.

    Raises:
        IndexError: the origin lies beyond the last anchor point.
    """
    for stride in strides:
        side = size // stride
        if origin < side * side:
            return Cell(stride, origin % side, origin // side)
        origin -= side * side
    raise IndexError("the origin lies beyond the last anchor point")


def origin_of(cell: Cell, size: int, strides: Sequence[int] = STRIDES) -> int:
    """The anchor point of a cell: the inverse of `cell_of`.

    Raises:
        IndexError: the grid has no such cell.
    """
    first = 0
    for stride in strides:
        side = size // stride
        if stride == cell.stride and 0 <= cell.column < side and 0 <= cell.row < side:
            return first + cell.row * side + cell.column
        first += side * side
    raise IndexError(f"there is no cell {cell.column}, {cell.row} of stride {cell.stride}")


def cells_of(origins: NDArray[np.int32], size: int, strides: Sequence[int] = STRIDES) -> NDArray[np.int32]:
    """The cells of many anchor points at once: int32 `[N]` -> `[N, 3]` stride, column, row."""
    cells = np.zeros((len(origins), 3), np.int32)
    first = 0
    for stride in strides:
        side = size // stride
        here = (origins >= first) & (origins < first + side * side)
        place = origins[here] - first
        cells[here] = np.stack((np.full(len(place), stride), place % side, place // side), axis=1)
        first += side * side
    if len(origins) and int(cells[:, 0].min()) == 0:
        raise IndexError("an origin lies beyond the last anchor point")
    return cells


def cells_xyxy(cells: NDArray[np.int32], frame_size_wh: tuple[int, int], size: int) -> NDArray[np.float32]:
    """Where cells `[N, 3]` (stride, column, row) lie: float32 `[N, 4]` in frame pixels, may reach beyond the frame."""
    stride, column, row = cells.reshape(-1, 3).astype(np.float32).T
    boxes = np.stack((column, row, column + 1, row + 1), axis=1) * stride[:, None]
    return Letterbox.fit(frame_size_wh, size).to_frame(boxes)


def cell_at(x: float, y: float, stride: int, frame_size_wh: tuple[int, int], size: int) -> Cell | None:
    """The cell of one stride over a place of the frame (in its pixels); None beside the frame."""
    if not (0 <= x < frame_size_wh[0] and 0 <= y < frame_size_wh[1]):
        return None
    scale_x, scale_y = Letterbox.fit(frame_size_wh, size).scale_xy
    side = size // stride
    return Cell(stride, min(int(x * scale_x / stride), side - 1), min(int(y * scale_y / stride), side - 1))


def candidates_above(
    scores: NDArray[np.float32], boxes_xyxy: NDArray[np.float32], letterbox: Letterbox, floor: float
) -> Candidates:
    """Rows `scores [N, C]`, `boxes_xyxy [N, 4]` (input pixels) whose best score is above `floor`, in frame pixels."""
    rows = np.flatnonzero(scores.max(axis=1) > floor)
    return Candidates(
        letterbox.to_frame(boxes_xyxy[rows]), scores[rows], rows.astype(np.int32), letterbox.frame_size_wh
    )

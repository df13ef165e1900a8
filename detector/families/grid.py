"""What one-stage families on strides 8, 16, 32 share: the cells, where they lie, and candidates from rows.

Anchor points are numbered as in the whole square input, also where only the part of it is computed that the frame
reaches into (`Letterbox.step`): an origin means the same cell for whoever knows the input size alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

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
    return cells_in_part(origins, (size, size), strides)


def cells_in_part(
    rows: NDArray[np.integer], input_hw: tuple[int, int], strides: Sequence[int] = STRIDES
) -> NDArray[np.int32]:
    """The cells `[N, 3]` (stride, column, row) behind rows `[N]` of a network's output for an input of so many pixels.

    Raises:
        IndexError: a row lies beyond the last anchor point.
    """
    firsts, across = _levels(input_hw, tuple(strides))
    if len(rows) and not 0 <= int(rows.min()) <= int(rows.max()) < firsts[-1]:
        raise IndexError("an origin lies beyond the last anchor point")
    level = np.searchsorted(firsts[1:], rows, side="right")
    row, column = np.divmod(rows - firsts[level], across[level])
    return np.stack((np.asarray(strides, np.int32)[level], column, row), axis=1).astype(np.int32)


def origins_of(
    cells: NDArray[np.int32], input_hw: tuple[int, int], strides: Sequence[int] = STRIDES
) -> NDArray[np.int32]:
    """The inverse of `cells_in_part`: `[N, 3]` -> int32 `[N]`, for cells that the input has."""
    firsts, across = _levels(input_hw, tuple(strides))
    # Strides grow from level to level.
    level = np.searchsorted(strides, cells[:, 0])
    return (firsts[level] + cells[:, 2] * across[level] + cells[:, 1]).astype(np.int32)


def part_rows(origins: NDArray[np.int32], letterbox: Letterbox, strides: Sequence[int] = STRIDES) -> NDArray[np.int32]:
    """Where anchor points `[N]` of the square stand in the output for the part of it that is computed, int32 `[N]`.

    Raises:
        IndexError: the part, or even the square, has no such cell.
    """
    cells = cells_of(origins, letterbox.size, strides)
    height, width = letterbox.input_hw
    if (cells[:, 1] >= width // cells[:, 0]).any() or (cells[:, 2] >= height // cells[:, 0]).any():
        raise IndexError("an origin lies beside the part of the input that is computed")
    return origins_of(cells, letterbox.input_hw, strides)


@lru_cache(maxsize=64)
def _levels(input_hw: tuple[int, int], strides: tuple[int, ...]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """How many anchor points stand before each level and before the end, `[L + 1]`, and each level's columns `[L]`."""
    sides = np.array([(input_hw[0] // stride, input_hw[1] // stride) for stride in strides], np.int32).reshape(-1, 2)
    return np.concatenate(([0], np.cumsum(sides.prod(axis=1)))).astype(np.int32), sides[:, 1]


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

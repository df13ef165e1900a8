"""What a family of models knows: how a frame becomes its input, and what its outputs mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from detector.detections import Candidates
from detector.geometry import Letterbox


class Cell(NamedTuple):
    """Where a candidate came from: the level's stride in input pixels and the cell's column and row."""

    stride: int
    column: int
    row: int


class Family(Protocol):
    """Between frames and an engine's arrays.

    grid_strides: the strides of the levels whose cells answer, in the order of `origin` (see `families/grid.py`); None
    where candidates do not come from cells of a grid.
    """

    @property
    def grid_strides(self) -> tuple[int, ...] | None: ...

    def place(self, frame_size_wh: tuple[int, int], size: int) -> Letterbox:
        """Where a frame of so many pixels lies in the input; arithmetic alone."""

    def prepare(self, image: NDArray[np.uint8], size: int) -> tuple[NDArray[np.uint8], Letterbox]:
        """A frame's RGB uint8 `[H, W, 3]` -> the engine's input `[h, w, 3]` and where the frame lies in it."""

    def interpret(self, outputs: Sequence[NDArray[np.float32]], letterbox: Letterbox, floor: float) -> Candidates:
        """One frame's engine outputs (no batch axis) -> candidates whose best score is above `floor`."""

    def output_row(self, origin: int, letterbox: Letterbox) -> int:
        """Where a candidate's `origin` stands in the network's output for this input.

        Raises:
            OptionError: the input has no such place.
        """

    def cell(self, origin: int, size: int) -> Cell:
        """The cell behind a candidate's `origin` at input size `size`."""

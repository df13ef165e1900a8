"""VGG-YOLO: class logits, and boxes or distances, of every anchor point.

Of the square letterbox only the part goes in that the frame reaches into.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from detector.detections import Candidates
from detector.errors import OptionError
from detector.families.grid import STRIDES, cell_of, cells_in_part, origins_of, part_rows
from detector.families.protocol import Cell
from detector.geometry import Letterbox

LEAST_LOGIT = np.float32(-80)


def rows_above(logits: NDArray[np.float32], floor: float) -> NDArray[np.intp]:
    """The anchor points whose best score is above `floor`. logits `[N, C]`."""
    # The sigmoid is monotone, so most points are left out before it is taken.
    floor_logit = np.log(floor / (1 - floor)) if floor > 0 else -np.inf
    return np.flatnonzero(logits.max(axis=1) > floor_logit)


def boxes_of(cells: NDArray[np.int32], distances: NDArray[np.float32]) -> NDArray[np.float32]:
    """Boxes xyxy `[R, 4]` in input pixels of `cells` `[R, 3]` and their distances `[R, 4]` in strides."""
    stride, column, row = cells.astype(np.float32).T
    centres = np.stack((column + np.float32(0.5), row + np.float32(0.5)), axis=1) * stride[:, None]
    sides = distances * stride[:, None]
    return np.concatenate((centres - sides[:, :2], centres + sides[:, 2:]), axis=1)


def candidates_of(
    cells: NDArray[np.int32], logits: NDArray[np.float32], boxes_xyxy: NDArray[np.float32], letterbox: Letterbox
) -> Candidates:
    """Candidates of `cells` `[R, 3]`: their logits `[R, C]` and boxes `[R, 4]` in input pixels."""
    # Below this a score is nothing, and the exponential would overflow.
    scores = (1 / (1 + np.exp(-np.maximum(logits, LEAST_LOGIT)))).astype(np.float32)
    origins = origins_of(cells, (letterbox.size, letterbox.size))
    return Candidates(letterbox.to_frame(boxes_xyxy), scores, origins, letterbox.frame_size_wh)


class VGGYoloFamily:
    """Outputs: class logits `[N, C]`, boxes xyxy `[N, 4]` in input pixels."""

    grid_strides: tuple[int, ...] | None = STRIDES

    def place(self, frame_size_wh: tuple[int, int], size: int) -> Letterbox:
        return Letterbox.fit(frame_size_wh, size, STRIDES[-1])

    def prepare(self, image: NDArray[np.uint8], size: int) -> tuple[NDArray[np.uint8], Letterbox]:
        letterbox = self.place((image.shape[1], image.shape[0]), size)
        return letterbox.apply(image), letterbox

    def interpret(self, outputs: Sequence[NDArray[np.float32]], letterbox: Letterbox, floor: float) -> Candidates:
        logits, boxes = outputs
        rows = rows_above(logits, floor)
        cells = cells_in_part(rows, letterbox.input_hw)
        return candidates_of(cells, logits[rows], boxes[rows], letterbox)

    def output_row(self, origin: int, letterbox: Letterbox) -> int:
        try:
            return int(part_rows(np.array([origin], np.int32), letterbox)[0])
        except IndexError as error:
            raise OptionError("this detection is not of this network at this input size; select it again.") from error

    def cell(self, origin: int, size: int) -> Cell:
        return cell_of(origin, size)


class VGGYoloDistancesFamily(VGGYoloFamily):
    """Outputs: class logits `[N, C]`, distances l, t, r, b `[N, 4]` in strides. Only what is kept becomes boxes.

    This is how networks are exported: without the anchor points a network fits every input size.
    """

    def interpret(self, outputs: Sequence[NDArray[np.float32]], letterbox: Letterbox, floor: float) -> Candidates:
        logits, distances = outputs
        rows = rows_above(logits, floor)
        cells = cells_in_part(rows, letterbox.input_hw)
        return candidates_of(cells, logits[rows], boxes_of(cells, distances[rows]), letterbox)

"""YOLOX as an ONNX file (Ge et al., 2107.08430): the teacher's family and a measured peer, told in VOC's words."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from detector.detections import Candidates
from detector.families.coco import COCO_CLASS_NAMES, VOC_CLASS_NAMES, coco_name
from detector.families.grid import STRIDES, candidates_above, cell_of
from detector.families.protocol import Cell
from detector.geometry import Letterbox

VOC_COLUMNS = np.array([COCO_CLASS_NAMES.index(coco_name(name)) for name in VOC_CLASS_NAMES])


class YoloxFamily:
    """Outputs: one array `[N, 85]`: raw box, objectness, 80 COCO class scores. Candidates carry VOC's 20 classes."""

    grid_strides: tuple[int, ...] | None = STRIDES

    def place(self, frame_size_wh: tuple[int, int], size: int) -> Letterbox:
        return Letterbox.fit(frame_size_wh, size)

    def prepare(self, image: NDArray[np.uint8], size: int) -> tuple[NDArray[np.uint8], Letterbox]:
        letterbox = self.place((image.shape[1], image.shape[0]), size)
        return letterbox.apply(image), letterbox

    def interpret(self, outputs: Sequence[NDArray[np.float32]], letterbox: Letterbox, floor: float) -> Candidates:
        raw = outputs[0]
        scores = raw[:, 4:5] * raw[:, 5:][:, VOC_COLUMNS]
        return candidates_above(scores, decode_boxes(raw, *letterbox.input_hw), letterbox, floor)

    def output_row(self, origin: int, letterbox: Letterbox) -> int:
        return origin

    def cell(self, origin: int, size: int) -> Cell:
        return cell_of(origin, size)


@lru_cache(maxsize=8)
def _cells(height: int, width: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Corners of all cells, in cells `[N, 2]` (x, y), and their strides `[N, 1]`, row by row, level by level."""
    cells, strides = [], []
    for stride in STRIDES:
        ys, xs = np.mgrid[: height // stride, : width // stride]
        cells.append(np.stack((xs, ys), axis=-1).reshape(-1, 2))  # [h * w, 2]
        strides.append(np.full((len(cells[-1]), 1), stride))
    return np.concatenate(cells).astype(np.float32), np.concatenate(strides).astype(np.float32)


def decode_boxes(raw: NDArray[np.float32], height: int, width: int) -> NDArray[np.float32]:
    """Boxes xyxy `[..., N, 4]` in input pixels from raw rows: `(xy + cell) * stride`, `exp(wh) * stride`."""
    cells, strides = _cells(height, width)
    centre = (raw[..., :2] + cells) * strides
    half = np.exp(raw[..., 2:4]) * strides / 2
    return np.concatenate((centre - half, centre + half), axis=-1)

"""Cells: where an anchor point lies."""

import numpy as np
import pytest

from detector.families.grid import STRIDES, candidates_above, cell_of
from detector.geometry import Letterbox
from detector.networks.yolo import anchor_points


@pytest.mark.parametrize("size", [64, 320, 416])
def test_cells_are_in_the_order_of_the_networks_anchor_points(size):
    points = anchor_points(size, size)
    centres, strides = points.centres_xy.numpy(), points.strides.numpy()
    for origin in range(0, len(centres), 7):
        cell = cell_of(origin, size)
        assert cell.stride == strides[origin]
        assert ((cell.column + 0.5) * cell.stride, (cell.row + 0.5) * cell.stride) == tuple(centres[origin])


def test_every_cell_comes_once():
    size = 128
    count = sum((size // stride) ** 2 for stride in STRIDES)
    cells = {cell_of(origin, size) for origin in range(count)}
    assert len(cells) == count
    with pytest.raises(IndexError):
        cell_of(count, size)


def test_candidates_keep_their_origin_and_lie_in_frame_pixels():
    letterbox = Letterbox.fit((640, 320), 320)
    scores = np.float32([(0.1, 0.2), (0.004, 0.001), (0.0, 0.9)])
    boxes = np.float32([(0, 0, 10, 10), (1, 1, 2, 2), (20, 30, 40, 60)])
    found = candidates_above(scores, boxes, letterbox, 0.005)
    assert found.origin.tolist() == [0, 2]
    np.testing.assert_allclose(found.boxes_xyxy, [(0, 0, 20, 20), (40, 60, 80, 120)])
    assert found.frame_size_wh == (640, 320)

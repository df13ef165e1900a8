"""Cells: where an anchor point lies."""

import numpy as np
import pytest

from detector.families.grid import (
    STRIDES,
    candidates_above,
    cell_at,
    cell_of,
    cells_in_part,
    cells_of,
    cells_xyxy,
    origin_of,
    origins_of,
    part_rows,
)
from detector.families.protocol import Cell
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


@pytest.mark.parametrize("input_hw", [(192, 320), (320, 224), (64, 64), (32, 320)])
def test_rows_of_a_part_are_in_the_order_of_the_networks_anchor_points(input_hw):
    points = anchor_points(*input_hw)
    rows = np.arange(len(points.strides))
    cells = cells_in_part(rows, input_hw)
    np.testing.assert_array_equal(cells[:, 0], points.strides.numpy())
    np.testing.assert_allclose((cells[:, 1:] + 0.5) * cells[:, :1], points.centres_xy.numpy())
    np.testing.assert_array_equal(origins_of(cells, input_hw), rows)
    with pytest.raises(IndexError):
        cells_in_part(np.array([len(rows)]), input_hw)
    with pytest.raises(IndexError):
        cells_in_part(np.array([-1]), input_hw)


@pytest.mark.parametrize("frame_wh", [(1280, 720), (480, 640), (320, 320), (2000, 10)])
def test_a_part_and_the_square_tell_of_the_same_cells(frame_wh):
    letterbox = Letterbox.fit(frame_wh, 320, STRIDES[-1])
    rows = np.arange(len(anchor_points(*letterbox.input_hw).strides))
    origins = origins_of(cells_in_part(rows, letterbox.input_hw), (320, 320))
    np.testing.assert_array_equal(cells_of(origins, 320), cells_in_part(rows, letterbox.input_hw))
    np.testing.assert_array_equal(part_rows(origins, letterbox), rows)
    assert len(np.unique(origins)) == len(rows)
    if letterbox.input_hw != (320, 320):
        # The last cell of the coarsest grid lies in the corner of the square.
        with pytest.raises(IndexError, match="beside"):
            part_rows(np.int32([40 * 40 + 20 * 20 + 10 * 10 - 1]), letterbox)


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


@pytest.mark.parametrize("strides", [STRIDES, (16,), (8, 32)])
def test_many_cells_at_once_are_the_same_and_lead_back(strides):
    size = 96
    count = sum((size // stride) ** 2 for stride in strides)
    origins = np.arange(count, dtype=np.int32)
    cells = cells_of(origins, size, strides)
    for origin in range(count):
        assert Cell(*cells[origin].tolist()) == cell_of(origin, size, strides)
        assert origin_of(cell_of(origin, size, strides), size, strides) == origin
    with pytest.raises(IndexError):
        cells_of(np.int32([count]), size, strides)
    with pytest.raises(IndexError):
        origin_of(Cell(strides[0], size, 0), size, strides)
    assert cells_of(np.zeros(0, np.int32), size).shape == (0, 3)


@pytest.mark.parametrize("frame_wh", [(640, 320), (320, 640), (333, 97), (20, 20)])
def test_a_cell_lies_over_the_frame_where_the_letterbox_put_it(frame_wh):
    size = 64
    cells = cells_of(np.arange(84, dtype=np.int32), size)
    places = cells_xyxy(cells, frame_wh, size)
    back = Letterbox.fit(frame_wh, size).to_input(places)
    np.testing.assert_allclose(back[:, 0], cells[:, 1] * cells[:, 0], atol=1e-3)
    np.testing.assert_allclose(back[:, 3], (cells[:, 2] + 1) * cells[:, 0], atol=1e-3)
    rng = np.random.default_rng(0)
    for x, y in rng.uniform((0, 0), frame_wh, (50, 2)):
        for stride in STRIDES:
            cell = cell_at(x, y, stride, frame_wh, size)
            (x1, y1, x2, y2) = cells_xyxy(np.int32([cell]), frame_wh, size)[0]
            assert x1 - 1e-3 <= x <= x2 + 1e-3
            assert y1 - 1e-3 <= y <= y2 + 1e-3


def test_beside_the_frame_there_is_no_cell():
    assert cell_at(-1, 5, 8, (100, 50), 64) is None
    assert cell_at(50, 50, 8, (100, 50), 64) is None

"""Boxes and the letterbox."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from detector.geometry import PAD_VALUE, Letterbox, box_area, box_iou, clip_boxes

SIDES = st.integers(1, 10_000)
SIZES = st.integers(2, 64).map(lambda n: 32 * n)


def random_boxes(seed, count, side=100):
    rng = np.random.default_rng(seed)
    corner = rng.uniform(0, side, (count, 2))
    return np.concatenate((corner, corner + rng.uniform(0.5, side, (count, 2))), axis=1).astype(np.float32)


def test_iou_equals_torchvision():
    import torch
    from torchvision.ops import box_iou as reference

    a, b = random_boxes(0, 40), random_boxes(1, 30)
    expected = reference(torch.from_numpy(a), torch.from_numpy(b)).numpy()
    found = box_iou(a, b)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert (found > 0).any()


def test_iou_of_empty_boxes_is_zero_and_of_a_box_with_itself_one():
    boxes = np.float32([(5, 5, 5, 9), (8, 8, 3, 3), (0, 0, 4, 4)])
    np.testing.assert_array_equal(box_iou(boxes, boxes), np.diag([0, 0, 1]).astype(np.float32))
    assert box_iou(np.zeros((0, 4), np.float32), boxes).shape == (0, 3)


def test_area_of_boxes_without_inside_is_zero():
    boxes = np.float32([(1, 2, 4, 6), (5, 5, 5, 9), (8, 8, 3, 3)])
    np.testing.assert_array_equal(box_area(boxes), [12, 0, 0])


def test_clipping_keeps_boxes_within_the_frame():
    boxes = np.float32([(-5, -6, 700, 20), (630, 470, 650, 490)])
    np.testing.assert_array_equal(clip_boxes(boxes, (640, 480)), [(0, 0, 640, 20), (630, 470, 640, 480)])


@given(SIDES, SIDES, SIZES)
@example(1, 1, 320)
@example(8192, 4320, 320)
@example(10_000, 1, 64)
def test_boxes_go_into_the_input_and_back(width, height, size):
    letterbox = Letterbox.fit((width, height), size)
    boxes = np.float32([(0, 0, width, height), (width / 4, height / 3, width / 2, height / 1.5)])
    np.testing.assert_allclose(letterbox.to_frame(letterbox.to_input(boxes)), boxes, rtol=1e-5)
    inside = letterbox.to_input(boxes)
    np.testing.assert_allclose(inside[0], (0, 0, *letterbox.content_wh), rtol=1e-5)


@given(SIDES, SIDES, SIZES)
@example(1, 1, 320)
@example(8192, 4320, 320)
def test_the_content_fills_one_side_and_keeps_the_shape(width, height, size):
    letterbox = Letterbox.fit((width, height), size)
    assert max(letterbox.content_wh) == size
    assert min(letterbox.content_wh) >= 1
    scale = size / max(width, height)
    assert abs(letterbox.content_wh[0] - width * scale) <= max(0.5, 1 - width * scale)
    assert abs(letterbox.content_wh[1] - height * scale) <= max(0.5, 1 - height * scale)


@pytest.mark.parametrize(("width", "height"), [(1, 1), (8192, 4320), (352, 240), (3, 500), (640, 360)])
def test_the_frame_lies_top_left_on_gray(width, height):
    frame = np.full((height, width, 3), (200, 30, 60), np.uint8)
    letterbox = Letterbox.fit((width, height), 96)
    canvas = letterbox.apply(frame)
    assert canvas.shape == (96, 96, 3)
    assert canvas.dtype == np.uint8
    content_width, content_height = letterbox.content_wh
    assert (canvas[:content_height, :content_width] == (200, 30, 60)).all()
    outside = np.ones((96, 96), bool)
    outside[:content_height, :content_width] = False
    assert (canvas[outside] == PAD_VALUE).all()


@given(SIDES, SIDES, SIZES)
@example(1280, 720, 320)
@example(8192, 1, 320)
@example(321, 320, 320)
def test_the_part_that_is_computed_holds_the_frame_and_no_whole_step_beside_it(width, height, size):
    letterbox = Letterbox.fit((width, height), size, 32)
    for part, content in zip(letterbox.input_hw, reversed(letterbox.content_wh), strict=True):
        assert content <= part <= size
        assert part == size or (part % 32 == 0 and part - content < 32)
    assert Letterbox.fit((width, height), size).input_hw == (size, size)


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (352, 240), (50, 300), (640, 640)])
def test_the_part_is_the_square_cut_off(width, height):
    frame = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    part, square = Letterbox.fit((width, height), 160, 32), Letterbox.fit((width, height), 160)
    rows, columns = part.input_hw
    assert rows * columns < 160 * 160 or width == height
    np.testing.assert_array_equal(part.apply(frame), square.apply(frame)[:rows, :columns])


@pytest.mark.parametrize(("width", "height"), [(352, 240), (240, 352), (1280, 720), (60, 45)])
def test_a_thing_in_the_frame_lies_where_the_letterbox_says(width, height):
    frame = np.zeros((height, width, 3), np.uint8)
    box = np.float32([(width // 4, height // 4, width // 2, height // 2)])
    x1, y1, x2, y2 = box[0].astype(int)
    frame[y1:y2, x1:x2] = 255
    letterbox = Letterbox.fit((width, height), 160)
    bright = np.argwhere(letterbox.apply(frame)[..., 0] > 200)
    found = np.float32([(bright[:, 1].min(), bright[:, 0].min(), bright[:, 1].max() + 1, bright[:, 0].max() + 1)])
    np.testing.assert_allclose(found, letterbox.to_input(box), atol=1.5)


@pytest.mark.parametrize("cells", [(12, 16), (96, 128)])
def test_a_map_of_the_input_lies_over_the_frame_as_boxes_do(cells: tuple[int, int]) -> None:
    # A map that tells each place's own x, in input pixels; beside the frame it tells nonsense.
    letterbox = Letterbox.fit((200, 100), 128)
    side = 128 // cells[1]
    x = (np.arange(cells[1], dtype=np.float32) + 0.5) * side
    over = letterbox.map_to_frame(np.tile(x, (cells[0], 1)), (cells[0] * side, 128))
    assert over.shape == (100, 200)
    inner = slice(side, 200 - 2 * side)
    np.testing.assert_allclose(over[50, inner], (np.arange(200)[inner] + 0.5) * 0.64, atol=0.05)


def test_a_map_over_the_frame_leaves_out_the_padding() -> None:
    letterbox = Letterbox.fit((200, 100), 128)
    values = np.zeros((128, 128), np.float32)
    values[64:] = 1
    assert letterbox.map_to_frame(values, (128, 128))[:98].max() == 0

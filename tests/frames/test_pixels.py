"""Pixels of any kind become upright RGB."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.frames.pixels import BACKDROP_GRAY, rgb_from_opencv, upright

FIXED = 1 << 16
SIGNS = [(1, 1), (1, -1), (-1, 1), (-1, -1)]
QUARTER_TURNS = [(s, 0, 0, t) for s, t in SIGNS] + [(0, s, t, 0) for s, t in SIGNS]


def display_matrix(a: float, b: float, c: float, d: float) -> np.ndarray:
    return np.array([a * FIXED, b * FIXED, 0, c * FIXED, d * FIXED, 0, 0, 0, 1 << 30], np.int64).astype(np.int32)


def test_colours_are_swapped():
    assert rgb_from_opencv(np.array([[[1, 2, 3]]], np.uint8)).tolist() == [[[3, 2, 1]]]


def test_gray_becomes_three_channels():
    assert rgb_from_opencv(np.array([[7, 9]], np.uint8)).tolist() == [[[7, 7, 7], [9, 9, 9]]]


def test_transparent_pixels_show_gray_and_half_transparent_ones_mix():
    bgra = np.array([[[1, 2, 3, 255], [1, 2, 3, 0], [200, 0, 0, 51]]], np.uint8)
    opaque, clear, fifth = rgb_from_opencv(bgra)[0].tolist()
    assert opaque == [3, 2, 1]
    assert clear == [BACKDROP_GRAY] * 3
    assert fifth == [round(BACKDROP_GRAY * 0.8), round(BACKDROP_GRAY * 0.8), round(BACKDROP_GRAY * 0.8 + 200 * 0.2)]


@given(st.integers(0, 65535))
def test_sixteen_bits_are_scaled_to_eight(value):
    assert abs(int(rgb_from_opencv(np.array([[value]], np.uint16))[0, 0, 0]) - value * 255 / 65535) <= 0.5


def test_floating_point_runs_from_0_to_1():
    image = rgb_from_opencv(np.array([[0.0, 0.5, 1.0, 7.0, -1.0, np.nan]], np.float32))
    assert image[0, :, 0].tolist() == [0, 128, 255, 255, 0, 0]


def test_what_is_not_known_is_refused():
    with pytest.raises(ValueError, match="5 channels"):
        rgb_from_opencv(np.zeros((2, 2, 5), np.uint8))
    with pytest.raises(ValueError, match="int64"):
        rgb_from_opencv(np.zeros((2, 2), np.int64))


@given(
    size=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    matrix=st.sampled_from(QUARTER_TURNS),
)
def test_every_pixel_goes_where_the_display_matrix_says(size, matrix):
    height, width = size
    image = np.arange(height * width * 3, dtype=np.int32).reshape(height, width, 3)
    a, b, c, d = matrix
    shown = upright(image, display_matrix(a, b, c, d))
    assert shown.flags.c_contiguous
    y, x = np.mgrid[:height, :width]
    column, row = a * x + c * y, b * x + d * y
    assert np.array_equal(shown[row - row.min(), column - column.min()], image)
    assert shown.size == image.size

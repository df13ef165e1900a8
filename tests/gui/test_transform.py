from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gui.canvas.transform import MAX_SCALE, MIN_SCALE, ViewTransform

sides = st.integers(1, 5000)
places = st.floats(-3000, 3000)
transforms = st.builds(ViewTransform, st.floats(0.05, 40), places, places)


@given(sides, sides, sides, sides)
def test_fit_shows_the_whole_frame_centred(frame_w: int, frame_h: int, view_w: int, view_h: int) -> None:
    fitted = ViewTransform.fit((frame_w, frame_h), (view_w, view_h))
    left, top = fitted.to_view(0, 0)
    right, bottom = fitted.to_view(frame_w, frame_h)
    assert left + right == pytest.approx(view_w, abs=1e-6 * view_w + 1e-6)
    assert top + bottom == pytest.approx(view_h, abs=1e-6 * view_h + 1e-6)
    if MIN_SCALE < fitted.scale < MAX_SCALE:
        assert min(left, top) == pytest.approx(0, abs=1e-6)


@given(transforms, places, places)
def test_to_frame_undoes_to_view(transform: ViewTransform, x: float, y: float) -> None:
    assert transform.to_frame(*transform.to_view(x, y)) == pytest.approx((x, y), abs=1e-6)


@given(transforms, st.floats(0.1, 10), places, places)
def test_zoom_keeps_the_point_and_stays_within_bounds(t: ViewTransform, factor: float, x: float, y: float) -> None:
    zoomed = t.zoomed(factor, x, y)
    assert MIN_SCALE <= zoomed.scale <= MAX_SCALE
    assert zoomed.to_frame(x, y) == pytest.approx(t.to_frame(x, y), rel=1e-6, abs=1e-4)


@given(transforms, sides, sides)
def test_visible_covers_what_the_view_shows(transform: ViewTransform, width: int, height: int) -> None:
    part = transform.visible((width, height), (640, 480))
    corners = [transform.to_frame(0, 0), transform.to_frame(640, 480)]
    meets = corners[0][0] < width and corners[0][1] < height and corners[1][0] > 0 and corners[1][1] > 0
    if part is None:
        assert not meets
        return
    left, top, right, bottom = part
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height
    assert left <= max(corners[0][0], 0) + 1e-6
    assert right >= min(corners[1][0], width) - 1e-6


@given(transforms, sides, sides, sides, sides)
def test_clamped_keeps_a_part_of_the_frame_in_the_view(
    transform: ViewTransform, frame_w: int, frame_h: int, view_w: int, view_h: int
) -> None:
    clamped = transform.clamped((frame_w, frame_h), (view_w, view_h), keep=10)
    left, top = clamped.to_view(0, 0)
    right, bottom = clamped.to_view(frame_w, frame_h)
    for low, high, side, view in ((left, right, frame_w, view_w), (top, bottom, frame_h, view_h)):
        least = min(10, side * clamped.scale, view)
        assert min(high, view) - max(low, 0) >= least - 1e-6
    assert clamped.scale == transform.scale
    again = clamped.clamped((frame_w, frame_h), (view_w, view_h), keep=10)
    assert (again.offset_x, again.offset_y) == pytest.approx((clamped.offset_x, clamped.offset_y), abs=1e-6)

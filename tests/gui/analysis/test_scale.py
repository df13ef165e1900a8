from __future__ import annotations

import pytest

from gui.analysis.scale import Scale


def test_the_whole_source_fits() -> None:
    scale = Scale.fitted(900, 300)
    assert (scale.x_of(0), scale.x_of(900)) == (0, 300)
    assert scale.index_at(0) == 0
    assert (scale.index_at(299), scale.last_at(299)) == (897, 899)
    assert scale.fits


def test_few_frames_are_no_wider_than_can_be_looked_at() -> None:
    scale = Scale.fitted(5, 300)
    assert scale.x_of(5) == 120
    firsts, lasts = scale.columns()
    assert (firsts[119], lasts[119]) == (4, 4)
    assert (firsts[120], lasts[120]) == (-1, -2)
    assert scale.index_at(299) == 4


@pytest.mark.parametrize("count", [1, 7, 300, 901, 1_080_000])
@pytest.mark.parametrize("factor", [1.0, 1.3, 40.0, 1e9])
def test_every_frame_is_at_the_pixel_where_it_is_drawn(count: int, factor: float) -> None:
    scale = Scale.fitted(count, 300).zoomed(factor, 123)
    firsts, lasts = scale.columns()
    for x in range(300):
        if firsts[x] >= 0:
            assert (scale.index_at(x), scale.last_at(x)) == (firsts[x], lasts[x])
    for index in {0, count // 3, count // 2, count - 1}:
        x = scale.x_of(index + 0.5)
        if 0 <= x < 300:
            assert scale.index_at(x) <= index <= scale.last_at(x)


def test_zooming_keeps_the_frame_under_the_pointer() -> None:
    scale = Scale.fitted(90_000, 300)
    for _ in range(12):
        scale = scale.zoomed(1.5, 100)
        assert abs(scale.x_of(30_000) - 100) < 1e-6
    for _ in range(40):
        scale = scale.zoomed(1 / 1.5, 100)
    assert scale == Scale.fitted(90_000, 300)


def test_moving_stops_at_the_ends() -> None:
    scale = Scale.fitted(900, 300).zoomed(3, 150)
    assert scale.moved(10_000).left == 0
    assert scale.moved(-10_000).x_of(900) == pytest.approx(300)
    assert Scale.fitted(900, 300).moved(-50).left == 0


def test_what_was_fitted_stays_fitted_and_what_was_zoomed_its_zoom() -> None:
    assert Scale.fitted(900, 300).resized(1200, 400) == Scale.fitted(1200, 400)
    zoomed = Scale.fitted(900, 300).zoomed(4, 0)
    assert zoomed.resized(1200, 400).per_px == zoomed.per_px


def test_showing_a_frame_moves_as_little_as_it_takes() -> None:
    scale = Scale.fitted(9000, 300).zoomed(10, 0)
    assert scale.showing(450) is scale
    there = scale.showing(5000)
    assert there.x_of(5000.5) == pytest.approx(300 - 37.5)
    assert there.showing(5000) is there


def test_marks_are_at_round_seconds_and_apart() -> None:
    step_s, marks = Scale.fitted(900, 300).ticks(30.0, 80.0)
    assert step_s == 10
    assert marks.tolist() == [0, 10, 20, 30]
    step_s, marks = Scale.fitted(1_080_000, 1000).ticks(30.0, 80.0)
    assert step_s == 3600
    step_s, marks = Scale.fitted(900, 300).zoomed(1e9, 0).ticks(25.0, 80.0)
    assert step_s == 0.2

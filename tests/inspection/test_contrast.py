"""Activations as steps of a palette."""

from __future__ import annotations

import numpy as np
import pytest

from detector.inspection.contrast import CONTRASTS, PALETTES, colours, scale_maps, span_of


@pytest.fixture
def maps() -> np.ndarray:
    return np.random.default_rng(2).random((4, 6, 5)).astype(np.float16) * np.array([1, 2, 4, 0])[:, None, None].astype(
        np.float16
    )


def test_each_channel_by_itself_reaches_the_brightest(maps: np.ndarray) -> None:
    scaled = scale_maps(maps, "channel")
    assert scaled.steps.reshape(4, -1).max(axis=1).tolist() == [255, 255, 255, 0]
    np.testing.assert_allclose(scaled.high, maps.reshape(4, -1).max(axis=1))
    assert not scaled.low.any()
    assert not scaled.signed


def test_shared_tells_which_channel_is_stronger(maps: np.ndarray) -> None:
    scaled = scale_maps(maps, "shared")
    brightest = scaled.steps.reshape(4, -1).max(axis=1)
    assert brightest[2] == 255
    assert 40 < brightest[0] < brightest[1] < 150
    assert (scaled.high == scaled.high[0]).all()


def test_one_spike_does_not_darken_the_rest_by_percentile() -> None:
    maps = np.ones((1, 40, 40), np.float16)
    maps[0, 0, 0] = 1000
    assert scale_maps(maps, "channel").steps[0, 1, 1] == 0
    assert scale_maps(maps, "percentile").steps[0, 1, 1] == 255


def test_a_single_spike_is_seen_by_percentile_too() -> None:
    maps = np.zeros((1, 40, 40), np.float16)
    maps[0, 0, 0] = 3
    assert scale_maps(maps, "percentile").steps[0, 0, 0] == 255


@pytest.mark.parametrize("contrast", CONTRASTS)
def test_below_zero_the_scale_lies_about_zero(contrast: str) -> None:
    maps = np.array([[[-2.0, 0.0, 1.0]]], np.float16)
    scaled = scale_maps(maps, contrast)
    assert scaled.signed
    assert scaled.steps[0, 0, 1] == 128
    assert scaled.steps[0, 0, 0] < 10
    assert 128 < scaled.steps[0, 0, 2] < 200
    assert scaled.low[0] == -scaled.high[0]


def test_gamma_shows_the_faint_and_leaves_the_ends() -> None:
    maps = np.array([[[0.0, 0.25, 1.0]]], np.float16)
    assert scale_maps(maps, gamma=1.0).steps.tolist() == [[[0, 64, 255]]]
    assert scale_maps(maps, gamma=2.0).steps.tolist() == [[[0, 128, 255]]]


@pytest.mark.parametrize("contrast", CONTRASTS)
def test_maps_without_any_value_are_dark(contrast: str) -> None:
    assert not scale_maps(np.zeros((3, 1, 1), np.float16), contrast).steps.any()


@pytest.mark.parametrize("palette", PALETTES)
def test_palettes_get_lighter_all_the_way(palette: str) -> None:
    table = colours(palette).astype(float)
    assert table.shape == (256, 3)
    lightness = table @ [0.299, 0.587, 0.114]
    assert (np.diff(lightness) > -2).all()
    assert lightness[-1] - lightness[0] > 150


def test_signed_values_have_two_colours_that_meet_in_white() -> None:
    table = colours("viridis", signed=True)
    assert table[128].min() > 240
    assert table[0, 2] > table[0, 0]
    assert table[255, 0] > table[255, 2]


@pytest.mark.parametrize("low", [0.0, -0.5, -3.0])
def test_the_span_is_that_of_the_values(low: float) -> None:
    maps = np.linspace(low, 2.5, 60).reshape(3, 4, 5).astype(np.float16)
    for seen in (maps, maps[:, :3, :4]):
        span = span_of(seen)
        assert span == span_of(seen.astype(np.float32))
        assert span.signed == (low < 0)

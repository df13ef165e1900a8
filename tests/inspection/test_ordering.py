"""Orders of channels, and which cells a box holds."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from torch import nn

from detector.inspection.anatomy import anatomy
from detector.inspection.ordering import ORDERS, box_preference, cells_inside, order_channels
from detector.inspection.tapping import ChannelMaps, TapRequest, reduce_maps


def maps_of(output: torch.Tensor, tile_px: int = 64) -> ChannelMaps:
    layer = anatomy(nn.Conv2d(3, 2, 4, stride=4), torch.rand(1, 3, 64, 64))[0]
    return reduce_maps(output, TapRequest(layer, tile_px=tile_px))


@pytest.fixture
def maps() -> ChannelMaps:
    return maps_of(torch.rand(1, 12, 16, 16, generator=torch.Generator().manual_seed(1)))


@pytest.mark.parametrize("order", ORDERS)
def test_every_channel_is_there_once(maps: ChannelMaps, order: str) -> None:
    inside = cells_inside(maps, (0, 0, 20, 20))
    assert sorted(order_channels(maps, order, inside).tolist()) == list(range(12))


@pytest.mark.parametrize("order", ["peak", "mean", "variance"])
def test_the_highest_comes_first(maps: ChannelMaps, order: str) -> None:
    values = getattr(maps, order)[order_channels(maps, order)]
    assert (np.diff(values) <= 0).all()


def test_equal_channels_keep_their_order(maps: ChannelMaps) -> None:
    same = dataclasses.replace(maps, peak=np.ones_like(maps.peak))
    assert order_channels(same, "peak").tolist() == list(range(12))


def test_without_a_box_the_order_of_boxes_is_the_index(maps: ChannelMaps) -> None:
    assert order_channels(maps, "box").tolist() == list(range(12))


def test_the_channel_that_fires_in_the_box_comes_first_however_faint() -> None:
    output = torch.full((1, 3, 16, 16), 5.0)
    output[0, 0, 12:, 12:] = 9.0
    output[0, 1] = 0.0
    output[0, 1, 2:4, 2:4] = 0.1
    maps = maps_of(output)
    inside = cells_inside(maps, (8, 8, 16, 16))
    assert inside is not None
    assert order_channels(maps, "box", inside).tolist() == [1, 2, 0]
    assert box_preference(maps.maps, inside)[2] == 0


@pytest.mark.parametrize(
    ("box", "cells"),
    [
        ((0, 0, 64, 64), {(y, x) for y in range(16) for x in range(16)}),
        ((4, 8, 12, 12), {(2, 1), (2, 2)}),
        ((17, 30, 18, 31), {(7, 4)}),
        ((60, 0, 90, 4), {(0, 15)}),
    ],
)
def test_cells_are_told_by_their_middles(box: tuple[float, float, float, float], cells: set[tuple[int, int]]) -> None:
    inside = cells_inside(maps_of(torch.rand(1, 2, 16, 16)), box)
    assert inside is not None
    assert set(zip(*(axis.tolist() for axis in np.nonzero(inside)), strict=True)) == cells


def test_reduced_maps_have_larger_cells() -> None:
    inside = cells_inside(maps_of(torch.rand(1, 2, 16, 16), tile_px=8), (0, 0, 16, 8))
    assert inside is not None
    assert inside.shape == (8, 8)
    assert inside.sum() == 2


def test_what_is_no_map_of_the_frame_has_no_cells() -> None:
    layer = dataclasses.replace(anatomy(nn.Conv2d(3, 2, 1), torch.rand(1, 3, 8, 8))[0], stride=None)
    assert cells_inside(reduce_maps(torch.rand(1, 2, 7, 7), TapRequest(layer)), (0, 0, 4, 4)) is None


def test_a_box_around_everything_prefers_nothing(maps: ChannelMaps) -> None:
    assert not box_preference(maps.maps, np.ones((16, 16), bool)).any()
    assert not box_preference(maps.maps, np.zeros((16, 16), bool)).any()

"""Pictures of what is seen inside a network."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from detector.detections import Detections
from detector.inspection.anatomy import anatomy
from detector.inspection.tapping import ChannelMaps, TapRequest, reduce_maps
from detector.inspection_run.pictures import CAPTION_PX, Style, captioned, grid_picture, heat_picture, strip


def maps_of(channels: int, height: int, width: int) -> ChannelMaps:
    layer = anatomy(nn.Conv2d(3, 2, 1), torch.rand(1, 3, 8, 8))[0]
    output = torch.rand(1, channels, height, width, generator=torch.Generator().manual_seed(0))
    return reduce_maps(output, TapRequest(layer))


@pytest.mark.parametrize(("channels", "height", "width"), [(1, 1, 1), (2048, 1, 1), (64, 40, 64), (3, 5, 64)])
def test_a_grid_holds_every_channel_under_its_caption(channels: int, height: int, width: int) -> None:
    picture = grid_picture(maps_of(channels, height, width), Style(tile_px=64, width_px=900), "frame 3")
    assert picture.dtype == np.uint8
    assert picture.shape[1] <= 900
    assert (picture[:CAPTION_PX] < 100).any(), "there is ink in the caption"


def test_the_caption_tells_the_point() -> None:
    # Other words, other ink.
    plain = grid_picture(maps_of(4, 8, 8), Style(order="peak"))
    other = grid_picture(maps_of(4, 8, 8), Style(order="mean"))
    assert plain[:CAPTION_PX].tobytes() != other[:CAPTION_PX].tobytes()


def test_heat_is_seen_where_it_is_and_nowhere_else() -> None:
    image = np.full((60, 80, 3), 60, np.uint8)
    heat = np.zeros((60, 80), np.float32)
    heat[20:30, 30:40] = 0.2
    found = Detections(
        np.array([[2, 2, 20, 20], [25, 15, 45, 35]], np.float32), np.array([0.9, 0.8], np.float32),
        np.array([0, 1], np.int32), np.array([0, 1], np.int32),
    )  # fmt: skip
    picture = heat_picture(image, heat, found, 1, ("one", "two"))
    assert picture[25, 35].sum() > 300
    assert picture[50, 70].tolist() == [60, 60, 60]
    assert picture[10, 10].tolist() == [60, 60, 60], "only the box that is explained"
    assert not (picture == image).all(axis=2)[15:35, 25].any()


def test_without_heat_the_frame_stays_as_it_is() -> None:
    image = np.random.default_rng(0).integers(0, 255, (40, 40, 3), np.uint8)
    found = Detections(
        np.array([[0, 0, 4, 4]], np.float32), np.ones(1, np.float32), np.zeros(1, np.int32), np.zeros(1, np.int32)
    )
    picture = heat_picture(image, np.zeros((40, 40), np.float32), found, 0, ("thing",))
    np.testing.assert_array_equal(picture[20:], image[20:])


def test_pictures_in_a_strip_keep_their_shape() -> None:
    tall, wide = np.zeros((8, 4, 3), np.uint8), np.zeros((10, 200, 3), np.uint8)
    sheet = strip([tall, wide], ["a", "b"], side_px=40, gap_px=2)
    dark = (sheet[:40] == 0).all(axis=2)
    assert dark[:, 2:42].sum() == 40 * 20
    assert dark[:, 44:84].sum() == 2 * 40


def test_a_long_caption_makes_the_picture_wider() -> None:
    picture = captioned(np.zeros((5, 5, 3), np.uint8), "a caption that is longer than the picture is wide")
    assert picture.shape[1] > 200
    assert picture[CAPTION_PX:, :5].max() == 0

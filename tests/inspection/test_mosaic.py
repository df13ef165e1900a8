"""Maps laid out as tiles."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.inspection.contrast import colours, scale_maps
from detector.inspection.mosaic import BACKGROUND_RGB, GAP_PX, draw_mosaic, grid_for


@given(
    count=st.integers(1, 40), height=st.integers(1, 9), width=st.integers(1, 9),
    width_px=st.integers(1, 200), tile_px=st.integers(1, 30),
)  # fmt: skip
def test_every_cell_of_every_map_stands_where_the_grid_says(
    count: int, height: int, width: int, width_px: int, tile_px: int
) -> None:
    maps = np.random.default_rng(count).random((count, height, width)).astype(np.float16)
    scaled, grid = scale_maps(maps), grid_for(count, (height, width), width_px, tile_px)
    picture = draw_mosaic(scaled, grid, "gray")
    assert picture.shape == (grid.size_wh[1], grid.size_wh[0], 3)
    assert grid.columns == 1 or grid.size_wh[0] <= width_px
    for number in (0, count // 2, count - 1):
        x, y = grid.place_of(number)
        for row, column in ((0, 0), (height - 1, width - 1)):
            at = x + (column + 0.5) * grid.times, y + (row + 0.5) * grid.times
            assert picture[int(at[1]), int(at[0])].tolist() == [scaled.steps[number, row, column]] * 3
            found = grid.tile_at(*at)
            assert found is not None
            assert (found[0], int(found[1]), int(found[2])) == (number, column, row)


def test_between_and_after_the_tiles_is_background() -> None:
    maps = np.ones((5, 4, 4), np.float16)
    grid = grid_for(5, (4, 4), 3 * 4 + 2 * GAP_PX, 4)
    assert (grid.columns, grid.rows) == (3, 2)
    picture = draw_mosaic(scale_maps(maps), grid)
    assert picture[0, 4].tolist() == list(BACKGROUND_RGB)
    assert picture[4, 0].tolist() == list(BACKGROUND_RGB)
    assert picture[-1, -1].tolist() == list(BACKGROUND_RGB)
    assert picture[0, 0].tolist() == colours("viridis")[255].tolist()
    assert grid.tile_at(4.5, 0) is None
    assert grid.tile_at(14, 8) is None
    assert grid.tile_at(-1, 0) is None


@pytest.mark.parametrize(("count", "map_hw"), [(2048, (1, 1)), (1000, (7, 7)), (1, (160, 160))])
def test_few_and_many_maps_of_any_size(count: int, map_hw: tuple[int, int]) -> None:
    maps = np.zeros((count, *map_hw), np.float16)
    grid = grid_for(count, map_hw, 600, 24)
    assert draw_mosaic(scale_maps(maps), grid).shape[1] == grid.size_wh[0]
    assert grid.rows * grid.columns >= count

"""Many maps as one picture: tiles in rows, enlarged by a whole number so that every cell stays a square."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.inspection.contrast import Palette, Scaled, colours

GAP_PX = 2
BACKGROUND_RGB = (128, 128, 128)


@dataclass(frozen=True)
class Grid:
    """Where tiles lie: `count` of `tile_hw` pixels in rows of `columns`, `gap` pixels apart.

    times: pixels a cell, so that tile_hw = times * the map's own size.
    """

    count: int
    columns: int
    tile_hw: tuple[int, int]
    times: int
    gap: int = GAP_PX

    @property
    def rows(self) -> int:
        return math.ceil(self.count / self.columns)

    @property
    def size_wh(self) -> tuple[int, int]:
        height, width = self.tile_hw
        return self.columns * (width + self.gap) - self.gap, self.rows * (height + self.gap) - self.gap

    def place_of(self, number: int) -> tuple[int, int]:
        """Left and top of a tile in pixels."""
        row, column = divmod(number, self.columns)
        return column * (self.tile_hw[1] + self.gap), row * (self.tile_hw[0] + self.gap)

    def tile_at(self, x: float, y: float) -> tuple[int, float, float] | None:
        """The tile under a point in pixels, and the point in cells of its map; None beside every tile."""
        height, width = self.tile_hw
        column, row = int(x // (width + self.gap)), int(y // (height + self.gap))
        left, top = column * (width + self.gap), row * (height + self.gap)
        number = row * self.columns + column
        inside = 0 <= x - left < width and 0 <= y - top < height
        if not inside or not 0 <= column < self.columns or not 0 <= number < self.count:
            return None
        return number, (x - left) / self.times, (y - top) / self.times


def grid_for(count: int, map_hw: tuple[int, int], width_px: int, tile_px: int, gap: int = GAP_PX) -> Grid:
    """A grid no wider than `width_px`, where one tile fits into it, of tiles with sides of about `tile_px`."""
    times = max(1, tile_px // max(map_hw))
    tile_hw = map_hw[0] * times, map_hw[1] * times
    columns = max(1, min(count, (width_px + gap) // (tile_hw[1] + gap)))
    return Grid(count, columns, tile_hw, times, gap)


def draw_mosaic(
    scaled: Scaled, grid: Grid, palette: Palette = "viridis", background_rgb: tuple[int, int, int] = BACKGROUND_RGB
) -> NDArray[np.uint8]:
    """The tiles in the order of `scaled.steps`, RGB uint8 `[H, W, 3]` of the grid's size."""
    steps = scaled.steps
    rows, columns, gap = grid.rows, grid.columns, grid.gap
    height, width = steps.shape[1:]
    cells = np.zeros((rows * columns, height, width), np.uint8)
    cells[: len(steps)] = steps
    if grid.times > 1:
        cells = cells.repeat(grid.times, axis=1).repeat(grid.times, axis=2)
    tile_height, tile_width = cells.shape[1:]
    plane = np.zeros((rows * (tile_height + gap), columns * (tile_width + gap)), np.uint8)
    places = plane.reshape(rows, tile_height + gap, columns, tile_width + gap)[:, :tile_height, :, :tile_width]
    places[:] = cells.reshape(rows, columns, tile_height, tile_width).transpose(0, 2, 1, 3)
    picture = np.asarray(cv2.applyColorMap(plane, colours(palette, scaled.signed)[:, None]), np.uint8)
    split = picture.reshape(rows, tile_height + gap, columns, tile_width + gap, 3)
    split[:, tile_height:] = background_rgb
    split[:, :, :, tile_width:] = background_rgb
    for number in range(len(steps), rows * columns):
        x, y = grid.place_of(number)
        picture[y : y + tile_height, x : x + tile_width] = background_rgb
    wide, high = grid.size_wh
    return np.ascontiguousarray(picture[:high, :wide])

"""The rows of the grid that are seen, as one picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage

from detector.inspection.contrast import Contrast, Scaled, Span, scale_maps, span_of
from detector.inspection.mosaic import Grid, draw_mosaic
from gui.inspect.map_options import MapView


@dataclass(frozen=True, eq=False)
class Look:
    """Maps as they are coloured. maps: float16 `[C, h, w]`. span: of all of them."""

    maps: NDArray[np.float16]
    view: MapView
    span: Span

    @staticmethod
    def of(maps: NDArray[np.float16], view: MapView) -> Look:
        return Look(maps, view, span_of(maps))

    @property
    def contrast(self) -> Contrast:
        """Of a single value it says nothing that it is its channel's greatest: all go by the same scale."""
        return "shared" if self.maps.shape[1:] == (1, 1) else self.view.contrast

    def scaled(self, channels: NDArray[np.intp]) -> Scaled:
        """Some of the channels."""
        return scale_maps(self.maps[channels], self.contrast, self.view.gamma, self.span)


class GridPicture:
    """Keeps the picture until something else is to be seen. `composed` counts how often one was made."""

    def __init__(self) -> None:
        self.composed = 0
        self._image: QImage | None = None
        self._look: Look | None = None
        self._order: NDArray[np.intp] | None = None
        self._rest: tuple[object, ...] = ()

    def get(self, look: Look, order: NDArray[np.intp], grid: Grid, rows: tuple[int, int], behind: QColor) -> QImage:
        """Rows `rows[0]` to `rows[1]`, the last one excluded, of the grid of all channels in their order."""
        rest = (grid, rows, behind.rgb())
        if self._image is None or look is not self._look or order is not self._order or rest != self._rest:
            self._image = _compose(look, order, grid, rows, behind)
            self._look, self._order, self._rest = look, order, rest
            self.composed += 1
        return self._image


def _compose(look: Look, order: NDArray[np.intp], grid: Grid, rows: tuple[int, int], behind: QColor) -> QImage:
    seen = order[rows[0] * grid.columns : rows[1] * grid.columns]
    part = Grid(len(seen), grid.columns, grid.tile_hw, grid.times, grid.gap)
    ground = (behind.red(), behind.green(), behind.blue())
    picture = draw_mosaic(look.scaled(seen), part, look.view.palette, ground)
    height, width = picture.shape[:2]
    image = QImage(picture.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    # A copy, for the array goes, and what Qt paints fastest.
    return image.convertToFormat(QImage.Format.Format_RGB32)

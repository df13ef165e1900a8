"""A map of the network laid over the frame: a channel's activations, or what explains a box."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage, QPainter

from detector.geometry import Letterbox
from detector.inspection.contrast import Palette, colours
from gui.canvas.card import LegendRow
from gui.canvas.scene import Scene

OPACITY = 0.75
FIRST_SEEN = 0.08
"""Below this share of the greatest value the frame shows through untouched; from four times that on it is covered."""


@dataclass(frozen=True, eq=False)
class HeatMap:
    """What is laid over the frame.

    values: float32 `[h, w]`, dark at 0 and bright at `high`; below 0, where `signed`, blue at -`high`. letterbox: how
    the frame lies in the network's input; None where the values are over the frame itself. covered_hw: how many input
    pixels the values cover, from the input's corner on; the whole input by default. title: for the legend.
    """

    values: NDArray[np.float32]
    letterbox: Letterbox | None = None
    covered_hw: tuple[float, float] | None = None
    high: float = 1.0
    signed: bool = False
    opacity: float = OPACITY
    palette: Palette = "magma"
    title: str = ""

    def cells_per_frame_px(self, frame_wh: tuple[int, int]) -> tuple[float, float]:
        """Cells of the map to a pixel of the frame, along x and y."""
        height, width = self.values.shape
        if self.letterbox is None:
            return width / frame_wh[0], height / frame_wh[1]
        covered = self.covered_hw or self.letterbox.input_hw
        x, y = self.letterbox.scale_xy
        return x * width / covered[1], y * height / covered[0]


def paint_heat(painter: QPainter, scene: Scene, heat: HeatMap) -> None:
    """Lay the map over what is seen of the frame, smoothly between the middles of its cells."""
    seen = scene.frame_rect.intersected(scene.area).toAlignedRect()
    if seen.isEmpty() or not heat.values.size or scene.shown.frame.size_wh[0] < 1:
        return
    per_x, per_y = heat.cells_per_frame_px(scene.shown.frame.size_wh)
    transform = scene.transform
    # From the middle of a view pixel to the map, where a cell's middle has whole coordinates.
    step_x, step_y = per_x / transform.scale, per_y / transform.scale
    start_x = (seen.left() + 0.5 - transform.offset_x) * step_x - 0.5
    start_y = (seen.top() + 0.5 - transform.offset_y) * step_y - 0.5
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    matrix = np.array(((step_x, 0, start_x), (0, step_y, start_y)), np.float32)
    size_wh = (seen.width(), seen.height())
    steps = cv2.warpAffine(_steps(heat), matrix, size_wh, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    ink = _inks(heat.palette, heat.signed, round(heat.opacity, 2))[steps]  # [H, W], BGRA in one number
    image = QImage(ink.data, *size_wh, 4 * size_wh[0], QImage.Format.Format_ARGB32_Premultiplied)
    painter.save()
    painter.setClipRect(scene.frame_rect)
    painter.drawImage(seen.topLeft(), image)
    painter.restore()


def heat_legend(heat: HeatMap) -> list[LegendRow]:
    """What lies over the frame, where it has a title."""
    if not heat.title:
        return []
    return [LegendRow(heat.title, _legend_colour(heat), 6)]


def _legend_colour(heat: HeatMap) -> QColor:
    red, green, blue = colours(heat.palette, heat.signed)[230].tolist()
    return QColor(red, green, blue)


def _steps(heat: HeatMap) -> NDArray[np.uint8]:
    share = np.clip(heat.values / (heat.high if heat.high > 0 else 1.0), -1 if heat.signed else 0, 1)
    return np.rint(share * 127 + 128 if heat.signed else share * 255).astype(np.uint8)


@lru_cache(maxsize=8)
def _inks(palette: Palette, signed: bool, opacity: float) -> NDArray[np.uint32]:
    """A premultiplied colour for each of 256 steps: nought lets the frame through."""
    ramp = np.arange(256, dtype=np.float32)
    # Half of all values lie below nought there, and most of these near it.
    first = 3 * FIRST_SEEN if signed else FIRST_SEEN
    strength = np.abs(ramp - 128) / 127 if signed else ramp / 255
    alpha = opacity * np.clip((strength - first) / (3 * FIRST_SEEN), 0, 1)
    red, green, blue = (colours(palette, signed).astype(np.float32) * alpha[:, None]).T
    parts = [np.rint(part).astype(np.uint32) for part in (alpha * 255, red, green, blue)]
    return np.asarray(parts[0] << 24 | parts[1] << 16 | parts[2] << 8 | parts[3], np.uint32)

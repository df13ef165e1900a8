"""How the timeline's lanes are drawn: a strip and bars per class, marks of time, range and playing position."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen

from detector.palette import Rgb, class_colour, contrast
from gui.analysis.lanes import Lane
from gui.analysis.scale import Scale
from gui.theme import theme_colours
from gui.translation import tr

GROUND: Rgb = (23, 25, 29)
"""Of the lanes, dark like the frame's surroundings in every appearance: classes have the colours of their boxes."""
LIFTED: Rgb = (42, 46, 53)
"""Of the lane that is selected."""
LEAST_CONTRAST = 3.0
GUTTER, RULER = 148, 22
STRIP, BAR, PAD = 14, 5, 5
TICKS_APART_PX = 92.0


@dataclass(frozen=True)
class Picture:
    """What a lane is drawn of. strength: of each pixel, `[width]`, 0 to 1. bars: pixels (first, end), by row."""

    strength: NDArray[np.float64]
    bars: tuple[list[tuple[int, int]], ...]


def lane_height(lane: Lane) -> int:
    """In pixels."""
    rows = len(lane.rows)
    return 2 * PAD + STRIP + (rows * BAR + 2 if rows else 0)


@lru_cache(maxsize=256)
def lane_colour(label: int) -> Rgb:
    """The class's colour, lightened as far as it takes to be seen on the ground of the lanes."""
    colour = class_colour(label)
    for step in range(1, 20):
        if contrast(colour, LIFTED) >= LEAST_CONTRAST:
            break
        red, green, blue = (round(part + (255 - part) * step / 20) for part in class_colour(label))
        colour = red, green, blue
    return colour


def paint_lane(painter: QPainter, lane: Lane, picture: Picture, top: int, width: int, selected: bool) -> None:
    """Draw a lane over the whole width; the gutter with its name at the left."""
    height = lane_height(lane)
    colour = QColor(*lane_colour(lane.label))
    painter.fillRect(0, top, width, height, QColor(*(LIFTED if selected else GROUND)))
    strip = _strip(picture.strength, lane_colour(lane.label), LIFTED if selected else GROUND)
    painter.drawImage(QRectF(GUTTER, top + PAD, len(picture.strength), STRIP), strip)
    for row, bars in enumerate(picture.bars):
        y = top + PAD + STRIP + 2 + row * BAR
        for first, end in bars:
            painter.fillRect(QRectF(GUTTER + first, y, max(end - first, 1), BAR - 2), colour)
    painter.fillRect(QRectF(0, top + height - 1, width, 1), QColor(52, 56, 63))


def paint_name(painter: QPainter, lane: Lane, top: int, selected: bool, focused: bool) -> None:
    """The class's name and on how many frames it is, at the left of its lane."""
    colours = theme_colours()
    height = lane_height(lane)
    painter.fillRect(0, top, GUTTER, height, colours.surface if selected else colours.background)
    painter.fillRect(QRectF(0, top + 3, 4, height - 7), QColor(*lane_colour(lane.label)))
    painter.fillRect(QRectF(0, top + height - 1, GUTTER, 1), colours.line)
    metrics = QFontMetricsF(painter.font())
    told = tr("{n} tracks").format(n=lane.tracks) if lane.tracks > 1 else tr("1 track") if lane.tracks else ""
    number = f"{lane.frames}"
    wide = metrics.horizontalAdvance(number)
    line = QRectF(12, top + PAD - 1, GUTTER - 18 - wide - 6, STRIP + 2)
    painter.setPen(colours.text)
    name = metrics.elidedText(lane.name, Qt.TextElideMode.ElideRight, line.width())
    painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
    painter.setPen(colours.muted)
    right = QRectF(GUTTER - 8 - wide, line.top(), wide + 1, line.height())
    painter.drawText(right, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, number)
    below = height - 2 * PAD - STRIP
    if told and below >= metrics.height() - 3:
        painter.drawText(QPointF(12, line.bottom() + metrics.ascent() - 1), told)
    if focused:
        painter.setPen(QPen(colours.accent, 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(QRectF(1, top + 1, GUTTER - 2, height - 3))


def paint_ruler(painter: QPainter, scale: Scale, fps: float | None, width: int) -> None:
    """Marks of time above the lanes; of photographs, which have no times, their numbers."""
    colours = theme_colours()
    painter.fillRect(0, 0, width, RULER, colours.background)
    painter.fillRect(QRectF(0, RULER - 1, width, 1), colours.line)
    step, marks = scale.ticks(fps or 1.0, TICKS_APART_PX)
    if not fps:
        marks = np.unique(np.round(marks))
    metrics = QFontMetricsF(painter.font())
    for mark in marks.tolist():
        x = GUTTER + scale.x_of(mark * (fps or 1.0))
        painter.fillRect(QRectF(x, RULER - 7, 1, 6), colours.edge)
        text = tick_text(mark, step) if fps else f"{round(mark) + 1}"
        if x + 4 + metrics.horizontalAdvance(text) <= width:
            painter.setPen(colours.muted)
            painter.drawText(QPointF(x + 4, RULER - 7), text)


def paint_range(painter: QPainter, scale: Scale, first: int | None, last: int | None, bottom: int) -> None:
    """What lies outside of the in and out points is dimmed; the points are marked in the ruler."""
    if first is None and last is None:
        return
    end = GUTTER + scale.width
    left = GUTTER + scale.x_of(first or 0)
    right = end if last is None else GUTTER + scale.x_of(last + 1)
    left, right = min(max(left, GUTTER), end), max(min(right, end), GUTTER)
    dim = QColor(0, 0, 0, 130)
    painter.fillRect(QRectF(GUTTER, RULER, left - GUTTER, bottom - RULER), dim)
    painter.fillRect(QRectF(right, RULER, end - right, bottom - RULER), dim)
    accent = theme_colours().accent
    painter.fillRect(QRectF(left, RULER - 4, max(right - left, 1), 3), accent)


def paint_position(painter: QPainter, scale: Scale, index: int, bottom: int) -> None:
    """The line at the frame on show, as wide as the frame where that is wider."""
    left = scale.x_of(index)
    if not -1 <= left <= scale.width:
        return
    wide = 1 / scale.per_px
    if wide > 3:
        painter.fillRect(QRectF(GUTTER + left, RULER, wide, bottom - RULER), QColor(255, 255, 255, 50))
    x = GUTTER + left + (wide / 2 if wide > 3 else 0)
    painter.fillRect(QRectF(x - 1.5, RULER, 3, bottom - RULER), QColor(0, 0, 0, 150))
    painter.fillRect(QRectF(x - 0.5, RULER, 1, bottom - RULER), QColor(255, 255, 255))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme_colours().accent)
    painter.drawPolygon([QPointF(x - 6, RULER - 9), QPointF(x + 6, RULER - 9), QPointF(x, RULER - 1)])
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def tick_text(time_s: float, step_s: float) -> str:
    """`1:05`, with hours in front once there are any and tenths where the marks are closer than a second."""
    tenths = round(time_s * 10)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    seconds = f"{rest // 10:02d}" + (f".{rest % 10}" if step_s < 1 else "")
    return f"{hours}:{minutes:02d}:{seconds}" if hours else f"{minutes}:{seconds}"


def _strip(strength: NDArray[np.float64], colour: Rgb, ground: Rgb) -> QImage:
    """One row of pixels between the ground and the colour."""
    share = strength[:, None]
    pixels = np.round(np.asarray(ground) * (1 - share) + np.asarray(colour) * share).astype(np.uint8)
    rows = np.ascontiguousarray(np.concatenate((pixels, np.full((len(pixels), 1), 255, np.uint8)), axis=1))
    image = QImage(rows.data, len(rows), 1, 4 * len(rows), QImage.Format.Format_RGBX8888)
    return image.copy()

"""The grid alive: which cell of which stride answered, as the YOLO paper draws it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from detector.families.grid import cell_at, cells_of, cells_xyxy
from detector.families.protocol import Cell
from detector.geometry import Letterbox
from detector.palette import class_colour
from gui.canvas.card import LegendRow
from gui.canvas.scene import Scene
from gui.canvas.transform import ViewTransform
from gui.translation import tr

FINEST_CELL_PX = 4.0
MOST_CELLS = 250


@dataclass(frozen=True)
class LineStyle:
    """How the lines of one level are drawn, finest level first."""

    colour: tuple[int, int, int, int]
    width: int


STYLES = (LineStyle((86, 180, 233, 90), 1), LineStyle((240, 228, 66, 130), 1), LineStyle((255, 255, 255, 190), 2))


def shown_strides(scene: Scene) -> tuple[int, ...]:
    """The strides whose grid is to be seen; none where the model has no grid."""
    model = scene.shown.model
    strides = (model.grid_strides if model else None) or ()
    return (scene.view.grid_stride,) if scene.view.grid_stride in strides else strides


def line_style(scene: Scene, stride: int) -> LineStyle:
    model = scene.shown.model
    strides = (model.grid_strides if model else None) or (stride,)
    return STYLES[min(strides.index(stride), len(STYLES) - 1)]


def paint_grid(painter: QPainter, scene: Scene) -> None:
    """Draw the cells that answered, strongly where a detection came of them, and the lines of the grids."""
    shown, strides = scene.shown, shown_strides(scene)
    if shown.model is None or not strides:
        return
    painter.save()
    painter.setClipRect(scene.frame_rect.intersected(scene.area))
    if shown.candidates is not None:
        _paint_answers(painter, scene, strides)
    lines = tuple(
        (stride, line_style(scene, stride)) for stride in strides if _cell_px(scene, stride) >= FINEST_CELL_PX
    )
    layer = _line_layer(
        lines, scene.transform, shown.frame.size_wh, shown.model.size,
        scene.area.size().toTuple(), painter.device().devicePixelRatioF(),
    )  # fmt: skip
    painter.drawImage(scene.area.topLeft(), layer)
    if scene.pointer is not None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for cell in cells_under(scene):
            places = cells_xyxy(np.array([cell], np.int32), shown.frame.size_wh, shown.model.size)
            for ink, width in ((QColor(0, 0, 0, 160), 4), (QColor(255, 255, 255), 2)):
                painter.setPen(QPen(ink, width))
                painter.drawRect(scene.rect(*places[0].tolist()))
    painter.restore()


def cells_under(scene: Scene) -> list[Cell]:
    """The cells of the grids on show that the pointer is over, one a stride."""
    model = scene.shown.model
    if scene.pointer is None or model is None:
        return []
    under = (cell_at(*scene.pointer, stride, scene.shown.frame.size_wh, model.size) for stride in shown_strides(scene))
    return [cell for cell in under if cell is not None]


def _paint_answers(painter: QPainter, scene: Scene, strides: tuple[int, ...]) -> None:
    candidates, detections, raw = scene.shown.candidates, scene.shown.detections, scene.raw
    assert candidates is not None
    if raw is not None:
        faint = np.flatnonzero(~raw.kept)[:MOST_CELLS]
        places, rows = _places(scene, candidates.origin[raw.candidate[faint]], strides)
        labels, scores = raw.labels[faint][rows].tolist(), raw.scores[faint][rows].tolist()
        # The weaker first, so that the best answer of a cell is seen.
        for rect, label, score in reversed(list(zip(scene.rects(places), labels, scores, strict=True))):
            painter.fillRect(rect, QColor(*class_colour(label), round(24 + 110 * score)))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    places, rows = _places(scene, candidates.origin[detections.candidate], strides)
    for rect, label in reversed(list(zip(scene.rects(places), detections.labels[rows].tolist(), strict=True))):
        colour = QColor(*class_colour(label))
        painter.fillRect(rect, QColor(colour.red(), colour.green(), colour.blue(), 215))
        painter.setPen(QPen(QColor(12, 12, 12), 2))
        painter.drawRect(rect)


def _places(
    scene: Scene, origins: NDArray[np.int32], strides: tuple[int, ...]
) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """Where those origins lie that belong to one of the strides, in frame pixels, and which of them these are."""
    model = scene.shown.model
    assert model is not None
    cells = cells_of(origins, model.size, model.grid_strides or ())
    rows = np.flatnonzero(np.isin(cells[:, 0], strides))
    return cells_xyxy(cells[rows], scene.shown.frame.size_wh, model.size), rows


def _cell_px(scene: Scene, stride: int) -> float:
    """The side of a cell in view pixels."""
    assert scene.shown.model is not None
    scale_x, _ = Letterbox.fit(scene.shown.frame.size_wh, scene.shown.model.size).scale_xy
    return stride / scale_x * scene.transform.scale


@lru_cache(maxsize=1)
def _line_layer(
    lines: tuple[tuple[int, LineStyle], ...],
    transform: ViewTransform,
    frame_wh: tuple[int, int],
    size: int,
    area_wh: tuple[float, float],
    ratio: float,
) -> QImage:
    """The lines of the grids, which stay the same from frame to frame: translucent ones take long to draw."""
    layer = QImage(round(area_wh[0] * ratio), round(area_wh[1] * ratio), QImage.Format.Format_ARGB32_Premultiplied)
    layer.setDevicePixelRatio(ratio)
    layer.fill(Qt.GlobalColor.transparent)
    brush = QPainter(layer)
    brush.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
    frame = QRectF(QPointF(*transform.to_view(0, 0)), QPointF(*transform.to_view(*frame_wh)))
    seen = frame.intersected(QRectF(0, 0, *area_wh))
    for stride, style in lines:
        step_x, step_y = (stride / scale * transform.scale for scale in Letterbox.fit(frame_wh, size).scale_xy)
        colour, half = QColor(*style.colour), style.width // 2
        for x in _steps(frame.left(), step_x, seen.left(), seen.right()):
            brush.fillRect(QRectF(x - half, seen.top(), style.width, seen.height()), colour)
        for y in _steps(frame.top(), step_y, seen.top(), seen.bottom()):
            brush.fillRect(QRectF(seen.left(), y - half, seen.width(), style.width), colour)
    brush.end()
    return layer


def _steps(first: float, step: float, low: float, high: float) -> list[float]:
    """The multiples of `step`, counted from `first`, that lie between `low` and `high`."""
    start, end = math.ceil((low - first) / step), math.floor((high - first) / step)
    return [first + place * step for place in range(start, end + 1)]


def grid_legend(scene: Scene) -> list[LegendRow]:
    """One line a stride, or why there is none."""
    model = scene.shown.model
    if model is None:
        return [LegendRow(tr("no model answers yet"))]
    if not model.grid_strides:
        return [LegendRow(tr("this model has no grid"))]
    rows = []
    for stride in shown_strides(scene):
        style = line_style(scene, stride)
        across, down = (
            math.ceil(side / stride) for side in Letterbox.fit(scene.shown.frame.size_wh, model.size).content_wh
        )
        text = tr("stride {stride}: {across}x{down} cells").format(stride=stride, across=across, down=down)
        if _cell_px(scene, stride) < FINEST_CELL_PX:
            text = tr("{grid}, too fine here: zoom in").format(grid=text)
        rows.append(LegendRow(text, QColor(*style.colour[:3]), style.width))
    return rows

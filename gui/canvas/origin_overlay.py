"""What each detection grew out of: the proposal of a two-stage network, or the cell of a one-stage network's grid."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from detector.families.grid import cells_of, cells_xyxy
from gui.canvas.card import DOT_PX, LegendRow
from gui.canvas.scene import Scene
from gui.translation import tr
from gui.values import ShownFrame

SAMPLE = QColor(255, 255, 255)


def origins_xyxy(shown: ShownFrame) -> NDArray[np.float32] | None:
    """Per detection the box of its proposal, or its cell, in frame pixels `[K, 4]`; None where neither is known."""
    candidates, model = shown.candidates, shown.model
    if candidates is None or model is None:
        return None
    origins = candidates.origin[shown.detections.candidate]
    if candidates.proposals is not None:
        return candidates.proposals.boxes_xyxy[origins]
    if model.grid_strides:
        return cells_xyxy(cells_of(origins, model.size, model.grid_strides), shown.frame.size_wh, model.size)
    return None


def paint_origins(painter: QPainter, scene: Scene) -> None:
    """Draw where detections came from, thin, and a line from there to the middle of the detection.

    Of one that is selected or pointed at alone, where there is such a one: many lines at once tell nothing.
    """
    places = origins_xyxy(scene.shown)
    if places is None or len(places) == 0:
        return
    painter.setBrush(Qt.BrushStyle.NoBrush)
    boxes, origins = scene.rects(scene.shown.detections.boxes_xyxy), scene.rects(places)
    raised = {row for row in (scene.hovered, scene.selected) if row is not None and row < len(boxes)}
    for row in sorted(raised or range(len(boxes)), reverse=True):
        colour = scene.ink(row)
        line = QLineF(origins[row].center(), boxes[row].center())
        for ink, width in ((QColor(12, 12, 12), 3.0), (colour.lighter(125), 2.0 if raised else 1.0)):
            painter.setPen(QPen(ink, width))
            painter.drawRect(origins[row])
            painter.drawLine(line)
        _dot(painter, line.p1(), colour)
        _dot(painter, line.p2(), SAMPLE)


def _dot(painter: QPainter, at: QPointF, colour: QColor) -> None:
    side = DOT_PX + 1
    painter.fillRect(QRectF(at - QPointF(side / 2 + 1, side / 2 + 1), QSizeF(side + 2, side + 2)), QColor(12, 12, 12))
    painter.fillRect(QRectF(at - QPointF(side / 2, side / 2), QSizeF(side, side)), colour)


def origin_legend(scene: Scene) -> list[LegendRow]:
    """What is drawn, or why nothing is."""
    shown = scene.shown
    if shown.model is None or shown.candidates is None:
        return [LegendRow(tr("no model answers yet"))]
    if shown.candidates.proposals is not None:
        return [LegendRow(tr("thin: the proposal that a detection grew out of"), SAMPLE, 1)]
    if shown.model.grid_strides:
        return [LegendRow(tr("thin: the cell that answered, tied to its detection"), SAMPLE, 1)]
    return [LegendRow(tr("this model does not tell where a detection came from"))]

"""What is there by the truth and was not found."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from detector.palette import text_colour
from gui.canvas.marking import Missed, dashed_pen
from gui.canvas.overlay import LABEL_MARGIN_PX, SEAM, label_font, label_height
from gui.canvas.scene import Scene


def paint_missed(painter: QPainter, scene: Scene, missed: Missed) -> None:
    """Draw each missed box in its mark, its name inside at the lower edge, where labels of detections seldom are."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setFont(label_font(scene.view.label_px))
    metrics = QFontMetricsF(painter.font())
    colour, height = missed.mark.colour, label_height(scene.view.label_px)
    ink = text_colour((colour.red(), colour.green(), colour.blue()))
    for rect, name in zip(scene.rects(missed.boxes_xyxy), missed.class_names, strict=True):
        for pen in (dashed_pen(SEAM, scene.view.line_px + 2.0, ()), missed.mark.pen(scene.view.line_px)):
            painter.setPen(pen)
            painter.drawRect(rect)
        text = f"{missed.mark.tag} {name}"
        place = QRectF(
            rect.left(), rect.bottom() - height, metrics.horizontalAdvance(text) + 2 * LABEL_MARGIN_PX, height
        )
        painter.fillRect(place, colour)
        painter.setPen(QColor(*ink))
        painter.drawText(QPointF(place.left() + LABEL_MARGIN_PX, place.top() + 1 + metrics.ascent()), text)

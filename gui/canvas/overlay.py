"""Boxes, class names and scores, drawn over the frame and never into it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from detector.detections import Detections
from detector.palette import class_colour, text_colour
from gui.canvas.transform import ViewTransform

LABEL_PX = 13
LINE_PX = 2.0


def label_font() -> QFont:
    font = QFont()
    font.setPixelSize(LABEL_PX)
    font.setWeight(QFont.Weight.DemiBold)
    return font


def paint_detections(
    painter: QPainter, detections: Detections, class_names: Sequence[str], transform: ViewTransform, view: QRectF
) -> None:
    """Draw every detection; the best score last, so that it lies on top.

    Args:
        view: the visible part, which labels are kept inside of.
    """
    painter.setFont(label_font())
    metrics = QFontMetricsF(painter.font())
    for row in reversed(range(len(detections))):
        label = int(detections.labels[row])
        colour = QColor(*class_colour(label))
        x1, y1, x2, y2 = (float(v) for v in detections.boxes_xyxy[row])
        box = QRectF(QPointF(*transform.to_view(x1, y1)), QPointF(*transform.to_view(x2, y2)))
        pen = QPen(colour, LINE_PX)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box)
        text = f"{class_names[label]} {detections.scores[row]:.2f}"
        paint_label(painter, metrics, text, box, colour, view)


def paint_label(
    painter: QPainter, metrics: QFontMetricsF, text: str, box: QRectF, colour: QColor, view: QRectF
) -> None:
    """A label above the box's top left corner, or just inside where there is no room above."""
    width, height = metrics.horizontalAdvance(text) + 8, metrics.height() + 2
    left = min(max(box.left() - LINE_PX / 2, view.left()), max(view.right() - width, view.left()))
    top = box.top() - height
    if top < view.top():
        top = max(box.top(), view.top())
    place = QRectF(left, top, width, height)
    painter.fillRect(place, colour)
    painter.setPen(QColor(*text_colour((colour.red(), colour.green(), colour.blue()))))
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)

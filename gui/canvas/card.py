"""Small cards over the frame: what the pointer is at, and the legend in the corner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

# Over a frame, so the same in light and dark.
PAPER = QColor(20, 22, 25, 225)
INK = QColor(240, 242, 244)
FAINT_INK = QColor(190, 196, 204)
TEXT_PX = 12
MARGIN_PX = 8.0
BESIDE_POINTER_PX = 16.0
SAMPLE_PX = 18.0
DOT_PX = 4.0
"""The side of a dot in a raw box and in the legend."""


@dataclass(frozen=True)
class LegendRow:
    """A line of the legend, after a piece of the line that it explains where there is one, or `dot`: after a dot."""

    text: str
    colour: QColor | None = None
    width: int = 0
    dot: bool = False


def card_font(bold: bool = False) -> QFont:
    font = QFont()
    font.setPixelSize(TEXT_PX)
    font.setBold(bold)
    return font


def paint_card(painter: QPainter, at: QPointF, lines: Sequence[str], stripe: QColor | None, area: QRectF) -> QRectF:
    """A card beside the view point `at`, within `area`: the first line is bold. Returns where it is."""
    bold, plain = QFontMetricsF(card_font(True)), QFontMetricsF(card_font())
    widths = [(plain if row else bold).horizontalAdvance(line) for row, line in enumerate(lines)]
    width, height = max(widths) + 2 * MARGIN_PX + 4, len(lines) * plain.height() + 2 * MARGIN_PX
    left, top = at.x() + BESIDE_POINTER_PX, at.y() + BESIDE_POINTER_PX
    if left + width > area.right():
        left = at.x() - BESIDE_POINTER_PX - width
    if top + height > area.bottom():
        top = at.y() - BESIDE_POINTER_PX - height
    place = QRectF(max(left, area.left()), max(top, area.top()), width, height)
    _paper(painter, place)
    if stripe is not None:
        painter.fillRect(QRectF(place.left(), place.top(), 4, place.height()), stripe)
    y = place.top() + MARGIN_PX + plain.ascent()
    for row, line in enumerate(lines):
        painter.setFont(card_font(row == 0))
        painter.setPen(FAINT_INK if row else INK)
        painter.drawText(QPointF(place.left() + MARGIN_PX + 4, y), line)
        y += plain.height()
    return place


def paint_legend(painter: QPainter, rows: Sequence[LegendRow], area: QRectF) -> QRectF:
    """The legend in the lower left corner of `area`. Returns where it is."""
    metrics = QFontMetricsF(card_font())
    width = max(metrics.horizontalAdvance(row.text) for row in rows) + 3 * MARGIN_PX + SAMPLE_PX
    height = len(rows) * metrics.height() + 2 * MARGIN_PX
    place = QRectF(area.left() + MARGIN_PX, area.bottom() - MARGIN_PX - height, width, height)
    _paper(painter, place)
    painter.setFont(card_font())
    top = place.top() + MARGIN_PX
    for row in rows:
        if row.colour is not None:
            painter.setPen(QPen(row.colour, max(row.width, 1)))
            middle = top + metrics.height() / 2
            left = place.left() + MARGIN_PX
            painter.drawLine(QPointF(left, middle), QPointF(left + SAMPLE_PX, middle))
            if row.dot:
                painter.fillRect(QRectF(left, middle - DOT_PX / 2, DOT_PX, DOT_PX), row.colour)
        painter.setPen(INK)
        painter.drawText(QPointF(place.left() + 2 * MARGIN_PX + SAMPLE_PX, top + metrics.ascent()), row.text)
        top += metrics.height()
    return place


def _paper(painter: QPainter, place: QRectF) -> None:
    painter.fillRect(place, PAPER)

"""What the colours of the maps stand for: a bar with the values at its ends."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from detector.inspection.contrast import Palette, colours
from gui.inspect.telling import number_text
from gui.theme import CAPTION, scaled_font, tabular, theme_colours
from gui.translation import tr

HEIGHT_PX, BAR_PX = 18, 8


class ScaleBar(QWidget):
    """A strip of the palette between its two values."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.low, self.high = 0.0, 0.0
        self.palette_name: Palette = "viridis"
        self.signed, self.known = False, False
        self.setFixedHeight(HEIGHT_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Scale of the colours"))

    def show_scale(self, low: float, high: float, signed: bool, palette: Palette, about: str) -> None:
        """The values at the ends. `about`: whose they are, as a tip."""
        self.low, self.high, self.signed, self.palette_name, self.known = low, high, signed, palette, True
        self.setToolTip(about)
        self.setAccessibleDescription(f"{number_text(low)} - {number_text(high)}")
        self.update()

    def clear(self) -> None:
        """There is nothing to scale."""
        self.known = False
        self.setAccessibleDescription("")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(160, HEIGHT_PX)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if not self.known:
            return
        painter = QPainter(self)
        painter.setFont(tabular(scaled_font(CAPTION)))
        metrics = painter.fontMetrics()
        low, high = number_text(self.low), number_text(self.high)
        left = metrics.horizontalAdvance(low) + 6
        right = metrics.horizontalAdvance(high) + 6
        bar = QRectF(left, (HEIGHT_PX - BAR_PX) / 2, max(0, self.width() - left - right), BAR_PX)
        table = colours(self.palette_name, self.signed)
        strip = QImage(table.data, len(table), 1, 3 * len(table), QImage.Format.Format_RGB888)
        painter.drawImage(bar, strip)
        painter.setPen(theme_colours().edge)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(bar)
        painter.setPen(theme_colours().text)
        y = (HEIGHT_PX + metrics.ascent() - metrics.descent()) / 2
        painter.drawText(QPointF(0, y), low)
        painter.drawText(QPointF(self.width() - right + 6, y), high)
        painter.end()

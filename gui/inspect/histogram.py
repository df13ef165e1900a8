"""How often a channel takes which value on the frame."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.inspect.telling import number_text
from gui.theme import CAPTION, scaled_font, tabular, theme_colours
from gui.translation import tr

BINS = 32
TOP, BOTTOM = 15, 15


class Histogram(QWidget):
    """Bars of what it is given with `show_values`. Places at nought are told in words: they would dwarf the rest."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.counts: NDArray[np.intp] = np.zeros(0, np.intp)
        self.low = self.high = 0.0
        self.at_nought = 0.0
        self.setMinimumSize(120, 56)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(tr("Histogram of the channel's values"))
        self.setToolTip(tr("How many places of the map have which value; those at 0 are left out and told above"))

    def show_values(self, values: NDArray[np.float16] | None) -> None:
        """A channel's map, any shape."""
        flat = np.zeros(0, np.float32) if values is None else values.ravel().astype(np.float32)
        other = flat[flat != 0]
        self.at_nought = 1 - len(other) / len(flat) if len(flat) else 0.0
        self.low, self.high = (min(0.0, float(other.min())), max(0.0, float(other.max()))) if len(other) else (0.0, 0.0)
        self.counts = np.histogram(other, BINS, (self.low, self.high))[0] if len(other) else np.zeros(0, np.intp)
        self.setAccessibleDescription(self._heading())
        self.update()

    def _heading(self) -> str:
        return tr("{percent:.0f} % of places at 0").format(percent=100 * self.at_nought)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(tabular(scaled_font(CAPTION)))
        colours, metrics = theme_colours(), painter.fontMetrics()
        box = QRectF(0, TOP, self.width(), max(1, self.height() - TOP - BOTTOM))
        painter.fillRect(box, colours.surface)
        painter.setPen(colours.muted)
        painter.drawText(QPointF(0, TOP - 4), self._heading())
        if len(self.counts):
            width, most = box.width() / len(self.counts), int(self.counts.max())
            for place, count in enumerate(self.counts.tolist()):
                if count:
                    # So that a single place can be seen.
                    height = max(1.0, count / most * box.height())
                    bar = QRectF(box.left() + place * width, box.bottom() - height, max(1.0, width - 1), height)
                    painter.fillRect(bar, colours.accent)
            last = number_text(self.high)
            painter.drawText(QPointF(0, self.height() - 3), number_text(self.low))
            painter.drawText(QPointF(box.right() - metrics.horizontalAdvance(last), self.height() - 3), last)
        painter.setPen(colours.line)
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        painter.end()

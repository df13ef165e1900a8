"""How high a channel's peak was on the last frames, as a small line."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.inspect.history import KEPT
from gui.inspect.telling import number_text
from gui.theme import CAPTION, scaled_font, tabular, theme_colours
from gui.translation import tr

LINE = QColor("#e69f00")
LEFT, TOP, BOTTOM = 36, 15, 15


class PeakPlot(QWidget):
    """Draws what it is given with `show_peaks`, the newest on the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.peaks: Sequence[tuple[int, float]] = ()
        self.setMinimumSize(120, 56)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(tr("Peak of the channel on the last frames"))
        self.setToolTip(tr("The channel's greatest value on each of the last frames that were read"))

    def show_peaks(self, peaks: Sequence[tuple[int, float]]) -> None:
        """Frame numbers and values, the newest last."""
        self.peaks = peaks
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(tabular(scaled_font(CAPTION)))
        colours = theme_colours()
        box = QRectF(LEFT, TOP, max(1, self.width() - LEFT - 1), max(1, self.height() - TOP - BOTTOM))
        painter.fillRect(box, colours.surface)
        painter.setPen(colours.muted)
        painter.drawText(QPointF(box.left(), TOP - 4), tr("peak on the last frames"))
        values = [value for _, value in self.peaks]
        # From nought on: a curve that fills its box whatever it says would tell of noise.
        low, high = min(0.0, *values, 0.0), max(0.0, *values, 0.0)
        high = high if high > low else low + 1
        painter.setPen(colours.line)
        for y in (box.top(), box.bottom()):
            painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))
        painter.setPen(colours.text)
        metrics = painter.fontMetrics()
        for value, y in ((high, box.top() + metrics.ascent() / 2), (low, box.bottom() + metrics.ascent() / 2 - 3)):
            text = number_text(value)
            painter.drawText(QPointF(LEFT - 4 - metrics.horizontalAdvance(text), y), text)
        if values:
            self._paint_line(painter, box, low, high)
            painter.setPen(colours.muted)
            last = str(self.peaks[-1][0])
            painter.drawText(QPointF(box.left(), self.height() - 3), str(self.peaks[0][0]))
            painter.drawText(QPointF(box.right() - metrics.horizontalAdvance(last), self.height() - 3), last)
        painter.end()

    def _paint_line(self, painter: QPainter, box: QRectF, low: float, high: float) -> None:
        step = box.width() / (KEPT - 1)
        start = box.right() - step * (len(self.peaks) - 1)
        points = [
            QPointF(start + place * step, box.bottom() - (value - low) / (high - low) * box.height())
            for place, (_, value) in enumerate(self.peaks)
        ]
        painter.setPen(QPen(LINE, 1.5))
        painter.drawPolyline(QPolygonF(points))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(LINE)
        painter.drawEllipse(points[-1], 2.5, 2.5)

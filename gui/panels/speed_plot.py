"""Two small charts over the last minute: frames per second, and milliseconds by part on top of each other."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.performance_history import KEPT_S, PARTS, Sample
from gui.theme import tabular, theme_colours
from gui.translation import tr

# Okabe and Ito's colours, told apart by every kind of eye and on light as on dark.
PART_COLOURS = tuple(QColor(code) for code in ("#56b4e9", "#009e73", "#0072b2", "#e69f00", "#cc79a7"))
RATE_COLOUR = QColor("#d55e00")
LEFT, RIGHT, TOP, BOTTOM = 44, 10, 24, 20
SECONDS_BETWEEN = 15
LARGEST_GAP_S = 1.5
"""Where the computer slept or the program was held, the line is broken too."""


class SpeedPlot(QWidget):
    """Draws what it is given with `show_samples`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.samples: Sequence[Sample] = ()
        self.now_s = 0.0
        self.paints = 0
        self.setMinimumSize(200, 190)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(tr("Plot of frames per second and milliseconds by part over the last minute"))

    def show_samples(self, samples: Sequence[Sample], now_s: float) -> None:
        """Draw these; `now_s`, monotonic, is the right edge."""
        self.samples, self.now_s = samples, now_s
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        self.paints += 1
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(tabular(self.font()))
        legend = self._legend_height(painter)
        height = (self.height() - legend) / 2
        width = self.width() - LEFT - RIGHT
        rates = QRectF(LEFT, TOP, width, height - TOP - BOTTOM)
        parts = QRectF(LEFT, height + TOP, width, height - TOP - BOTTOM)
        runs = unbroken(self.samples)
        self._paint_rates(painter, rates, runs)
        self._paint_parts(painter, parts, runs)
        self._paint_legend(painter, 2 * height)
        if not runs:
            painter.setPen(theme_colours().muted)
            for box in (rates, parts):
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, tr("Nothing plays"))
        painter.end()

    def _paint_rates(self, painter: QPainter, box: QRectF, runs: list[list[Sample]]) -> None:
        top = round_up(max((s.frames_per_s or 0.0 for run in runs for s in run), default=0.0))
        self._paint_axes(painter, box, top, tr("Frames per second"))
        painter.setPen(QPen(RATE_COLOUR, 2))
        for run in runs:
            points = [self._point(box, s.at_s, s.frames_per_s or 0.0, top) for s in run]
            painter.drawPolyline(QPolygonF(points))

    def _paint_parts(self, painter: QPainter, box: QRectF, runs: list[list[Sample]]) -> None:
        top = round_up(max((sum(s.parts_ms or ()) for run in runs for s in run), default=0.0))
        self._paint_axes(painter, box, top, tr("Milliseconds a frame"))
        painter.setPen(Qt.PenStyle.NoPen)
        for run in runs:
            below = [0.0] * len(run)
            for part, colour in enumerate(PART_COLOURS):
                above = [low + (s.parts_ms or (0.0,) * len(PARTS))[part] for low, s in zip(below, run, strict=True)]
                edge = [self._point(box, s.at_s, value, top) for s, value in zip(run, above, strict=True)]
                floor = [self._point(box, s.at_s, value, top) for s, value in zip(run, below, strict=True)]
                painter.setBrush(colour)
                painter.drawPolygon(QPolygonF([*edge, *reversed(floor)]))
                below = above
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_axes(self, painter: QPainter, box: QRectF, top: float, title: str) -> None:
        colours = theme_colours()
        text, line = colours.text, colours.line
        metrics = painter.fontMetrics()
        painter.fillRect(box, colours.surface)
        painter.setPen(text)
        painter.drawText(QPointF(box.left() - LEFT + 6, box.top() - 9), title)
        for share in (0.0, 0.5, 1.0):
            y = box.bottom() - share * box.height()
            painter.setPen(line)
            painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))
            painter.setPen(text)
            number = f"{share * top:g}"
            painter.drawText(QPointF(box.left() - 6 - metrics.horizontalAdvance(number), y + 4), number)
        for ago_s in range(0, round(KEPT_S) + 1, SECONDS_BETWEEN):
            x = box.right() - ago_s / KEPT_S * box.width()
            painter.setPen(line)
            painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))
            painter.setPen(text)
            label = tr("now") if ago_s == 0 else tr("-{s} s").format(s=ago_s)
            width = metrics.horizontalAdvance(label)
            painter.drawText(QPointF(min(x - width / 2, self.width() - width - 2), box.bottom() + 14), label)

    def _legend_places(self, painter: QPainter) -> list[QPointF]:
        metrics, places = painter.fontMetrics(), []
        x, y = float(LEFT), 14.0
        for part in PARTS:
            width = 16 + metrics.horizontalAdvance(part) + 14
            if x + width > self.width() and x > LEFT:
                x, y = float(LEFT), y + metrics.height() + 2
            places.append(QPointF(x, y))
            x += width
        return places

    def _legend_height(self, painter: QPainter) -> float:
        return self._legend_places(painter)[-1].y() + 8

    def _paint_legend(self, painter: QPainter, top: float) -> None:
        for place, part, colour in zip(self._legend_places(painter), PARTS, PART_COLOURS, strict=True):
            painter.fillRect(QRectF(place.x(), top + place.y() - 9, 10, 10), colour)
            painter.setPen(theme_colours().text)
            painter.drawText(QPointF(place.x() + 16, top + place.y()), part)

    def _point(self, box: QRectF, at_s: float, value: float, top: float) -> QPointF:
        across = min(max((self.now_s - at_s) / KEPT_S, 0.0), 1.0)
        return QPointF(box.right() - across * box.width(), box.bottom() - value / top * box.height())


def unbroken(samples: Sequence[Sample]) -> list[list[Sample]]:
    """The samples between gaps, each run at least two long; a pause leaves nothing, not a zero."""
    runs: list[list[Sample]] = [[]]
    for sample in samples:
        if sample.frames_per_s is None or (runs[-1] and sample.at_s - runs[-1][-1].at_s > LARGEST_GAP_S):
            runs.append([])
        if sample.frames_per_s is not None:
            runs[-1].append(sample)
    return [run for run in runs if len(run) > 1]


def round_up(value: float) -> float:
    """The next of 1, 2, 5, 10, 20, 50 ... that holds `value`; at least 1."""
    if value <= 1:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1.0, 2.0, 5.0, 10.0) if step * power >= value)

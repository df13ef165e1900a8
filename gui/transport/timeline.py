"""The timeline: where the source stands, its in and out points, and the frame under the pointer."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QSlider, QWidget

from gui.theme import theme_colours
from gui.translation import tr

MARGIN = 10
HEIGHT = 26
GROOVE_Y = 17.0
GROOVE = 4.0
MARKS_BELOW_Y = 12.0
"""Marks are taken hold of above this height, the position below it; so both can be reached where they meet."""
GRIP = 8.0


class Timeline(QSlider):
    """A slider over frame indices. It is a QSlider for its keys and what assistive technology knows of sliders.

    Signals: `sought` a frame to go to; `stepped` frames to step by; `range_chosen` in and out point (int or None) when
    a mark was dragged; `hovered` the frame under the pointer, -1 when the pointer is gone.
    """

    sought = Signal(int)
    stepped = Signal(int)
    range_chosen = Signal(object, object)
    hovered = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setAccessibleName(tr("Position"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self.setRange(0, 1)
        self.first: int | None = None
        self.last: int | None = None
        self.looping = False
        self.hover_index = -1
        self._inside = False
        self._pointer = QPointF()
        self._grip = ""
        self.valueChanged.connect(self.sought)

    @property
    def scrubbing(self) -> bool:
        """Whether the position is held by the pointer."""
        return self._grip == "position"

    @property
    def dragging(self) -> bool:
        """Whether the position or a mark is held by the pointer."""
        return bool(self._grip)

    def show_range(self, last_index: int, first: int | None, last: int | None, looping: bool) -> None:
        """Take over how long the source is, its in and out points, and whether it loops."""
        self.blockSignals(True)
        self.setRange(0, max(last_index, 1))
        self.blockSignals(False)
        if self._grip not in ("first", "last"):
            self.first, self.last = first, last
        self.looping = looping
        self.update()
        self._look_again()

    def show_position(self, index: int) -> None:
        """Take over where the source stands; not while the pointer holds the position."""
        if self.scrubbing or index == self.value():
            return
        self.blockSignals(True)
        self.setValue(index)
        self.blockSignals(False)

    def x_of(self, index: int) -> float:
        """Where frame `index` lies, in pixels from the left."""
        return MARGIN + index / max(self.maximum(), 1) * max(self.width() - 2 * MARGIN, 1)

    def index_at(self, x: float) -> int:
        """The frame at `x` pixels from the left."""
        share = (x - MARGIN) / max(self.width() - 2 * MARGIN, 1)
        return round(max(0.0, min(share, 1.0)) * self.maximum())

    def sizeHint(self) -> QSize:
        return QSize(240, HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, HEIGHT)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        at = event.position()
        self._grip = self._mark_at(at) or "position"
        if self.scrubbing:
            self.setSliderDown(True)
            self._scrub(at)
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        index = self.index_at(at.x())
        if self.scrubbing:
            self._scrub(at)
        elif self._grip == "first":
            self.first = min(index, self.maximum() if self.last is None else self.last)
            self.update()
        elif self._grip == "last":
            self.last = max(index, self.first or 0)
            self.update()
        self.setCursor(Qt.CursorShape.SizeHorCursor if self._mark_at(at) else Qt.CursorShape.ArrowCursor)
        self._pointer = event.globalPosition()
        if self._inside:
            self._hover(index)
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._grip:
            grip, self._grip = self._grip, ""
            self.setSliderDown(False)
            if grip != "position":
                self.range_chosen.emit(self.first, self.last)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        page = self.pageStep()
        match event.key():
            case Qt.Key.Key_Left | Qt.Key.Key_Down:
                self.stepped.emit(-1)
            case Qt.Key.Key_Right | Qt.Key.Key_Up:
                self.stepped.emit(1)
            case Qt.Key.Key_PageUp:
                self.sought.emit(min(self.value() + page, self.maximum()))
            case Qt.Key.Key_PageDown:
                self.sought.emit(max(self.value() - page, 0))
            case Qt.Key.Key_Home:
                self.sought.emit(0)
            case Qt.Key.Key_End:
                self.sought.emit(self.maximum())
            case _:
                event.ignore()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._inside = True
        self._pointer = event.globalPosition()
        super().enterEvent(event)
        self._look_again()

    def leaveEvent(self, event: QEvent) -> None:
        self._gone()
        super().leaveEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._look_again()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.EnabledChange:
            self._look_again()

    def hideEvent(self, event: QHideEvent) -> None:
        self._grip = ""
        self.setSliderDown(False)
        self._gone()
        super().hideEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self.palette()
        text, accent = palette.color(QPalette.ColorRole.WindowText), theme_colours().accent
        if not self.isEnabled():
            accent = palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.WindowText)
        here = self.x_of(self.value())
        self._paint_groove(painter, text, accent, here)
        if self.hover_index >= 0:
            painter.fillRect(QRectF(self.x_of(self.hover_index) - 0.5, GROOVE_Y - 6, 1, 12), text)
        self._paint_marks(painter, text)
        painter.setPen(QPen(palette.color(QPalette.ColorRole.Window), 1.5))
        painter.setBrush(accent)
        radius = 7.0 if self.hover_index >= 0 or self.scrubbing else 6.0
        painter.drawEllipse(QPointF(here, GROOVE_Y), radius, radius)
        if self.hasFocus():
            painter.setPen(QPen(text, 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QPointF(here, GROOVE_Y), 8, 8)

    def _paint_groove(self, painter: QPainter, text: QColor, accent: QColor, here: float) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        left, right = self.x_of(0), self.x_of(self.maximum())
        painter.setBrush(faded(text, 0.22))
        painter.drawRoundedRect(QRectF(left, GROOVE_Y - GROOVE / 2, right - left, GROOVE), 2, 2)
        start, end = left, right
        if self.first is not None or self.last is not None:
            start = self.x_of(self.first or 0)
            end = right if self.last is None else self.x_of(self.last)
            painter.setBrush(faded(accent, 0.35))
            painter.drawRect(QRectF(start, GROOVE_Y - 5, max(end - start, 1), 10))
        elif self.looping:
            painter.setBrush(faded(accent, 0.35))
            painter.drawRoundedRect(QRectF(left, GROOVE_Y - GROOVE / 2, right - left, GROOVE), 2, 2)
        if here > start:
            painter.setBrush(accent)
            painter.drawRect(QRectF(start, GROOVE_Y - GROOVE / 2, here - start, GROOVE))

    def _paint_marks(self, painter: QPainter, text: QColor) -> None:
        painter.setPen(QPen(text, 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for index, inward in ((self.first, 5), (self.last, -5)):
            if index is not None:
                x = self.x_of(index)
                painter.drawPolyline(
                    [QPointF(x + inward, 4), QPointF(x, 4), QPointF(x, HEIGHT - 2), QPointF(x + inward, HEIGHT - 2)]
                )

    def _mark_at(self, at: QPointF) -> str:
        """The mark that can be taken hold of there; "" for none."""
        if at.y() > MARKS_BELOW_Y:
            return ""
        near = [
            (abs(at.x() - self.x_of(index) - inward), name)
            for name, index, inward in (("first", self.first, 2.5), ("last", self.last, -2.5))
            if index is not None and abs(at.x() - self.x_of(index)) <= GRIP
        ]
        return min(near)[1] if near else ""

    def _scrub(self, at: QPointF) -> None:
        # The slider's own signal tells it, and only where the frame is another one.
        self.setValue(self.index_at(at.x()))

    def _hover(self, index: int) -> None:
        if index != self.hover_index:
            self.hover_index = index
            self.update()
        self.hovered.emit(index)

    def _look_again(self) -> None:
        """Tell the frame under a pointer that rests, after the timeline came or became another one beneath it."""
        if not self._inside:
            return
        at = self.mapFromGlobal(self._pointer)
        if self.isEnabled() and (self.dragging or self.rect().contains(at.toPoint())):
            self._hover(self.index_at(at.x()))
        else:
            self._hover_nothing()

    def _gone(self) -> None:
        self._inside = False
        self._hover_nothing()

    def _hover_nothing(self) -> None:
        if self.hover_index >= 0:
            self.hover_index = -1
            self.update()
        self.hovered.emit(-1)


def faded(colour: QColor, share: float) -> QColor:
    """The colour with `share` (0 to 1) of its opacity."""
    seen = QColor(colour)
    seen.setAlphaF(share * colour.alphaF())
    return seen

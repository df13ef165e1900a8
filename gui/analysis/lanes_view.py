"""The lanes of a timeline, one a class: click to go there, hover to look, wheel to zoom, shift and drag for a range."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QSizePolicy, QWidget

from gui.analysis.lane_painting import (
    GUTTER,
    RULER,
    Picture,
    lane_height,
    paint_lane,
    paint_name,
    paint_position,
    paint_range,
    paint_ruler,
)
from gui.analysis.lanes import Filter, Lane, bars, density
from gui.analysis.results import Results
from gui.analysis.scale import Scale
from gui.canvas.gestures import ZOOM_STEP, meaning_of
from gui.theme import CAPTION, scaled_font, tabular, theme_colours
from gui.translation import tr

PAN_STEP_PX = 60.0
DRAG_PX = 3.0


@dataclass(frozen=True)
class Spot:
    """What the pointer is at. label: of the lane; None above and below the lanes."""

    index: int
    label: int | None
    x: float


class LanesView(QAbstractScrollArea):
    """Draws results from one reduction a pixel and lane, whatever their length.

    Left button: a lane's name selects it; elsewhere a press goes to the frame, of several at a pixel to the first that
    has the class, and dragging scrubs. Shift and drag choose a range. The middle button and Shift with the wheel move
    the view, the wheel zooms at the pointer; over the names it scrolls. Up and Down select a lane, Enter and Shift with
    Enter go to its next and previous appearance, + and - zoom, 0 shows everything.

    Signals: `sought` a frame to go to; `range_chosen` first and last frame; `hovered` a Spot or None; `lane_chosen`
    when another lane is selected; `event_wanted` 1 or -1.
    """

    sought = Signal(int)
    range_chosen = Signal(object, object)
    hovered = Signal(object)
    lane_chosen = Signal()
    event_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.results: Results | None = None
        self.filter = Filter()
        self.lanes: list[Lane] = []
        self.label: int | None = None
        self.index = 0
        self.first: int | None = None
        self.last: int | None = None
        self.fps: float | None = None
        self.hint = ""
        self.scale = Scale.fitted(1, 1)
        self._pictures: dict[int, Picture] = {}
        self._hand: Callable[[QPointF], None] | None = None
        self._from: QPointF | None = None
        self._pointer: QPointF | None = None
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(tr("Timeline of the classes"))
        self.viewport().setMouseTracking(True)
        self.verticalScrollBar().valueChanged.connect(self.viewport().update)
        self.verticalScrollBar().setSingleStep(12)

    # What is shown

    def show_results(self, results: Results | None) -> None:
        """Draw these from now on, from the beginning to the end."""
        self.results = results
        self.label = None
        self.fps = None
        if results is not None and results.head.source.kind != "images":
            self.fps = results.fps
        self.scale = Scale.fitted(results.frame_span if results is not None else 1, self._width())
        self.follow()

    def follow(self) -> None:
        """There is more to draw, or other lanes."""
        results = self.results
        self.lanes = results.lanes(self.filter) if results is not None else []
        if results is not None:
            self.scale = self.scale.resized(results.frame_span, self._width())
        if self.label not in [lane.label for lane in self.lanes]:
            self.label = self.lanes[0].label if self.lanes else None
            self.lane_chosen.emit()
        self._changed()

    def set_filter(self, wanted: Filter) -> None:
        if wanted != self.filter:
            self.filter = wanted
            self.follow()

    def set_hint(self, hint: str) -> None:
        """What stands there while there are no lanes."""
        if hint != self.hint:
            self.hint = hint
            self.viewport().update()

    def show_position(self, index: int) -> None:
        """The frame on show. The view follows it, unless a hand holds the view."""
        if index == self.index:
            return
        self.index = index
        if self._hand is None and not self.scale.fits:
            self._set_scale(self.scale.showing(index))
        self.viewport().update()

    def show_range(self, first: int | None, last: int | None) -> None:
        """The in and out points."""
        if (first, last) != (self.first, self.last) and self._hand != self._select:
            self.first, self.last = first, last
            self.viewport().update()

    @property
    def lane(self) -> Lane | None:
        """The selected one."""
        return next((lane for lane in self.lanes if lane.label == self.label), None)

    def select(self, label: int) -> None:
        """Select the lane of a class, and bring it into view."""
        if label != self.label:
            self.label = label
            self.lane_chosen.emit()
        top = self.top_of(label) + self.verticalScrollBar().value() - RULER
        bar = self.verticalScrollBar()
        lane = self.lane
        if lane is not None:
            room = self.viewport().height() - RULER
            bar.setValue(min(max(bar.value(), top + lane_height(lane) - room), top))
        self.viewport().update()

    def step_lane(self, step: int) -> None:
        """Select the lane so many below the selected one."""
        labels = [lane.label for lane in self.lanes]
        if self.label in labels:
            self.select(labels[max(0, min(len(labels) - 1, labels.index(self.label) + step))])

    def top_of(self, label: int) -> int:
        """Where the lane of a class begins in the view, in pixels from its top."""
        top = RULER - self.verticalScrollBar().value()
        for lane in self.lanes:
            if lane.label == label:
                return top
            top += lane_height(lane)
        return top

    def x_of(self, index: int) -> float:
        """The middle of a frame, in pixels from the view's left edge."""
        return GUTTER + self.scale.x_of(index + 0.5)

    def zoom(self, factor: float, x: float | None = None) -> None:
        """Enlarge around a pixel of the lanes, by default around the frame on show."""
        at = x if x is not None else min(max(self.scale.x_of(self.index + 0.5), 0.0), float(self.scale.width))
        self._set_scale(self.scale.zoomed(factor, at))

    def fit(self) -> None:
        """Show everything."""
        self._set_scale(Scale.fitted(self.scale.count, self.scale.width))

    def pan(self, pixels: float) -> None:
        self._set_scale(self.scale.moved(pixels))

    def spot_at(self, at: QPointF) -> Spot:
        """What lies at a point. Of several frames at a pixel the first that has the class of the lane."""
        x = at.x() - GUTTER
        lane = self._lane_at(at.y())
        first, last = self.scale.index_at(x), self.scale.last_at(x)
        if self.results is not None and lane is not None:
            found = self.results.presence.first_within(lane.label, first, last, self.filter.floor)
            first = found if found is not None else first
        return Spot(first, lane.label if lane is not None else None, at.x())

    def sizeHint(self) -> QSize:
        return QSize(600, 170)

    def minimumSizeHint(self) -> QSize:
        return QSize(GUTTER + 120, RULER + 34)

    # The hand

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        if self.results is None:
            return
        if event.button() == Qt.MouseButton.MiddleButton:
            self._take(self._pan_to, at)
        elif event.button() == Qt.MouseButton.LeftButton:
            lane = self._lane_at(at.y())
            if lane is not None:
                self.select(lane.label)
            if at.x() < GUTTER:
                return
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self._take(self._select, at)
            else:
                self._take(self._scrub, at)
                self.sought.emit(self.spot_at(at).index)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        if self._hand is not None:
            self._hand(at)
        self._point(at)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        hand, self._hand, self._from = self._hand, None, None
        self.viewport().unsetCursor()
        if hand == self._select:
            self.range_chosen.emit(self.first, self.last)
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.results is None:
            event.ignore()
            return
        at = event.position()
        meaning = meaning_of(event)
        turned = event.angleDelta()
        if at.x() < GUTTER:
            super().wheelEvent(event)
        elif meaning.pan is not None:
            self.pan(meaning.pan.x())
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() - round(meaning.pan.y()))
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier or (turned.x() and not turned.y()):
            self.pan(PAN_STEP_PX * (turned.y() or turned.x()) / 120)
        else:
            self.zoom(meaning.factor, at.x() - GUTTER)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        match event.key():
            case Qt.Key.Key_Up | Qt.Key.Key_Down:
                self.step_lane(-1 if event.key() == Qt.Key.Key_Up else 1)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.event_wanted.emit(-1 if shift else 1)
            case Qt.Key.Key_Plus:
                self.zoom(ZOOM_STEP)
            case Qt.Key.Key_Minus:
                self.zoom(1 / ZOOM_STEP)
            case Qt.Key.Key_0:
                self.fit()
            case _:
                event.ignore()

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._point(None)
        return super().viewportEvent(event)

    def _point(self, at: QPointF | None) -> None:
        """Tell what the pointer is at; also when the view has moved beneath it."""
        self._pointer = at
        inside = (
            at is not None
            and at.x() >= GUTTER
            and self.results is not None
            and self.viewport().rect().contains(at.toPoint())
        )
        self.hovered.emit(self.spot_at(at) if inside and at is not None else None)

    def _take(self, hand: Callable[[QPointF], None], at: QPointF) -> None:
        self._hand, self._from = hand, at
        if hand == self._pan_to:
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)

    def _scrub(self, at: QPointF) -> None:
        assert self._from is not None
        if abs(at.x() - self._from.x()) >= DRAG_PX:
            # Once it moves, a hand means places, not what it was found at.
            self._from = QPointF(-1e6, 0)
            self.sought.emit(self.scale.index_at(max(at.x() - GUTTER, 0)))

    def _select(self, at: QPointF) -> None:
        assert self._from is not None
        left, right = sorted((max(self._from.x() - GUTTER, 0), max(at.x() - GUTTER, 0)))
        self.first, self.last = self.scale.index_at(left), self.scale.last_at(right)
        self.viewport().update()

    def _pan_to(self, at: QPointF) -> None:
        assert self._from is not None
        self.pan(at.x() - self._from.x())
        self._from = at

    # Drawing

    def paintEvent(self, _event: QPaintEvent) -> None:
        view = self.viewport()
        painter = QPainter(view)
        painter.setFont(tabular(scaled_font(CAPTION)))
        painter.fillRect(view.rect(), theme_colours().background)
        if not self.lanes:
            painter.setFont(scaled_font(1.0))
            painter.setPen(theme_colours().muted)
            room = view.rect().adjusted(16, 4, -16, -4)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.hint)
            painter.end()
            return
        top = RULER - self.verticalScrollBar().value()
        for lane in self.lanes:
            height = lane_height(lane)
            if top + height > RULER and top < view.height():
                selected = lane.label == self.label
                paint_lane(painter, lane, self._picture(lane), top, view.width(), selected)
                paint_name(painter, lane, top, selected, selected and self.hasFocus())
            top += height
        bottom = min(top, view.height())
        paint_ruler(painter, self.scale, self.fps, view.width())
        painter.setClipRect(GUTTER, 0, view.width() - GUTTER, view.height())
        paint_range(painter, self.scale, self.first, self.last, bottom)
        paint_position(painter, self.scale, self.index, bottom)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._set_scale(self.scale.resized(self.scale.count, self._width()))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self.viewport().update()

    def _picture(self, lane: Lane) -> Picture:
        picture = self._pictures.get(lane.label)
        if picture is None:
            assert self.results is not None
            strength = density(self.results.presence, lane.label, self.scale, self.filter.floor)
            picture = Picture(strength, tuple(bars(row, self.scale) for row in lane.rows))
            self._pictures[lane.label] = picture
        return picture

    def _lane_at(self, y: float) -> Lane | None:
        top = RULER - self.verticalScrollBar().value()
        if y < RULER:
            return None
        for lane in self.lanes:
            if top <= y < top + lane_height(lane):
                return lane
            top += lane_height(lane)
        return None

    def _width(self) -> int:
        return max(self.viewport().width() - GUTTER, 1)

    def _set_scale(self, scale: Scale) -> None:
        if scale != self.scale:
            self.scale = scale
            self._changed()
        else:
            self._fit_bar()

    def _changed(self) -> None:
        self._pictures.clear()
        self._fit_bar()
        if self._pointer is not None:
            self._point(self._pointer)
        self.viewport().update()

    def _fit_bar(self) -> None:
        room = self.viewport().height() - RULER
        height = sum(lane_height(lane) for lane in self.lanes)
        self.verticalScrollBar().setPageStep(max(room, 1))
        self.verticalScrollBar().setRange(0, max(height - room, 0))

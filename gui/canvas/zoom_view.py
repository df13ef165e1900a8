"""A view onto something of so many pixels: fit, zoom and pan by wheel, fingers and commands."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QNativeGestureEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QGestureEvent, QPinchGesture, QWidget

from gui.canvas.gestures import WheelMeaning, meaning_of, meaning_of_native
from gui.canvas.transform import ViewTransform
from gui.canvas.zoom_badge import ZoomBadge


class ZoomView(QWidget):
    """Keeps `transform`; what lies in the view is drawn by whoever builds on this.

    `moved` comes when zoom or place changed, by whatever. `fitted`: the whole frame is kept in the view. `view_moves`:
    the view was moved since the pointer did anything else; reset by whoever minds.
    """

    moved = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.transform = ViewTransform()
        self.fitted = True
        self.view_moves = False
        self.frame_wh: tuple[int, int] | None = None
        self.zoom_badge = ZoomBadge(self)
        self.zoom_badge.clicked.connect(self.fit)
        self.grabGesture(Qt.GestureType.PinchGesture)

    def set_frame_size(self, frame_wh: tuple[int, int] | None) -> None:
        """What lies in the view from now on has this size; another one than before is fitted anew."""
        changed = frame_wh != self.frame_wh
        self.frame_wh = frame_wh
        if frame_wh is None:
            self.zoom_badge.hide()
        elif self.fitted or changed:
            self.fit()

    def fit(self) -> None:
        """Show the whole frame, as large as it goes, and keep it so when the view changes its size."""
        before = (self.fitted, self.transform)
        self.fitted = True
        if self.frame_wh is not None:
            self.transform = self._fit_transform(self.frame_wh)
        self.zoom_badge.hide()
        if before != (True, self.transform):
            self.moved.emit()

    def zoom(self, factor: float, at: QPointF | None = None) -> None:
        """Scale by `factor` around a view point, by default the middle."""
        point = at or QPointF(self.width() / 2, self.height() / 2)
        self._move_to(self.transform.zoomed(factor, point.x(), point.y()))

    def one_to_one(self) -> None:
        """One frame pixel on one pixel of the screen."""
        self.zoom(1 / (self.transform.scale * self.devicePixelRatioF()))

    def pan(self, dx: float, dy: float) -> None:
        """Move the frame by view pixels; a part of it always stays in the view."""
        self._move_to(self.transform.moved(dx, dy))

    def show_like(self, other: ZoomView) -> None:
        """The same zoom as another view has, and the same place of the frame in the middle."""
        if other.fitted:
            self.fit()
        else:
            x, y = other.transform.to_frame(other.width() / 2, other.height() / 2)
            scale = other.transform.scale
            self._move_to(ViewTransform(scale, self.width() / 2 - x * scale, self.height() / 2 - y * scale))

    def _fit_transform(self, frame_wh: tuple[int, int]) -> ViewTransform:
        return ViewTransform.fit(frame_wh, (self.width(), self.height()))

    def _move_to(self, transform: ViewTransform) -> None:
        if self.frame_wh is None:
            return
        self.fitted = False
        self.transform = transform.clamped(self.frame_wh, (self.width(), self.height()))
        zoomed = not math.isclose(self.transform.scale, self._fit_transform(self.frame_wh).scale)
        self.zoom_badge.tell(self.transform.scale * self.devicePixelRatioF(), zoomed)
        self.view_moves = True
        self.moved.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.fitted:
            self.fit()
        else:
            self._move_to(self.transform)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._follow_fingers(meaning_of(event), event.position())

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent):
            return self._native_gesture(event)
        if isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture):
                self.zoom(pinch.scaleFactor(), QPointF(self.mapFromGlobal(pinch.centerPoint())))
                return True
        return super().event(event)

    def _native_gesture(self, event: QNativeGestureEvent) -> bool:
        # Where the trackpad pinches by itself, Qt would make a second pinch of it.
        self.ungrabGesture(Qt.GestureType.PinchGesture)
        if event.gestureType() == Qt.NativeGestureType.SmartZoomNativeGesture:
            self.one_to_one() if self.fitted else self.fit()
            return True
        meaning = meaning_of_native(event)
        if meaning is None:
            return super().event(event)
        self._follow_fingers(meaning, event.position())
        return True

    def _follow_fingers(self, meaning: WheelMeaning, at: QPointF) -> None:
        if meaning.pan is not None:
            self.pan(meaning.pan.x(), meaning.pan.y())
        elif meaning.factor != 1:
            self.zoom(meaning.factor, at)

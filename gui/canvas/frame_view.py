"""The canvas: the frame with its detections, zoom and pan, and what the pointer finds there."""

from __future__ import annotations

import time
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QColor,
    QContextMenuEvent,
    QGuiApplication,
    QImage,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QGestureEvent, QMenu, QPinchGesture, QSizePolicy, QWidget

from detector.selection import RawBoxes, Thresholds, raw_boxes
from gui.canvas.details import counts_in_words, detection_text, detections_tsv
from gui.canvas.gestures import ZOOM_STEP, meaning_of
from gui.canvas.held import HeldSelection
from gui.canvas.menu import canvas_menu
from gui.canvas.painting import paint_scene
from gui.canvas.picking import Picked, next_of, rows_at
from gui.canvas.picture import visible_picture
from gui.canvas.scene import Scene
from gui.canvas.transform import ViewTransform
from gui.canvas.view_options import ViewOptions
from gui.canvas.zoom_badge import ZoomBadge
from gui.session import Session
from gui.translation import tr
from gui.values import ShownFrame

__all__ = ["BACKGROUND", "ZOOM_STEP", "FrameView"]

BACKGROUND = QColor(24, 26, 29)
HINT = QColor(150, 156, 164)
CLICK_PX = 5.0
PAN_STEP_PX = 60
DESCRIBE_EVERY_MS = 1000


class FrameView(QWidget):
    """Shows a ShownFrame and what the pointer finds on it.

    The wheel zooms at the pointer, dragging pans, double click fits (see `gestures.py` for trackpads); hovering a box
    tells about it, a click selects it, the next click there the box below.

    `selected` comes whenever something else is selected or the selected detection was found on another frame: a
    `Picked`, or None. `draw_s` is what a paint takes, in seconds, as a running mean.

    Args:
        session: whose thresholds the raw boxes go by and whose class filter the menu sets; None: shows frames only.
        view_options: how boxes are drawn; None: as at the first start.
    """

    selected = Signal(object)

    def __init__(
        self, session: Session | None = None, view_options: ViewOptions | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.session = session
        self.options = view_options or ViewOptions(parent=self)
        self.options.changed.connect(self.update)
        self.setObjectName("canvas")
        self.setAccessibleName(tr("Frame with detections"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(240, 160)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.grabGesture(Qt.GestureType.PinchGesture)
        self.shown: ShownFrame | None = None
        self.hint = tr("No frame yet")
        self.draw_s = 0.0
        self.transform = ViewTransform()
        self.held = HeldSelection()
        self.actions_by_name: Mapping[str, QAction] = {}
        self._fitted = True
        self.zoom_badge = ZoomBadge(self)
        self.zoom_badge.clicked.connect(self.fit)
        self._pointer: QPointF | None = None
        self._view_moves = False
        self._pressed_at: QPointF | None = None
        self._drag_from: QPointF | None = None
        self._picture: tuple[QImage, QRectF] | None = None
        self._picture_of: NDArray[np.uint8] | None = None
        self._picture_key: tuple[object, ...] = ()
        self._raw: tuple[object, Thresholds, RawBoxes] | None = None
        self._describe = QTimer(self)
        self._describe.setSingleShot(True)
        self._describe.setInterval(DESCRIBE_EVERY_MS)
        self._describe.timeout.connect(self._describe_now)
        self._described = True

    # What is shown

    def show_frame(self, shown: ShownFrame) -> None:
        """Draw this frame from now on; a frame of another size is fitted anew."""
        before = self.shown
        self.shown = shown
        if self._fitted or before is None or before.frame.size_wh != shown.frame.size_wh:
            self.fit()
        was = self.held.picked
        self.held.follow(shown, before is None or before.frame.image is not shown.frame.image)
        if self.held.picked != was:
            self.selected.emit(self.held.picked)
        self._described = False
        if not self._describe.isActive():
            self._describe_now()
        self._point()
        self.update()

    def clear(self) -> None:
        """Show no frame, but the hint."""
        self.shown = None
        self._raw = self._picture = self._picture_of = None
        self.zoom_badge.hide()
        self.unselect()
        self._described = False
        self._describe_now()
        self._point()
        self.update()

    def set_hint(self, text: str) -> None:
        """What is said while there is no frame."""
        self.hint = text
        self.update()

    # Zoom and pan

    def fit(self) -> None:
        """Show the whole frame, as large as it goes, and keep it so when the view changes its size."""
        self._fitted = True
        if self.shown is not None:
            self.transform = ViewTransform.fit(self.shown.frame.size_wh, (self.width(), self.height()))
        self.zoom_badge.hide()
        self._point()
        self.update()

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

    def _move_to(self, transform: ViewTransform) -> None:
        if self.shown is None:
            return
        self._fitted = False
        self.transform = transform.clamped(self.shown.frame.size_wh, (self.width(), self.height()))
        self.zoom_badge.tell(self.transform.scale * self.devicePixelRatioF())
        # Who moves the view looks at the frame, not at what the pointer happens to come over.
        self._view_moves = True
        self._point()
        self.update()

    # Selecting and copying

    def select_row(self, row: int) -> None:
        """Select a row of the detections on show."""
        if self.shown is not None and 0 <= row < len(self.shown.detections):
            self.held.choose(self.shown, row)
            self.selected.emit(self.held.picked)
            self.update()

    def select_next(self, step: int) -> None:
        """Select the detection `step` rows on, round and round; the best one where none is selected."""
        count = len(self.shown.detections) if self.shown else 0
        if count:
            first = 0 if step > 0 else count - 1
            self.select_row(first if self.held.row is None else (self.held.row + step) % count)

    def unselect(self) -> None:
        if self.held.picked is not None:
            self.held.drop()
            self.selected.emit(None)
            self.update()

    @property
    def selection(self) -> Picked | None:
        return self.held.picked

    def copy(self) -> None:
        """Put the selected detection on the clipboard as text, or all of them when none is selected."""
        self.copy_text(self.held.row)

    def copy_text(self, row: int | None) -> None:
        """Put one detection on the clipboard, or all as lines with tabs between the columns."""
        shown = self.shown
        if shown is None or (row is not None and row >= len(shown.detections)):
            return
        text = detections_tsv(shown) if row is None else detection_text(shown, row)
        QGuiApplication.clipboard().setText(text)

    # Painting

    def scene(self) -> Scene | None:
        """What is to be painted now; None without a frame."""
        if self.shown is None:
            return None
        view = self.options.view
        raw = self._raw_boxes(self.shown) if view.raw_boxes or view.grid else None
        rows = self._rows_under()
        hovered = rows[0] if rows else None
        place = None
        if self._pointer is not None and not self._view_moves:
            place = self.transform.to_frame(self._pointer.x(), self._pointer.y())
        if hovered is not None and self.held.row in rows:
            hovered = self.held.row
        return Scene(self.shown, self.transform, QRectF(self.rect()), view, raw, hovered, self.held.row, place)

    def paintEvent(self, _event: QPaintEvent) -> None:
        started_s = time.perf_counter()
        painter = QPainter(self)
        painter.fillRect(self.rect(), BACKGROUND)
        scene = self.scene()
        if scene is None:
            painter.setPen(HINT)
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.hint)
        else:
            picture = self._visible_picture(scene.shown)
            if picture is not None:
                painter.drawImage(picture[1], picture[0])
            paint_scene(painter, scene)
        painter.end()
        took_s = time.perf_counter() - started_s
        self.draw_s = took_s if self.draw_s == 0 else 0.9 * self.draw_s + 0.1 * took_s

    def _visible_picture(self, shown: ShownFrame) -> tuple[QImage, QRectF] | None:
        """Scaled once per frame and view; moving a slider on a paused frame only redraws the boxes."""
        size = (self.width(), self.height())
        key = (self.transform, size, self.devicePixelRatioF())
        # The array itself is kept: an address alone may soon be that of another frame.
        if self._picture_of is not shown.frame.image or self._picture_key != key:
            self._picture = visible_picture(shown.frame.image, self.transform, size, self.devicePixelRatioF())
            self._picture_of, self._picture_key = shown.frame.image, key
        return self._picture

    def _raw_boxes(self, shown: ShownFrame) -> RawBoxes | None:
        """The boxes before NMS by the session's thresholds; found once for a frame and its thresholds."""
        if shown.candidates is None or shown.model is None:
            return None
        thresholds = self.session.selection.thresholds(shown.class_names) if self.session else Thresholds()
        if self._raw is None or self._raw[0] is not shown.candidates or self._raw[1] != thresholds:
            self._raw = (shown.candidates, thresholds, raw_boxes(shown.candidates, thresholds))
        return self._raw[2]

    # The hand

    def wheelEvent(self, event: QWheelEvent) -> None:
        meaning = meaning_of(event)
        if meaning.pan is not None:
            self.pan(meaning.pan.x(), meaning.pan.y())
        elif meaning.factor != 1:
            self.zoom(meaning.factor, event.position())

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
        match event.gestureType():
            case Qt.NativeGestureType.ZoomNativeGesture:
                self.zoom(max(1 + event.value(), 0.1), event.position())
            case Qt.NativeGestureType.SmartZoomNativeGesture:
                self.one_to_one() if self._fitted else self.fit()
            case Qt.NativeGestureType.PanNativeGesture:
                self.pan(event.delta().x(), event.delta().y())
            case _:
                return super().event(event)
        return True

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed_at = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        here = event.position()
        if self._pressed_at is not None and event.buttons() & Qt.MouseButton.LeftButton:
            if self._drag_from is None and (here - self._pressed_at).manhattanLength() > CLICK_PX:
                self._drag_from = self._pressed_at
            if self._drag_from is not None:
                moved = here - self._drag_from
                self._drag_from = self._pointer = here
                self.pan(moved.x(), moved.y())
                return
        self._pointer = here
        self._view_moves = False
        self._point()
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        clicked = self._pressed_at is not None and self._drag_from is None
        self._pressed_at = self._drag_from = None
        if clicked:
            self._pointer = event.position()
            self._view_moves = False
            row = next_of(self._rows_under(), self.held.row)
            if row is None:
                self.unselect()
            else:
                self.select_row(row)
        self._point()
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.fit()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._pointer = None
        self._point()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._fitted:
            self.fit()
        else:
            self._move_to(self.transform)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            row = self.held.row
        else:
            self._pointer = QPointF(event.pos())
            rows = self._rows_under()
            row = self.held.row if self.held.row in rows else next_of(rows, None)
        self.menu_for(row).popup(event.globalPos())

    def menu_for(self, row: int | None) -> QMenu:
        """The menu for a detection, or for the frame alone."""
        return canvas_menu(self, row, self.actions_by_name)

    def _rows_under(self) -> list[int]:
        """The detections under the pointer, the smallest first."""
        if self.shown is None or self._pointer is None or self._drag_from is not None:
            return []
        x, y = self.transform.to_frame(self._pointer.x(), self._pointer.y())
        return rows_at(self.shown.detections, x, y, self.options.view.line_px / self.transform.scale)

    def _point(self) -> None:
        """The cursor that tells what a press would do."""
        if self._drag_from is not None:
            shape = Qt.CursorShape.ClosedHandCursor
        else:
            shape = Qt.CursorShape.PointingHandCursor if self._rows_under() else Qt.CursorShape.ArrowCursor
        if self.cursor().shape() != shape:
            self.setCursor(shape)

    def _describe_now(self) -> None:
        """Tell screen readers what is on the frame, at most once in `DESCRIBE_EVERY_MS`."""
        if not self._described:
            self._described = True
            self.setAccessibleDescription(counts_in_words(self.shown) if self.shown else self.hint)
            self._describe.start()

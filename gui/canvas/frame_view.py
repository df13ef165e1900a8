"""The canvas: the frame with its detections, zoom and pan, and what the pointer finds there."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QColor,
    QContextMenuEvent,
    QGuiApplication,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolTip, QWidget

from detector.selection import RawBoxes, Thresholds
from gui.canvas.describing import Describer
from gui.canvas.details import detection_text, detections_tsv
from gui.canvas.gestures import ZOOM_STEP
from gui.canvas.heat_overlay import HeatMap
from gui.canvas.held import HeldSelection
from gui.canvas.marking import Marking
from gui.canvas.menu import canvas_menu
from gui.canvas.painting import paint_scene
from gui.canvas.picking import Picked, next_of, rows_at
from gui.canvas.picture import PictureCache
from gui.canvas.raw_overlay import RawCache
from gui.canvas.scene import Scene
from gui.canvas.stored_overlay import StoredBoxes
from gui.canvas.view_options import ViewOptions
from gui.canvas.zoom_view import ZoomView
from gui.session import Session
from gui.translation import tr
from gui.values import ShownFrame

__all__ = ["BACKGROUND", "ZOOM_STEP", "FrameView"]

BACKGROUND = QColor(24, 26, 29)
HINT = QColor(150, 156, 164)
CLICK_PX = 5.0
PAN_STEP_PX = 60


class FrameView(ZoomView):
    """Shows a ShownFrame and what the pointer finds on it.

    The wheel zooms at the pointer, dragging pans, double click fits (see `gestures.py` for trackpads); hovering a box
    tells about it, a click selects it, the next click there the box below.

    `selected` comes whenever something else is selected or the selected detection was found on another frame: a
    `Picked`, or None. `chosen` comes only when somebody selected here, `hovered` with the row that the pointer is at,
    or None. `draw_s` is what a paint takes, in seconds, as a running mean.

    For a view beside another one: `marking` says how the detections on show compare, `lit` is the row that the pointer
    is at over there. `thresholds_of` gives what the raw boxes go by; by default it is the session's selection.

    Args:
        session: whose thresholds the raw boxes go by and whose class filter the menu sets; None: shows frames only.
        view_options: how boxes are drawn; None: as at the first start.
    """

    selected = Signal(object)
    chosen = Signal()
    hovered = Signal(object)

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
        self.moved.connect(self._moved)
        self.shown: ShownFrame | None = None
        self.hint = tr("No frame yet")
        self.draw_s = 0.0
        self.held = HeldSelection()
        self.actions_by_name: Mapping[str, QAction] = {}
        self._pointer: QPointF | None = None
        self._pressed_at: QPointF | None = None
        self._drag_from: QPointF | None = None
        self._picture, self._raw = PictureCache(), RawCache()
        self._describer = Describer(self)
        self.marking: Marking | None = None
        self.lit: int | None = None
        self._heats: dict[str, HeatMap] = {}
        self._stored: StoredBoxes | None = None
        self._overlays: list[Callable[[QPainter, Scene], None]] = []
        self._marks_origin = False
        self._hovered: int | None = None
        self.thresholds_of: Callable[[ShownFrame], Thresholds] = self._thresholds

    # What is shown

    def show_frame(self, shown: ShownFrame) -> None:
        """Draw this frame from now on; a frame of another size is fitted anew."""
        before = self.shown
        self.shown = shown
        self.set_frame_size(shown.frame.size_wh)
        was = self.held.picked
        self.held.follow(shown, before is None or before.frame.image is not shown.frame.image)
        if self.held.picked != was:
            self.selected.emit(self.held.picked)
        self._describer.tell(shown, self.hint)
        self._point()
        self.update()

    def clear(self) -> None:
        """Show no frame, but the hint."""
        self.shown = self.marking = self.lit = self._stored = None
        self._heats.clear()
        self._raw.forget()
        self._picture.forget()
        self.set_frame_size(None)
        self.unselect()
        self._describer.tell(None, self.hint)
        self._point()
        self.update()

    def set_hint(self, text: str) -> None:
        """What is said while there is no frame."""
        self.hint = text
        self.update()

    def set_marking(self, marking: Marking | None) -> None:
        """How the detections on show compare; it is not drawn over others than those it is about."""
        self.marking = marking
        self.update()

    def show_stored(self, stored: StoredBoxes | None) -> None:
        """What was found on a frame before; it is drawn over that frame only, as the view's options say."""
        if stored is not self._stored:
            self._stored = stored
            self.update()

    def add_overlay(self, paint: Callable[[QPainter, Scene], None]) -> None:
        """Have something of one's own drawn above everything else; who adds it asks for the update."""
        self._overlays.append(paint)

    def show_heat(self, owner: str, heat: HeatMap | None) -> None:
        """Lay a map over the frame, until its owner takes it off by None. Of several owners' maps the last is seen."""
        if heat is not None:
            self._heats[owner] = heat
            self.update()
        elif self._heats.pop(owner, None) is not None:
            self.update()

    def mark_origin(self, on: bool) -> None:
        """Mark where the selected detection came from, whatever the view's options say."""
        if on != self._marks_origin:
            self._marks_origin = on
            self.update()

    @property
    def heat(self) -> HeatMap | None:
        """The map that lies over the frame."""
        return next(reversed(self._heats.values()), None)

    def light(self, row: int | None) -> None:
        """Light a detection as if the pointer were at it, but without its card."""
        if row != self.lit:
            self.lit = row
            self.update()

    def _moved(self) -> None:
        self._point()
        self.update()

    # Selecting and copying

    def select_row(self, row: int) -> None:
        """Select a row of the detections on show."""
        if self.shown is not None and 0 <= row < len(self.shown.detections):
            self.held.choose(self.shown, row)
            self.selected.emit(self.held.picked)
            self.chosen.emit()
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
            self.chosen.emit()
            self.update()

    @property
    def pointed(self) -> int | None:
        """The row that the pointer is at."""
        return self._hovered

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
        count = len(shown.detections) if row is None else 1
        if count:
            text = detections_tsv(shown) if row is None else detection_text(shown, row)
            QGuiApplication.clipboard().setText(text)
        told = tr("There is no box to copy") if not count else tr("Box copied") if row is not None else ""
        told = told or tr("{count} boxes copied").format(count=count)
        # Nothing else shows that it was done.
        QToolTip.showText(self.mapToGlobal(self.rect().center()), told, self)

    # Painting

    def scene(self) -> Scene | None:
        """What is to be painted now; None without a frame."""
        if self.shown is None:
            return None
        view = self.options.view
        if self._marks_origin and self.held.row is not None:
            view = replace(view, origins=True)
        raw = self._raw_boxes(self.shown) if view.raw_boxes or view.grid else None
        hovered = self._row_under(self._rows_under())
        place = None
        if self._pointer is not None and not self.view_moves:
            # Who moves the view looks at the frame, not at what the pointer happens to come over.
            place = self.transform.to_frame(self._pointer.x(), self._pointer.y())
        if hovered is None and place is None:
            hovered = self.lit
        marking = self.marking if self.marking is not None and self.marking.of is self.shown.detections else None
        stored = self._stored
        if stored is not None and stored.index != self.shown.frame.index:
            stored = None
        return Scene(
            self.shown,
            self.transform,
            QRectF(self.rect()),
            view,
            raw,
            hovered,
            self.held.row,
            place,
            marking,
            self.heat,
            stored,
        )

    def paintEvent(self, _event: QPaintEvent) -> None:
        started_s = time.perf_counter()
        painter = QPainter(self)
        painter.fillRect(self.rect(), BACKGROUND)
        scene = self.scene()
        if scene is None:
            painter.setPen(HINT)
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.hint)
        else:
            size, ratio = (self.width(), self.height()), self.devicePixelRatioF()
            picture = self._picture.get(scene.shown.frame.image, self.transform, size, ratio)
            if picture is not None:
                painter.drawImage(picture[1], picture[0])
            paint_scene(painter, scene)
            for paint in self._overlays:
                paint(painter, scene)
        painter.end()
        took_s = time.perf_counter() - started_s
        self.draw_s = took_s if self.draw_s == 0 else 0.9 * self.draw_s + 0.1 * took_s

    def _raw_boxes(self, shown: ShownFrame) -> RawBoxes | None:
        if shown.candidates is None or shown.model is None:
            return None
        return self._raw.get(shown.candidates, self.thresholds_of(shown))

    def _thresholds(self, shown: ShownFrame) -> Thresholds:
        return self.session.selection.thresholds(shown.class_names) if self.session else Thresholds()

    # The hand

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
        self.view_moves = False
        self._point()
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        clicked = self._pressed_at is not None and self._drag_from is None
        self._pressed_at = self._drag_from = None
        if clicked:
            self._pointer = event.position()
            self.view_moves = False
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

    def _row_under(self, rows: list[int]) -> int | None:
        """Which of the rows under the pointer is meant."""
        return self.held.row if self.held.row in rows else rows[0] if rows else None

    def _point(self) -> None:
        """The cursor that tells what a press would do; says what the pointer is at now."""
        rows = self._rows_under()
        if self._drag_from is not None:
            shape = Qt.CursorShape.ClosedHandCursor
        else:
            shape = Qt.CursorShape.PointingHandCursor if rows else Qt.CursorShape.ArrowCursor
        if self.cursor().shape() != shape:
            self.setCursor(shape)
        row = self._row_under(rows)
        if row != self._hovered:
            self._hovered = row
            self.hovered.emit(row)

"""Lines and zones drawn on the frame, to count at: click the points, Enter or a double click ends, Esc gives up."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPen, QPolygonF

from detector.analysis.scene import LEAST_CORNERS, Line, Point, Scene, Zone
from detector.errors import OptionError
from gui.canvas.frame_view import FrameView
from gui.canvas.overlay import LABEL_MARGIN_PX, SEAM, label_font
from gui.canvas.scene import Scene as CanvasScene
from gui.translation import tr

INK, FRESH = QColor(255, 255, 255), QColor(240, 228, 66)
ARROW_PX, DOT_PX = 12.0, 4.0
LINE, ZONE = "line", "zone"


class SceneDrawing(QObject):
    """Keeps the lines and zones of the open source, as shares of its frames, and draws them on the canvas.

    Attributes: `mode` LINE or ZONE while something is drawn, else "". `scene` what was drawn. `notes` what was counted
    at each, by its name.

    Signals: `changed` another scene; `mode_changed`; `refused` a sentence, why what was drawn cannot be used.
    """

    changed = Signal()
    mode_changed = Signal()
    refused = Signal(str)

    def __init__(self, canvas: FrameView) -> None:
        super().__init__(canvas)
        self.canvas = canvas
        self.mode = ""
        self.scene = Scene()
        self.notes: dict[str, str] = {}
        self._points: list[Point] = []
        self._pointer: Point | None = None
        canvas.installEventFilter(self)
        canvas.add_overlay(self.paint)

    def begin(self, mode: str) -> None:
        """Draw a line or a zone from now on; "" gives up what is being drawn."""
        self._points, self._pointer = [], None
        self.mode = mode if self.canvas.shown is not None else ""
        self.canvas.setFocus()
        self.canvas.update()
        self.mode_changed.emit()

    def remove_last(self) -> None:
        """Take away what was drawn last: a point while one draws, else a zone, else a line."""
        if self._points:
            self._points.pop()
            self.canvas.update()
        elif self.scene.zones:
            self._set(replace(self.scene, zones=self.scene.zones[:-1]))
        elif self.scene.lines:
            self._set(replace(self.scene, lines=self.scene.lines[:-1]))

    def show(self, scene: Scene, notes: dict[str, str]) -> None:
        """Take over what was drawn before, and what was counted there."""
        self.scene, self.notes = scene, notes
        self.canvas.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not self.mode:
            return super().eventFilter(watched, event)
        kinds = QEvent.Type
        if isinstance(event, QMouseEvent):
            left = event.button() == Qt.MouseButton.LeftButton
            if event.type() == kinds.MouseMove and not event.buttons():
                self._pointer = self._point_at(event.position())
                self.canvas.update()
            elif left and event.type() == kinds.MouseButtonPress:
                self._add(self._point_at(event.position()))
            elif left and event.type() == kinds.MouseButtonDblClick:
                self.finish()
            # The press was the drawing's, so the release is as well.
            return left
        if event.type() == kinds.ShortcutOverride and isinstance(event, QKeyEvent) and _means_something(event):
            event.accept()
            return True
        if event.type() == kinds.KeyPress and isinstance(event, QKeyEvent) and _means_something(event):
            if event.key() == Qt.Key.Key_Escape:
                self.begin("")
            elif event.key() == Qt.Key.Key_Backspace:
                self.remove_last()
            else:
                self.finish()
            return True
        return super().eventFilter(watched, event)

    def finish(self) -> None:
        """Keep what was drawn, where it is enough for a line or a zone."""
        mode, points = self.mode, tuple(dict.fromkeys(self._points))
        self.begin("")
        if mode == ZONE and len(points) < LEAST_CORNERS:
            self.refused.emit(tr("A zone needs three corners or more; draw it again."))
            return
        if mode == LINE and len(points) < 2:
            return
        try:
            name = self._free_name(mode)
            if mode == LINE:
                self._set(replace(self.scene, lines=(*self.scene.lines, Line(name, points[0], points[1]))))
            else:
                self._set(replace(self.scene, zones=(*self.scene.zones, Zone(name, points))))
        except OptionError as error:
            self.refused.emit(str(error))

    # Drawing

    def paint(self, painter: QPainter, scene: CanvasScene) -> None:
        """Draw lines with an arrow to the side that is *in*, zones, and what is being drawn."""
        if not (self.mode or self.scene.lines or self.scene.zones):
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        for zone in self.scene.zones:
            self._paint_shape(painter, self._in_view(scene, zone.points), closed=True, ink=INK)
            self._paint_name(painter, self._in_view(scene, zone.points)[0], zone.name)
        for line in self.scene.lines:
            start, end = self._in_view(scene, (line.start, line.end))
            self._paint_shape(painter, [start, end], closed=False, ink=INK)
            _paint_arrow(painter, start, end)
            self._paint_name(painter, start, line.name)
        if self.mode and self._points:
            points = [*self._points, *([self._pointer] if self._pointer is not None else [])]
            self._paint_shape(painter, self._in_view(scene, points), closed=self.mode == ZONE, ink=FRESH)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_shape(self, painter: QPainter, points: list[QPointF], closed: bool, ink: QColor) -> None:
        shape = QPolygonF(points)
        painter.setBrush(QColor(ink.red(), ink.green(), ink.blue(), 40) if closed else Qt.BrushStyle.NoBrush)
        for colour, width in ((SEAM, 5.0), (ink, 2.0)):
            painter.setPen(QPen(colour, width))
            if closed and len(points) >= LEAST_CORNERS:
                painter.drawPolygon(shape)
            else:
                painter.drawPolyline(shape)
            painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setBrush(ink)
        painter.setPen(QPen(SEAM, 1.0))
        for point in points:
            painter.drawEllipse(point, DOT_PX, DOT_PX)

    def _paint_name(self, painter: QPainter, at: QPointF, name: str) -> None:
        note = self.notes.get(name, "")
        text = f"{name}: {note}" if note else name
        painter.setFont(label_font(self.canvas.options.view.label_px))
        metrics = QFontMetricsF(painter.font())
        wide = metrics.horizontalAdvance(text) + 2 * LABEL_MARGIN_PX
        left = min(max(at.x() + 8, 0.0), max(self.canvas.width() - wide, 0.0))
        top = min(max(at.y() - metrics.height() - 6, 0.0), self.canvas.height() - metrics.height())
        painter.fillRect(int(left), int(top), int(wide), int(metrics.height()), SEAM)
        painter.setPen(INK)
        painter.drawText(QPointF(left + LABEL_MARGIN_PX, top + metrics.ascent()), text)

    def _in_view(self, scene: CanvasScene, points: Sequence[Point]) -> list[QPointF]:
        pixels = self.scene.in_pixels(points, scene.shown.frame.size_wh)
        return [QPointF(*scene.transform.to_view(x, y)) for x, y in pixels.tolist()]

    # Points and names

    def _add(self, point: Point | None) -> None:
        if point is None:
            return
        self._points.append(point)
        self.canvas.update()
        if self.mode == LINE and len(self._points) == 2:
            self.finish()

    def _point_at(self, at: QPointF) -> Point | None:
        shown = self.canvas.shown
        if shown is None:
            return None
        width, height = shown.frame.size_wh
        x, y = self.canvas.transform.to_frame(at.x(), at.y())
        return min(max(x / width, 0.0), 1.0), min(max(y / height, 0.0), 1.0)

    def _free_name(self, mode: str) -> str:
        taken = {line.name for line in self.scene.lines} | {zone.name for zone in self.scene.zones}
        word = tr("line {n}") if mode == LINE else tr("zone {n}")
        number = 1
        while word.format(n=number) in taken:
            number += 1
        return word.format(n=number)

    def _set(self, scene: Scene) -> None:
        self.scene = scene
        self.notes = {}
        self.canvas.update()
        self.changed.emit()


def _means_something(event: QKeyEvent) -> bool:
    return event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Backspace)


def _paint_arrow(painter: QPainter, start: QPointF, end: QPointF) -> None:
    """From the middle of a line to its right side, seen from its start: who goes there goes in."""
    along = end - start
    length = math.hypot(along.x(), along.y())
    if length == 0:
        return
    across = QPointF(-along.y() / length, along.x() / length)
    middle = (start + end) / 2
    tip = middle + across * 2 * ARROW_PX
    side = QPointF(along.x() / length, along.y() / length) * (ARROW_PX / 2)
    painter.setPen(QPen(SEAM, 1.0))
    painter.setBrush(INK)
    painter.drawPolygon(QPolygonF([middle + side, tip, middle - side]))

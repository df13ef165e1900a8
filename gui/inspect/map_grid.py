"""The grid: every channel of the layer as a small map, with a cursor, what the pointer is at, and what never fires."""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QScrollBar, QSizePolicy, QWidget

from detector.inspection.mosaic import Grid, grid_for
from gui.inspect.grid_picture import GridPicture, Look
from gui.inspect.inspecting import Inspecting
from gui.inspect.map_options import MapOptions
from gui.inspect.pooled import cell_behind, given_of_frame, stretched
from gui.inspect.ranking import Ranking
from gui.inspect.telling import cells_of_frame, place_text
from gui.theme import CAPTION, SPACE_S, scaled_font, tabular, theme_colours
from gui.translation import tr

GAP_PX = 4
HEADING_PX = 18
SINGLE_PX = 20
"""The side of what stands for a map of a single value."""
NUMBERED_PX = 30
"""From this side on a map has its number."""
CURSOR = QColor(255, 255, 255)
PIN = QColor(230, 159, 0)
DEAD = QColor(160, 166, 174)
SHADE = QColor(0, 0, 0, 170)
MOVES = {
    Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1),
}  # fmt: skip
OWN_KEYS = {*MOVES, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_Return, Qt.Key.Key_Enter}


class MapGrid(QWidget):
    """Shows the inspector's maps in the ranking's order, as far as they are of the frame: what the input has beside it
    would fill nearly half of each. Only the rows that are seen are composed.

    A click moves the cursor, a double click pins; arrows, Home and End move the cursor, Enter pins. The wheel scrolls,
    with Ctrl it makes maps larger. `hovered` comes with what the pointer is at, "" when it is gone. `bar` scrolls; it
    is to be laid beside the grid. `both`: maps before and after ReLU or pooling stand side by side. `paint_s`: what the
    last paint took.
    """

    hovered = Signal(str)

    def __init__(
        self, inspecting: Inspecting, options: MapOptions, ranking: Ranking, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.inspecting, self.options, self.ranking = inspecting, options, ranking
        self.both = False
        self.paint_s = 0.0
        self.bar = QScrollBar(Qt.Orientation.Vertical)
        self.bar.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.bar.setAccessibleName(tr("Scroll the feature maps"))
        # Else the grid would be wider without it, need fewer rows, and have it go and come again.
        policy = self.bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.bar.setSizePolicy(policy)
        self.bar.valueChanged.connect(self.update)
        self._looks: list[Look] = []
        self._pooled = False
        self._marks = QPixmap()
        self._marks_key: tuple[object, ...] = ()
        self._pictures = (GridPicture(), GridPicture())
        self._pointer: QPointF | None = None
        self._told = ""
        self.setAccessibleName(tr("Feature maps"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 80)
        inspecting.maps_changed.connect(self._refresh)
        inspecting.layer_changed.connect(self._to_top)
        inspecting.channel_changed.connect(self._cursor_moved)
        inspecting.message_changed.connect(self.update)
        ranking.changed.connect(self._refresh)
        options.changed.connect(self._refresh)
        self._refresh()

    # What is shown

    def set_both(self, both: bool) -> None:
        """Show what comes out of the layer and what its ReLU leaves of that, or what a pooling is given and keeps."""
        self.both = both
        self._refresh()

    def looks(self) -> list[Look]:
        """The maps side by side: one, or before and after their ReLU. Empty where there are none."""
        return self._looks

    @property
    def headings(self) -> tuple[str, ...]:
        if len(self._looks) < 2:
            return ()
        if self._pooled:
            return tr("before pooling"), tr("after pooling")
        return tr("before ReLU"), tr("after ReLU")

    def grid(self) -> Grid | None:
        """Where tiles lie, in pixels of the screen from the upper left corner of a half; None without maps."""
        if not self._looks:
            return None
        channels, height, width = self._looks[0].maps.shape
        ratio = self.devicePixelRatioF()
        single = max(height, width) == 1
        side = min(self.options.view.tile_px, SINGLE_PX) if single else self.options.view.tile_px
        room = round(self._half_px * ratio)
        return grid_for(channels, (height, width), room, round(side * ratio), round(GAP_PX * ratio))

    def rect_of(self, channel: int, half: int = 0) -> QRectF:
        """Where a channel's tile lies in this widget."""
        grid = self.grid()
        if grid is None:
            return QRectF()
        return self._tile(grid, self.ranking.place_of(channel), half)

    @property
    def _half_px(self) -> float:
        return self.width() if len(self._looks) < 2 else (self.width() - 3 * GAP_PX) / 2

    @property
    def _top_px(self) -> float:
        return HEADING_PX if len(self._looks) > 1 else 0

    def _tile(self, grid: Grid, number: int, half: int) -> QRectF:
        ratio = self.devicePixelRatioF()
        x, y = grid.place_of(number)
        left = half * (self._half_px + 3 * GAP_PX)
        top = self._top_px - self.bar.value()
        return QRectF(x / ratio + left, y / ratio + top, grid.tile_hw[1] / ratio, grid.tile_hw[0] / ratio)

    def _refresh(self) -> None:
        maps, view = self.inspecting.maps, self.options.view
        self._looks, self._pooled = [], False
        if maps is not None:
            rows, columns = cells_of_frame(maps, self.inspecting.letterbox())
            seen = maps.maps[:, :rows, :columns]
            self._looks = [Look.of(seen, view)]
            self._pooled = self.both and maps.given is not None
            if self._pooled:
                given = given_of_frame(maps, self.inspecting.letterbox())
                # Both halves have the same tiles: a place after the pooling covers those that it is the greatest of.
                self._looks = [Look.of(given, view), Look.of(stretched(seen, given.shape[1:]), view)]
            elif self.both and maps.layer.after is not None and not maps.request.after_relu:
                self._looks.append(Look.of(np.maximum(seen, np.float16(0)), view))
        self._fit_bar()
        self._tell()
        self.update()

    def _fit_bar(self) -> None:
        grid = self.grid()
        whole = grid.size_wh[1] / self.devicePixelRatioF() if grid is not None else 0
        page = max(1, round(self.height() - self._top_px))
        self.bar.setRange(0, max(0, round(whole) - page))
        self.bar.setPageStep(page)
        self.bar.setSingleStep(max(8, self.options.view.tile_px // 2))
        self.bar.setVisible(self.bar.maximum() > 0)

    def _to_top(self) -> None:
        self.bar.setValue(0)
        self._refresh()

    # Painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        started_s = time.perf_counter()
        painter = QPainter(self)
        colours = theme_colours()
        painter.fillRect(self.rect(), colours.surface)
        grid = self.grid()
        if grid is None:
            painter.setPen(colours.muted)
            room = self.rect().adjusted(SPACE_S, SPACE_S, -SPACE_S, -SPACE_S)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.inspecting.message)
        else:
            self._paint_maps(painter, grid)
        if self.hasFocus():
            painter.setPen(QPen(colours.accent, 1))
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()
        self.paint_s = time.perf_counter() - started_s

    def _paint_maps(self, painter: QPainter, grid: Grid) -> None:
        colours, ratio = theme_colours(), self.devicePixelRatioF()
        order = self._order()
        pitch = (grid.tile_hw[0] + grid.gap) / ratio
        first = int(self.bar.value() // pitch)
        last = min(grid.rows, int((self.bar.value() + self.height() - self._top_px) // pitch) + 1)
        numbers = range(first * grid.columns, min(grid.count, last * grid.columns))
        painter.setFont(tabular(scaled_font(CAPTION)))
        for half, look in enumerate(self._looks):
            corner = self._tile(grid, numbers.start, half)
            painter.save()
            painter.setClipRect(QRectF(corner.left() - GAP_PX, self._top_px, self._half_px + 2 * GAP_PX, self.height()))
            if len(numbers):
                image = self._pictures[half].get(look, order, grid, (first, last), colours.surface)
                image.setDevicePixelRatio(ratio)
                painter.drawImage(corner.topLeft(), image)
            painter.restore()
        self._paint_marks(painter, grid, numbers, order)
        painter.setPen(colours.muted)
        for half, heading in enumerate(self.headings):
            painter.drawText(QPointF(half * (self._half_px + 3 * GAP_PX), HEADING_PX - 5), heading)

    def _paint_marks(self, painter: QPainter, grid: Grid, numbers: range, order: NDArray[np.intp]) -> None:
        """What lies over the maps changes seldom, so it is kept: the maps change twenty times a second."""
        shown, dead = order[numbers.start : numbers.stop], self.inspecting.dead
        key = (
            grid, numbers, shown.tobytes(), None if dead is None else dead.tobytes(), self.inspecting.pinned,
            self.inspecting.channel, self.bar.value(), self.size(), self.devicePixelRatioF(), len(self._looks),
            theme_colours().accent.rgb(),
        )  # fmt: skip
        if key != self._marks_key:
            self._marks_key = key
            self._marks = QPixmap(self.size() * self.devicePixelRatioF())
            self._marks.setDevicePixelRatio(self.devicePixelRatioF())
            self._marks.fill(Qt.GlobalColor.transparent)
            over = QPainter(self._marks)
            over.setFont(painter.font())
            for half in range(len(self._looks)):
                corner = self._tile(grid, numbers.start, half)
                over.setClipRect(
                    QRectF(corner.left() - GAP_PX, self._top_px, self._half_px + 2 * GAP_PX, self.height())
                )
                for number, channel in zip(numbers, shown.tolist(), strict=True):
                    self._paint_mark(over, self._tile(grid, number, half), channel, dead is not None and dead[channel])
            over.end()
        painter.drawPixmap(0, 0, self._marks)

    def _paint_mark(self, painter: QPainter, tile: QRectF, channel: int, dead: bool) -> None:
        if dead:
            # A shape and not a colour: nothing is dark as well.
            painter.setPen(QPen(DEAD, 1))
            inner = tile.adjusted(3, 3, -3, -3)
            painter.drawLines([
                QLineF(inner.topLeft(), inner.bottomRight()), QLineF(inner.topRight(), inner.bottomLeft()),
            ])  # fmt: skip
        if min(tile.width(), tile.height()) >= NUMBERED_PX:
            text = str(channel)
            metrics = painter.fontMetrics()
            width, height = metrics.horizontalAdvance(text) + 4, metrics.height() - 2
            painter.fillRect(QRectF(tile.left(), tile.top(), width, height), SHADE)
            painter.setPen(CURSOR)
            painter.drawText(QPointF(tile.left() + 2, tile.top() + metrics.ascent() - 1), text)
        if channel == self.inspecting.pinned:
            painter.setPen(QPen(PIN, 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(tile.adjusted(-1, -1, 1, 1))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(PIN)
            painter.drawPolygon([tile.topRight(), tile.topRight() - QPointF(12, 0), tile.topRight() + QPointF(0, 12)])
            painter.setBrush(Qt.BrushStyle.NoBrush)
        if channel == self.inspecting.channel:
            ground = theme_colours()
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for ink, grow, width in ((ground.accent, 2.0, 2), (ground.surface, 0.0, 1)):
                painter.setPen(QPen(ink, width))
                painter.drawRect(tile.adjusted(-grow, -grow, grow, grow))

    def _order(self) -> NDArray[np.intp]:
        order, count = self.ranking.order, len(self._looks[0].maps)
        # Between two layers the ranking may be of the other one.
        return order if len(order) == count else np.arange(count)

    # The cursor

    def move_cursor(self, right: int, down: int) -> None:
        """So many maps to the right and rows down, within the grid."""
        count = self.inspecting.channels
        if count == 0:
            return
        grid = self.grid()
        place = self.ranking.place_of(self.inspecting.channel)
        wanted = place + right + down * (grid.columns if grid is not None else 1)
        if 0 <= wanted < count:
            self._go_to(wanted)

    def _go_to(self, place: int) -> None:
        order = self.ranking.order
        if 0 <= place < len(order):
            self.inspecting.set_channel(int(order[place]))

    def _cursor_moved(self) -> None:
        tile, top = self.rect_of(self.inspecting.channel), self._top_px
        if not tile.isNull():
            if tile.top() < top:
                self.bar.setValue(round(self.bar.value() + tile.top() - top))
            elif tile.bottom() > self.height():
                self.bar.setValue(round(self.bar.value() + tile.bottom() - self.height()) + GAP_PX)
        self.update()

    # The hand

    def at(self, point: QPointF) -> tuple[int, int, tuple[int, int]] | None:
        """Half, channel, and row and column in its reduced map at a point of this widget; None beside every tile."""
        grid = self.grid()
        if grid is None or point.y() < self._top_px:
            return None
        ratio = self.devicePixelRatioF()
        for half in range(len(self._looks)):
            left = half * (self._half_px + 3 * GAP_PX)
            x, y = (point.x() - left) * ratio, (point.y() - self._top_px + self.bar.value()) * ratio
            found = grid.tile_at(x, y) if x >= 0 else None
            if found is not None:
                number, column, row = found
                return half, int(self._order()[number]), (int(row), int(column))
        return None

    def _tell(self) -> None:
        found = self.at(self._pointer) if self._pointer is not None else None
        maps, text = self.inspecting.maps, ""
        if found is not None and maps is not None:
            half, channel, cell = found
            value = float(self._looks[half].maps[channel][cell])
            letterbox = self.inspecting.letterbox()
            given = self._pooled and half == 0
            if self._pooled and half == 1:
                cell = cell_behind(cell, self._looks[0].maps.shape[1:], cells_of_frame(maps, letterbox))
            text = place_text(maps, channel, cell, value, letterbox, given)
        if text != self._told:
            self._told = text
            self.hovered.emit(text)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer = event.position()
        self._tell()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        found = self.at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and found is not None:
            self.inspecting.set_channel(found[1])

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        found = self.at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and found is not None:
            self.inspecting.toggle_pin(found[1])

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._pointer = None
        self._tell()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            turned = event.angleDelta().y()
            if turned:
                self.options.step_tiles(1 if turned > 0 else -1)
            event.accept()
            return
        # As the bar would: its steps, and the fine ones of a trackpad.
        by = event.pixelDelta().y() or event.angleDelta().y() * 3 * self.bar.singleStep() / 120
        self.bar.setValue(round(self.bar.value() - by))
        event.accept()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
            if Qt.Key(event.key()) in OWN_KEYS and held == Qt.KeyboardModifier.NoModifier:
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        pressed = Qt.Key(event.key())
        if pressed in MOVES:
            self.move_cursor(*MOVES[pressed])
        elif pressed == Qt.Key.Key_Home:
            self._go_to(0)
        elif pressed == Qt.Key.Key_End:
            self._go_to(self.inspecting.channels - 1)
        elif pressed in OWN_KEYS:
            self.inspecting.toggle_pin()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_bar()

    def sizeHint(self) -> QSize:
        return QSize(400, 320)

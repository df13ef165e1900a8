"""A matrix as a picture: how a 1x1 layer mixes the channels below it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from detector.inspection.contrast import colours
from gui.focus_keys import keep_keys
from gui.theme import CAPTION, SPACE_S, scaled_font, theme_colours
from gui.translation import tr

HIGHEST_PX, LOWEST_PX = 320, 60
LARGEST_CELL_PX = 10
POINTER_PX = 9
FRAMED_FROM_PX = 6
"""Lower rows are pointed at alone: a frame would cover their neighbours."""


class MatrixView(QWidget):
    """Shows float32 `[rows, columns]` in colours, orange above zero, and one row framed.

    `clicked` comes with the row and column that were clicked; the keys up and down choose a row.
    """

    clicked = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Mixing matrix"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(64)
        self.setFont(scaled_font(CAPTION))
        self.values: NDArray[np.float32] = np.zeros((0, 0), np.float32)
        self.row = 0
        self._image: QImage | None = None
        keep_keys(self)

    def show_matrix(self, values: NDArray[np.float32], row: int) -> None:
        """Show these values, and frame a row."""
        if values is not self.values and (values.shape != self.values.shape or not np.array_equal(values, self.values)):
            self.values = values
            high = float(np.abs(values).max(initial=0)) or 1.0
            rgb = np.ascontiguousarray(colours("viridis", signed=True)[np.rint(values / high * 127 + 128).astype(int)])
            size = rgb.shape[1], rgb.shape[0]
            self._image = QImage(rgb.data, *size, 3 * size[0], QImage.Format.Format_RGB888).copy()
            self.updateGeometry()
        self.row = row
        self.setAccessibleDescription(tr("row {n} of {count}").format(n=row, count=len(values)))
        self.setFixedHeight(self._height(self.width()))
        self.update()

    def _height(self, width: int) -> int:
        rows, columns = self.values.shape
        if not rows or not columns:
            return LOWEST_PX
        cell = min(LARGEST_CELL_PX, (width - POINTER_PX) / columns)
        return round(min(HIGHEST_PX, max(LOWEST_PX, rows * cell)))

    def sizeHint(self) -> QSize:
        return QSize(240, self._height(max(self.width(), 64)))

    def _field(self) -> QRectF:
        rows, columns = self.values.shape
        width = min(float(self.width() - POINTER_PX), LARGEST_CELL_PX * columns)
        return QRectF(POINTER_PX, 0, width, min(float(self.height()), LARGEST_CELL_PX * rows))

    def place_at(self, at: QPointF) -> tuple[int, int] | None:
        """Row and column under a point of this widget."""
        field, (rows, columns) = self._field(), self.values.shape
        if not field.contains(at) or not rows or not columns:
            return None
        row = min(rows - 1, int(at.y() / field.height() * rows))
        return row, min(columns - 1, int((at.x() - field.left()) / field.width() * columns))

    def told_at(self, at: QPointF) -> str:
        """What lies under a point, in words."""
        place = self.place_at(at)
        if place is None:
            return ""
        text = tr("from channel {column} into {row}: {value}")
        return text.format(row=place[0], column=place[1], value=f"{float(self.values[place]):+.3f}")

    def resizeEvent(self, _event: object) -> None:
        self.setFixedHeight(self._height(self.width()))

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._image is None:
            return
        painter = QPainter(self)
        field, rows = self._field(), len(self.values)
        # Where cells are smaller than pixels, a mean tells more than one of them.
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, field.height() < rows)
        painter.drawImage(field, self._image)
        per_row = field.height() / rows
        half = POINTER_PX / 2
        middle = min(max((self.row + 0.5) * per_row, half), max(half, self.height() - half))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme_colours().accent)
        corners = (QPointF(0, middle - half), QPointF(POINTER_PX - 2, middle), QPointF(0, middle + half))
        painter.drawPolygon(QPolygonF(corners))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if per_row >= FRAMED_FROM_PX:
            painter.setPen(QPen(theme_colours().accent, 2))
            painter.drawRect(QRectF(field.left(), self.row * per_row, field.width(), per_row).adjusted(1, 0, -1, 0))
        if self.hasFocus():
            painter.setPen(QPen(theme_colours().text, 1, Qt.PenStyle.DotLine))
            painter.drawRect(field.adjusted(0, 0, -SPACE_S / 4, -SPACE_S / 4))
        painter.end()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        place = self.place_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and place is not None:
            self.clicked.emit(*place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -10, Qt.Key.Key_PageDown: 10}
        step = steps.get(Qt.Key(event.key()))
        if step is None or not len(self.values):
            super().keyPressEvent(event)
            return
        self.clicked.emit(max(0, min(len(self.values) - 1, self.row + step)), 0)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.told_at(QPointF(event.pos())), self)
            return True
        return super().event(event)

"""Small pictures in rows, with a line below each: patches, heat maps, filters. Pictures in, clicks out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from gui.focus_keys import keep_keys
from gui.theme import CAPTION, SPACE_M, SPACE_S, scaled_font, tabular, theme_colours

MARK_PX = 3
SMOOTH_FROM = 24
"""Pictures with shorter sides are enlarged pixel by pixel: their pixels are what is to be seen."""


@dataclass(frozen=True, eq=False)
class Tile:
    """picture: RGB uint8 `[h, w, 3]`; None for an empty place. caption: below it. tip: told of it."""

    picture: NDArray[np.uint8] | None
    caption: str = ""
    tip: str = ""


class Tiles(QWidget):
    """Shows tiles of one size, as many in a row as there is room for.

    `clicked` comes with the number of the tile that was clicked, or chosen by Enter or space. `marked` is framed.
    `clicked_at` comes before it when a picture was clicked: its number, and where in it, as shares of width and height.

    Args:
        name: for screen readers.
        side_px: of a tile's picture. most: tiles in a row; None for as many as fit. grows: tiles are enlarged to fill
            the rows.
    """

    clicked = Signal(int)
    clicked_at = Signal(int, float, float)

    def __init__(
        self, name: str, side_px: int, most: int | None = None, grows: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setFont(tabular(scaled_font(CAPTION)))
        self.setMouseTracking(True)
        self.side_px, self.most, self.grows = side_px, most, grows
        self.tiles: tuple[Tile, ...] = ()
        self.marked: int | None = None
        self.standing = 0
        self._images: list[QImage | None] = []
        self._aspect = 1.0
        keep_keys(self)

    # What is shown

    def set_tiles(self, tiles: Sequence[Tile]) -> None:
        """Show these from now on."""
        self.tiles = tuple(tiles)
        self._images = [_image(tile.picture) for tile in self.tiles]
        shapes = [tile.picture.shape for tile in self.tiles if tile.picture is not None and tile.picture.size]
        # All lie in fields of one shape, that of the highest among them.
        self._aspect = max((shape[0] / shape[1] for shape in shapes), default=1.0)
        self.standing = min(self.standing, max(0, len(self.tiles) - 1))
        self._fit()
        self._tell()
        self.update()

    def mark(self, number: int | None) -> None:
        """Frame this tile."""
        if number != self.marked:
            self.marked = number
            self._tell()
            self.update()

    def _tell(self) -> None:
        told = [tile.tip or tile.caption for tile in self.tiles]
        if self.hasFocus() and self.standing < len(told):
            self.setAccessibleDescription(told[self.standing])
        elif self.marked is not None and self.marked < len(told):
            self.setAccessibleDescription(told[self.marked])
        else:
            self.setAccessibleDescription("; ".join(told[:9]))

    # Where tiles lie

    def _columns(self, width: int) -> int:
        fitting = max(1, (width + SPACE_M) // (self.side_px + SPACE_M))
        return min(fitting, self.most or fitting, max(1, len(self.tiles)) if self.grows else fitting)

    def _side(self, width: int) -> int:
        columns = self._columns(width)
        if self.grows or width < self.side_px:
            return max(8, (width - (columns - 1) * SPACE_M) // columns)
        return self.side_px

    def _caption_px(self) -> int:
        lines = max((tile.caption.count("\n") + 1 for tile in self.tiles if tile.caption), default=0)
        return lines * self.fontMetrics().height() + (SPACE_S if lines else 0)

    def _pitch(self, width: int) -> tuple[int, int]:
        side = self._side(width)
        return side + SPACE_M, round(side * self._aspect) + self._caption_px() + SPACE_M

    def place_of(self, number: int) -> QRect:
        """Where a tile's picture lies."""
        columns, side = self._columns(self.width()), self._side(self.width())
        across, down = self._pitch(self.width())
        row, column = divmod(number, columns)
        return QRect(column * across, row * down, side, round(side * self._aspect))

    def tile_at(self, at: QPoint) -> int | None:
        """The tile at a point of this widget, its caption included."""
        across, down = self._pitch(self.width())
        columns = self._columns(self.width())
        column, row = at.x() // across, at.y() // down
        number = row * columns + column
        inside = 0 <= column < columns and row >= 0 and number < len(self.tiles)
        return int(number) if inside else None

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        rows = math.ceil(len(self.tiles) / self._columns(width))
        return max(0, rows * self._pitch(width)[1] - SPACE_M)

    def sizeHint(self) -> QSize:
        width = min(self.most or 3, 3) * (self.side_px + SPACE_M)
        return QSize(width, self.heightForWidth(self.width() if self.width() > 1 else width))

    def minimumSizeHint(self) -> QSize:
        return QSize(min(self.side_px, 64), self.heightForWidth(max(self.width(), 64)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def _fit(self) -> None:
        # In a scroll area a layout asks too late for the height that a width needs.
        height = self.heightForWidth(self.width())
        if height != self.maximumHeight():
            self.setFixedHeight(height)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colours, elided = theme_colours(), self.fontMetrics().elidedText
        for number, (tile, image) in enumerate(zip(self.tiles, self._images, strict=True)):
            field = self.place_of(number)
            whole = field.adjusted(-MARK_PX, -MARK_PX, MARK_PX, self._caption_px() + MARK_PX)
            if not whole.intersects(event.rect()):
                continue
            if image is None:
                painter.setPen(QPen(colours.line, 1, Qt.PenStyle.DashLine))
                painter.drawRect(field.adjusted(0, 0, -1, -1))
            else:
                smooth = min(image.width(), image.height()) >= SMOOTH_FROM
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
                painter.drawImage(_fitted(image, field), image)
            if tile.caption:
                painter.setPen(colours.text)
                box = QRect(field.left(), field.bottom() + SPACE_S, field.width(), self._caption_px())
                lines = (elided(line, Qt.TextElideMode.ElideMiddle, box.width()) for line in tile.caption.split("\n"))
                painter.drawText(box, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, "\n".join(lines))
            if number == self.marked:
                painter.setPen(QPen(colours.accent, MARK_PX))
                painter.drawRect(QRectF(field).adjusted(0.5, 0.5, -0.5, -0.5))
            if self.hasFocus() and number == self.standing:
                painter.setPen(QPen(colours.text, 1, Qt.PenStyle.DotLine))
                painter.drawRect(field.adjusted(1, 1, -2, -2))
        painter.end()

    # The hand

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        number = self.tile_at(event.position().toPoint())
        if event.button() != Qt.MouseButton.LeftButton or number is None:
            return
        image = self._images[number]
        if image is not None:
            place, at = _fitted(image, self.place_of(number)), event.position().toPoint()
            if place.contains(at):
                across = (at.x() - place.left() + 0.5) / place.width()
                self.clicked_at.emit(number, across, (at.y() - place.top() + 0.5) / place.height())
        # Whoever heard of the place may have taken the tiles away.
        if number < len(self.tiles):
            self._choose(number)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        over = self.tile_at(event.position().toPoint()) is not None
        self.setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._tell()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._tell()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        columns = self._columns(self.width())
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -columns,
            Qt.Key.Key_Down: columns,
            Qt.Key.Key_Home: -len(self.tiles),
            Qt.Key.Key_End: len(self.tiles),
        }
        key = Qt.Key(event.key())
        if key in steps and self.tiles:
            self.standing = max(0, min(len(self.tiles) - 1, self.standing + steps[key]))
            self._tell()
            self.update()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self.tiles:
            self._choose(self.standing)
        else:
            super().keyPressEvent(event)

    def _choose(self, number: int) -> None:
        self.standing = number
        if self.tiles[number].picture is not None:
            self.clicked.emit(number)
        self.update()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            number = self.tile_at(event.pos())
            tip = self.tiles[number].tip if number is not None else ""
            QToolTip.showText(event.globalPos(), tip, self)
            return True
        return super().event(event)


def _image(picture: NDArray[np.uint8] | None) -> QImage | None:
    if picture is None or not picture.size:
        return None
    rgb = np.ascontiguousarray(picture)
    height, width = rgb.shape[:2]
    return QImage(rgb.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def _fitted(image: QImage, field: QRect) -> QRect:
    """The picture in the middle of its field, as large as it goes."""
    size = image.size().scaled(field.size(), Qt.AspectRatioMode.KeepAspectRatio)
    place = QRect(QPoint(0, 0), size)
    place.moveCenter(field.center())
    return place

"""What capturing needs of Qt's pictures: a frame as a QImage, and the red dot."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon, QImage, QPainter, QPixmap

from gui.capture_files import picture_of
from gui.theme import theme_colours
from gui.values import ShownFrame


def as_qimage(shown: ShownFrame, boxes: bool) -> QImage:
    """The frame in full resolution, with its detections drawn in where `boxes`. From any thread."""
    picture = picture_of(shown, boxes)
    height, width = picture.shape[:2]
    data: Any = picture.tobytes()
    return QImage(data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def red_dot_icon() -> QIcon:
    """What says that a recording is under way, in the theme's red."""
    side = 64
    pixmap = QPixmap(side, side)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme_colours().bad)
    painter.drawEllipse(side // 6, side // 6, side - side // 3, side - side // 3)
    painter.end()
    return QIcon(pixmap)

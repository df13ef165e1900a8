"""The window's icons, drawn in the colours of the palette at every painting, so that they change with it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QIconEngine, QImage, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer

from gui.icons.drawings import DRAWINGS, svg

ICON_NAMES = frozenset(DRAWINGS)
APP_ICON = Path(__file__).parent / "icons" / "looktwice.svg"


@lru_cache(maxsize=512)
def _image(name: str, colour: int, width: int, height: int) -> QImage:
    """The icon in one colour (ARGB), as large as fits into `width` x `height` pixels."""
    image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    side = min(width, height)
    painter = QPainter(image)
    renderer = QSvgRenderer(QByteArray(svg(name, QColor.fromRgba(colour).name())))
    renderer.render(painter, QRectF((width - side) / 2, (height - side) / 2, side, side))
    painter.end()
    return image


def _colour(mode: QIcon.Mode) -> QColor:
    palette = QGuiApplication.palette()
    if mode == QIcon.Mode.Disabled:
        return palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.ButtonText)
    if mode == QIcon.Mode.Selected:
        return palette.color(QPalette.ColorGroup.Active, QPalette.ColorRole.HighlightedText)
    return palette.color(QPalette.ColorGroup.Active, QPalette.ColorRole.ButtonText)


class _Engine(QIconEngine):
    """Draws one icon of the table."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def clone(self) -> QIconEngine:
        return _Engine(self.name)

    def key(self) -> str:
        return f"looktwice-{self.name}"

    def scaledPixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float) -> QPixmap:
        # Qt says how large the icon is meant to be, and tells the pixmap its scale afterwards.
        return self.pixmap((size.toSizeF() * scale).toSize(), mode, state)

    def pixmap(self, size: QSize, mode: QIcon.Mode, _state: QIcon.State) -> QPixmap:
        if size.isEmpty():
            return QPixmap()
        return QPixmap.fromImage(_image(self.name, _colour(mode).rgba(), size.width(), size.height()))

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        ratio = painter.device().devicePixelRatio()
        painter.drawPixmap(rect, self.pixmap((rect.size().toSizeF() * ratio).toSize(), mode, state))


def icon(name: str) -> QIcon:
    """The icon of that name, in the colour of the text, light or dark, also when that changes later.

    Raises:
        KeyError: there is no icon of that name.
    """
    if name not in ICON_NAMES:
        raise KeyError(f"no icon is called {name!r}; gui/icons/drawings.py has {', '.join(sorted(ICON_NAMES))}")
    return QIcon(_Engine(name))


def app_icon() -> QIcon:
    """The mark of Looktwice, for windows and the desktop."""
    mark = QIcon()
    renderer = QSvgRenderer(str(APP_ICON))
    for side in (16, 24, 32, 48, 64, 128, 256):
        pixmap = QPixmap(side, side)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        renderer.render(painter)
        painter.end()
        mark.addPixmap(pixmap)
    return mark

"""What is dragged over the window and dropped onto it, as the text of a source."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from PySide6.QtCore import QEvent, QMimeData, QObject, QRectF, Qt
from PySide6.QtGui import QColor, QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from gui.start.opening import short
from gui.theme import TITLE, scaled_font, theme_colours
from gui.translation import tr

FRAME_PX = 4
PADDING_PX = 16
TINT = 48
"""How much of the accent lies over the window, 0 to 255."""


def dropped_source(data: QMimeData) -> str:
    """The first file, folder or address in what is dragged; "" where there is none."""
    for url in data.urls():
        return url.toLocalFile() if url.isLocalFile() else url.toString()
    text = data.text().strip()
    return text if "\n" not in text and "://" in text else ""


class DropSign(QWidget):
    """Lies over a widget while something is dragged over it that may be dropped, and names it."""

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self._over = over
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.text = ""
        self.hide()

    def come(self, source: str) -> None:
        """Say that this source would be opened."""
        self.text = tr("Drop to open {name}").format(name=short(source, 40))
        self.setAccessibleName(self.text)
        self.setGeometry(self._over.rect())
        self.show()
        self.raise_()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme_colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tint = QColor(colours.accent)
        tint.setAlpha(TINT)
        painter.fillRect(self.rect(), tint)
        half = FRAME_PX / 2
        painter.setPen(QPen(colours.accent, FRAME_PX))
        painter.drawRect(QRectF(self.rect()).adjusted(half, half, -half, -half))
        painter.setFont(scaled_font(TITLE))
        room = self.width() - 4 * PADDING_PX
        metrics = painter.fontMetrics()
        text = metrics.elidedText(self.text, Qt.TextElideMode.ElideMiddle, room)
        plate = QRectF(0, 0, metrics.horizontalAdvance(text) + 2 * PADDING_PX, metrics.height() + PADDING_PX)
        plate.moveCenter(QRectF(self.rect()).center())
        painter.setPen(QPen(colours.accent, 1))
        painter.setBrush(colours.surface)
        painter.drawRoundedRect(plate, 6, 6)
        painter.setPen(colours.text)
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)


class DropTarget(QObject):
    """Takes what is dropped anywhere onto a window, and shows beforehand that it would.

    Args:
        open_source: called with the text of the source that was dropped.
    """

    def __init__(self, window: QWidget, open_source: Callable[[str], None]) -> None:
        super().__init__(window)
        self._open = open_source
        self.sign = DropSign(window)
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind in (QEvent.Type.DragEnter, QEvent.Type.DragMove, QEvent.Type.Drop):
            drop = cast(QDropEvent, event)
            source = dropped_source(drop.mimeData())
            if not source:
                return False
            _answer(drop)
            if kind == QEvent.Type.Drop:
                self.sign.hide()
                self._open(source)
            elif kind == QEvent.Type.DragEnter:
                self.sign.come(source)
            return True
        if kind in (QEvent.Type.DragLeave, QEvent.Type.Hide):
            self.sign.hide()
        elif kind == QEvent.Type.Resize and self.sign.isVisible():
            self.sign.setGeometry(cast(QWidget, watched).rect())
        return False


def _answer(drop: QDropEvent) -> None:
    """Accept what is dragged. Never as a move in the end: some programs then take the file away from their side."""
    offered = drop.possibleActions()
    copy, link = Qt.DropAction.CopyAction, Qt.DropAction.LinkAction
    if offered & copy:
        drop.setDropAction(copy)
    elif offered & link:
        drop.setDropAction(link)
    elif drop.type() == QEvent.Type.Drop:
        # Where nothing but moving is offered, nothing is what was done.
        drop.setDropAction(Qt.DropAction.IgnoreAction)
    drop.accept()

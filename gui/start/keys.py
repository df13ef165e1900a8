"""Arrows and Enter on a page of buttons, whatever the window's shortcuts do with these keys elsewhere."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
UP_DOWN = (Qt.Key.Key_Up, Qt.Key.Key_Down)
KEPT = (*ENTER, *UP_DOWN, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Space, Qt.Key.Key_Delete)


class ButtonKeys(QObject):
    """An event filter for the buttons of one page: Enter clicks, up and down go to the nearest button that way.

    Left and right go to the neighbour by Qt itself.
    """

    def __init__(self, page: QWidget) -> None:
        super().__init__(page)
        self._page = page

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and isinstance(watched, QAbstractButton):
            plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
            key = Qt.Key(event.key())
            if event.type() == QEvent.Type.ShortcutOverride and plain and key in KEPT:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress and plain and key in ENTER:
                watched.click()
                return True
            if event.type() == QEvent.Type.KeyPress and plain and key in UP_DOWN:
                return self._go(watched, down=key == Qt.Key.Key_Down)
        return super().eventFilter(watched, event)

    def _go(self, start: QAbstractButton, down: bool) -> bool:
        here = self._middle(start)
        ways = []
        for button in self._page.findChildren(QAbstractButton):
            if button.isVisible() and button.isEnabled() and button.focusPolicy() & Qt.FocusPolicy.TabFocus:
                at = self._middle(button)
                rows = at.y() - here.y() if down else here.y() - at.y()
                if rows > start.height() // 2:
                    ways.append((rows, abs(at.x() - here.x()), button))
        if not ways:
            return False
        # The nearest row first, then the nearest in it.
        nearest = min(rows for rows, _, _ in ways)
        row = [way for way in ways if way[0] <= nearest + start.height() // 2]
        min(row, key=lambda way: way[1])[2].setFocus(Qt.FocusReason.OtherFocusReason)
        return True

    def _middle(self, button: QAbstractButton) -> QPoint:
        return button.mapTo(self._page, button.rect().center())

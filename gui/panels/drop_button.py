"""A button of the tool bar with an arrow: something opens below it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QStyleOptionToolButton, QToolButton


class DropButton(QToolButton):
    """Looks as if it had a menu, and is clicked by the keys that open one.

    What opens is not handed to `setMenu`: Qt would hold the program in a loop of its own until it is closed.
    """

    @property
    def below(self) -> QPoint:
        """Where on the screen the left upper corner of what opens belongs."""
        return self.mapToGlobal(QPoint(0, self.height() + 2))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def initStyleOption(self, option: QStyleOptionToolButton) -> None:
        super().initStyleOption(option)
        option.features |= QStyleOptionToolButton.ToolButtonFeature.HasMenu

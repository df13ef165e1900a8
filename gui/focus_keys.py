"""Keys that a widget with the focus uses itself must not be taken by the window's shortcuts."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QAbstractScrollArea, QWidget

PRESSING = {Qt.Key.Key_Space}
MOVING = {
    Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down,
    Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown,
}  # fmt: skip


class _KeyKeeper(QObject):
    """Answers Qt's question before a shortcut fires: yes, this key is for the widget."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            pressed, held = Qt.Key(event.key()), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
            plain = held == Qt.KeyboardModifier.NoModifier
            moves = pressed in MOVING and not isinstance(watched, QAbstractButton)
            # With Shift a list or a text extends what is selected.
            extends = moves and held == Qt.KeyboardModifier.ShiftModifier and isinstance(watched, QAbstractScrollArea)
            if (plain and (moves or pressed in PRESSING)) or extends:
                event.accept()
                return True
        return super().eventFilter(watched, event)


def keep_keys(*widgets: QWidget) -> None:
    """Let these buttons, sliders, lists and boxes keep space and, but for buttons, the keys that move in them."""
    for widget in widgets:
        widget.installEventFilter(_KeyKeeper(widget))

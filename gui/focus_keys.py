"""Keys that a widget with the focus uses itself must not be taken by the window's shortcuts."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QAbstractScrollArea, QAbstractSlider, QComboBox, QMainWindow, QWidget

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
            # A slider has no use for space, and the player has.
            presses = pressed in PRESSING and not isinstance(watched, QAbstractSlider)
            if (plain and (moves or presses)) or extends:
                event.accept()
                return True
        return super().eventFilter(watched, event)


class _ChoiceByMouse(QObject):
    """Gives the keys back to the middle of the window once something was chosen from a box that a mouse opened."""

    def __init__(self, box: QComboBox) -> None:
        super().__init__(box)
        self._box = box
        self._by_mouse = False
        # A box that was opened by mouse and left as it is does not have the keys either; Tab still gives them to it.
        box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        box.installEventFilter(self)
        box.activated.connect(self._chosen)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.MouseButtonPress:
            self._by_mouse = True
        elif event.type() == QEvent.Type.KeyPress:
            self._by_mouse = False
        return super().eventFilter(watched, event)

    def _chosen(self) -> None:
        if self._by_mouse:
            self._by_mouse = False
            focus_middle(self._box)


def focus_middle(widget: QWidget) -> None:
    """Give the keys to the middle of the widget's window, from where they go to the player."""
    window = widget.window()
    while (parent := window.parentWidget()) is not None:
        # A panel that was taken out of the window belongs to it all the same.
        window = parent.window()
    middle = window.centralWidget() if isinstance(window, QMainWindow) else None
    if middle is not None:
        middle.setFocus()


def keep_keys(*widgets: QWidget) -> None:
    """Let these buttons, sliders, lists and boxes keep space and, but for buttons, the keys that move in them.

    Sliders leave space to the player. A box of choices has the keys only for who comes to it by keyboard.
    """
    for widget in widgets:
        widget.installEventFilter(_KeyKeeper(widget))
        if isinstance(widget, QComboBox):
            _ChoiceByMouse(widget)

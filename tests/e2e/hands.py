"""What a hand does to widgets, sent straight to them: no test depends on the platform's cursor or focus."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QEnterEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from gui.main_window import MainWindow

PATIENCE_MS = 60_000


def wait(qtbot: QtBot, condition: Callable[[], bool]) -> None:
    """Wait until `condition` holds, however slow the machine is."""
    qtbot.waitUntil(condition, timeout=PATIENCE_MS)


def stand_on(qtbot: QtBot, window: MainWindow, index: int) -> None:
    """Pause on frame `index` of a file that has later ones, answered. Nothing is under way then: no network runs."""
    session = window.session

    def answered(place: int) -> bool:
        current = session.current
        return current is not None and current.frame.index == place and current.candidates is not None

    session.set_playing(False)
    # By way of a later one, so that no frame still under way from playing is taken for the one that was sought.
    for place in (index + 1, index):
        session.seek(place)
        wait(qtbot, partial(answered, place))


def _mouse(
    widget: QWidget,
    kind: QEvent.Type,
    at: QPointF,
    button: Qt.MouseButton,
    buttons: Qt.MouseButton,
    modifiers: Qt.KeyboardModifier,
) -> None:
    event = QMouseEvent(kind, at, QPointF(widget.mapToGlobal(at)), button, buttons, modifiers)
    QApplication.sendEvent(widget, event)


def middle(widget: QWidget) -> QPointF:
    return QPointF(widget.width() / 2, widget.height() / 2)


def move(widget: QWidget, at: QPointF, held: Qt.MouseButton = Qt.MouseButton.NoButton) -> None:
    """Move the pointer to a point of the widget, which it enters first."""
    QApplication.sendEvent(widget, QEnterEvent(at, at, QPointF(widget.mapToGlobal(at))))
    nothing = Qt.KeyboardModifier.NoModifier
    _mouse(widget, QEvent.Type.MouseMove, at, Qt.MouseButton.NoButton, held, nothing)


def leave(widget: QWidget) -> None:
    """Take the pointer out of the widget."""
    QApplication.sendEvent(widget, QEvent(QEvent.Type.Leave))


def press(
    widget: QWidget,
    at: QPointF | None = None,
    button: Qt.MouseButton = Qt.MouseButton.LeftButton,
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    """Press a mouse button and keep it down."""
    _mouse(widget, QEvent.Type.MouseButtonPress, at or middle(widget), button, button, modifiers)


def release(
    widget: QWidget,
    at: QPointF | None = None,
    button: Qt.MouseButton = Qt.MouseButton.LeftButton,
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    """Let go of a mouse button."""
    none = Qt.MouseButton.NoButton
    _mouse(widget, QEvent.Type.MouseButtonRelease, at or middle(widget), button, none, modifiers)


def click(
    widget: QWidget,
    at: QPointF | None = None,
    button: Qt.MouseButton = Qt.MouseButton.LeftButton,
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    press(widget, at, button, modifiers)
    release(widget, at, button, modifiers)


def key(
    widget: QWidget,
    which: Qt.Key,
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
    text: str = "",
) -> None:
    """Press and let go of a key in this widget; the window's shortcuts are triggered by their actions instead."""
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        QApplication.sendEvent(widget, QKeyEvent(kind, which, modifiers, text))

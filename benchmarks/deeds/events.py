"""Events sent straight to a widget, as the system would."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

from benchmarks.hand import RandomHand

LEFT = Qt.MouseButton.LeftButton
NO_BUTTON = Qt.MouseButton.NoButton
NO_MODIFIER = Qt.KeyboardModifier.NoModifier


def mouse(widget: QWidget, kind: QEvent.Type, at: QPointF, button: Qt.MouseButton, held: Qt.MouseButton) -> None:
    place = QPointF(widget.mapToGlobal(at))
    QApplication.sendEvent(widget, QMouseEvent(kind, at, place, button, held, NO_MODIFIER))


def press_key(widget: QWidget, key: Qt.Key, text: str = "") -> bool:
    """Press and release a key; whether the widget, or one that it lies in, took it for something."""
    press, release = (
        QKeyEvent(kind, key, NO_MODIFIER, text) for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease)
    )
    taken = QApplication.sendEvent(widget, press) and press.isAccepted()
    QApplication.sendEvent(widget, release)
    return taken


def drag(widget: QWidget, points: list[QPointF]) -> None:
    mouse(widget, QEvent.Type.MouseButtonPress, points[0], LEFT, LEFT)
    for point in points[1:]:
        mouse(widget, QEvent.Type.MouseMove, point, NO_BUTTON, LEFT)
    mouse(widget, QEvent.Type.MouseButtonRelease, points[-1], LEFT, NO_BUTTON)


def drop(widget: QWidget, text: str) -> None:
    data = QMimeData()
    data.setUrls([QUrl(text) if "://" in text else QUrl.fromLocalFile(text)])
    copy = Qt.DropAction.CopyAction
    enter = QDragEnterEvent(QPoint(40, 40), copy, data, LEFT, NO_MODIFIER)
    QApplication.sendEvent(widget, enter)
    QApplication.sendEvent(widget, QDropEvent(QPointF(40, 40), copy, data, LEFT, NO_MODIFIER))


def somewhere(hand: RandomHand, widget: QWidget) -> QPointF:
    return QPointF(hand.random.uniform(0, widget.width()), hand.random.uniform(0, widget.height()))

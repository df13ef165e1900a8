"""What a hand does on the frame."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QNativeGestureEvent, QPointingDevice, QWheelEvent
from PySide6.QtWidgets import QApplication

from benchmarks.deeds.events import LEFT, NO_BUTTON, NO_MODIFIER, drag, mouse, press_key, somewhere
from benchmarks.hand import Planned, RandomHand

KEYS = (
    Qt.Key.Key_Space, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_R, Qt.Key.Key_G,
    Qt.Key.Key_F, Qt.Key.Key_Tab, Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_BracketLeft, Qt.Key.Key_Delete,
    Qt.Key.Key_F9, Qt.Key.Key_PageUp, Qt.Key.Key_Plus, Qt.Key.Key_Control, Qt.Key.Key_unknown,
)  # fmt: skip


def wheel(hand: RandomHand) -> Planned:
    canvas = hand.window.canvas
    at, turn = somewhere(hand, canvas), hand.random.choice((-240, -120, 120, 120, 240))
    modifiers = hand.random.choice((NO_MODIFIER, NO_MODIFIER, Qt.KeyboardModifier.ShiftModifier))
    event = QWheelEvent(
        at, QPointF(canvas.mapToGlobal(at)), QPoint(), QPoint(0, turn), NO_BUTTON, modifiers,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    return f"by {turn}", partial(QApplication.sendEvent, canvas, event)


def drag_canvas(hand: RandomHand) -> Planned:
    canvas = hand.window.canvas
    return "", partial(drag, canvas, [somewhere(hand, canvas) for _ in range(4)])


def hover_canvas(hand: RandomHand) -> Planned:
    canvas = hand.window.canvas
    if hand.random.random() < 0.1:
        return "leave", lambda: QApplication.sendEvent(canvas, QEvent(QEvent.Type.Leave))
    return "", partial(mouse, canvas, QEvent.Type.MouseMove, somewhere(hand, canvas), NO_BUTTON, NO_BUTTON)


def click_canvas(hand: RandomHand) -> Planned:
    canvas = hand.window.canvas
    at = somewhere(hand, canvas)
    if hand.random.random() < 0.2:
        return "double", partial(mouse, canvas, QEvent.Type.MouseButtonDblClick, at, LEFT, LEFT)
    return "", partial(drag, canvas, [at, at])


def pinch(hand: RandomHand) -> Planned:
    canvas = hand.window.canvas
    kinds = Qt.NativeGestureType
    kind = hand.random.choice((kinds.ZoomNativeGesture, kinds.ZoomNativeGesture, kinds.SmartZoomNativeGesture))
    at = somewhere(hand, canvas)
    device = QPointingDevice.primaryPointingDevice()
    event = QNativeGestureEvent(kind, device, 2, at, at, canvas.mapToGlobal(at), hand.random.uniform(-0.5, 0.5), at)
    return kind.name, partial(QApplication.sendEvent, canvas, event)


def key_on_canvas(hand: RandomHand) -> Planned:
    key = hand.random.choice(KEYS)
    return key.name, partial(press_key, hand.window.canvas, key)


def canvas_menu(hand: RandomHand) -> Planned:
    canvas = hand.window.canvas
    at = somewhere(hand, canvas).toPoint()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, canvas.mapToGlobal(at))
    return "", partial(QApplication.sendEvent, canvas, event)

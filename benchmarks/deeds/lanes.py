"""What a hand does on the timeline of classes."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from benchmarks.deeds.events import NO_BUTTON, NO_MODIFIER, drag, press_key, somewhere
from benchmarks.hand import Planned, RandomHand

KEYS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Plus, Qt.Key.Key_Minus, Qt.Key.Key_0)


def on_lanes(hand: RandomHand) -> Planned:
    """Click, drag, turn the wheel or press a key there."""
    panel = hand.window.analysis_desk.timeline
    if panel is None or not panel.view.isVisible():
        return None
    view = panel.view.viewport()
    match hand.random.randrange(4):
        case 0:
            return "drag", partial(drag, view, [somewhere(hand, view) for _ in range(4)])
        case 1:
            at, turn = somewhere(hand, view), hand.random.choice((-240, -120, 120, 240))
            modifiers = hand.random.choice((NO_MODIFIER, Qt.KeyboardModifier.ShiftModifier))
            event = QWheelEvent(
                at, QPointF(view.mapToGlobal(at)), QPoint(), QPoint(0, turn), NO_BUTTON, modifiers,
                Qt.ScrollPhase.NoScrollPhase, False,
            )  # fmt: skip
            return f"wheel by {turn}", partial(QApplication.sendEvent, view, event)
        case 2:
            key = hand.random.choice(KEYS)
            return key.name, partial(press_key, panel.view, key)
        case _:
            at = somewhere(hand, view)
            return "click", partial(drag, view, [at, at])

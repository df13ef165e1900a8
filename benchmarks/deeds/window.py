"""The window itself: its size, docks, tabs, look and keys."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QTabBar

from benchmarks.deeds.controls import NEVER
from benchmarks.deeds.events import press_key
from benchmarks.hand import Planned, RandomHand
from gui.panels.keys import KeysPanel
from gui.theme import current_theme

NEW_KEYS = (Qt.Key.Key_F7, Qt.Key.Key_Q, Qt.Key.Key_R, Qt.Key.Key_Escape, Qt.Key.Key_Backspace, Qt.Key.Key_Return)


def resize(hand: RandomHand) -> Planned:
    width, height = hand.random.randint(560, 1400), hand.random.randint(420, 900)
    return f"{width}x{height}", partial(hand.window.resize, width, height)


def change_dock(hand: RandomHand) -> Planned:
    docks: list[QDockWidget] = [it for it in hand.window.findChildren(QDockWidget) if it.isVisible()]
    if not docks:
        return None
    dock = hand.random.choice(docks)
    if hand.random.random() < 0.3:
        return f"close {dock.objectName()}", dock.close
    floats = not dock.isFloating() and hand.random.random() < 0.5
    return f"float {dock.objectName()} {floats}", partial(dock.setFloating, floats)


def change_tab(hand: RandomHand) -> Planned:
    bars: list[QTabBar] = [it for it in hand.visible(QTabBar) if it.count() > 1]
    if not bars:
        return None
    bar = hand.random.choice(bars)
    return "", partial(bar.setCurrentIndex, hand.random.randrange(bar.count()))


def change_theme(hand: RandomHand) -> Planned:
    theme, appearance = current_theme(), hand.random.choice(("light", "dark", "system"))
    return (appearance, partial(theme.choose, appearance)) if theme is not None else None


def rebind(hand: RandomHand) -> Planned:
    panel = hand.window.docks["keys"].panel
    if not isinstance(panel, KeysPanel) or not panel.isVisible():
        return None
    if hand.random.random() < 0.3:
        return "as at first", hand.window.keymap.reset_all
    # Keys that are sent to the canvas are the window's shortcuts as well.
    names = [name for name in hand.window.commands if name not in NEVER]
    name, key = hand.random.choice(names), hand.random.choice(NEW_KEYS)

    def act() -> None:
        panel.wait_for_key(name)
        press_key(panel.tree, key)

    return f"{name} {key.name}", act

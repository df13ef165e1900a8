"""The menu bar, made from the table of actions: nothing is reached by its key alone."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow, QMenu

from gui.actions import ACTIONS, GROUPS
from gui.translation import tr

PARTED_BEFORE = frozenset(
    (
        "home",
        "to_start",
        "mark_in",
        "slower",
        "pan_left",
        "raw_boxes",
        "compare",
        "next_box",
        "layer_up",
        "channel_left",
        "next_order",
        "next_event",
        "stored",
        "draw_line",
        "record",
        "undo",
        "score_up",
    )
) | {"preset_1", "performance", "quit", "about"}
"""Actions that a line stands above."""


def build_menu_bar(window: QMainWindow, actions: Mapping[str, QAction]) -> dict[str, QMenu]:
    """A menu per group with every action of it, in the table's order; the menus by group."""
    bar = window.menuBar()
    menus: dict[str, QMenu] = {}
    for group in GROUPS:
        rows = [actions[spec.name] for spec in ACTIONS if spec.group == group and spec.name in actions]
        if rows:
            menu = bar.addMenu(tr(group))
            menu.setObjectName(f"{group.lower()}_menu")
            menu.setToolTipsVisible(True)
            for action in rows:
                if action.objectName() in PARTED_BEFORE and not menu.isEmpty():
                    menu.addSeparator()
                menu.addAction(action)
            menus[group] = menu
    return menus

from __future__ import annotations

from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from gui.actions import ACTIONS, GROUPS, build_actions
from gui.menus import PARTED_BEFORE, build_menu_bar


def test_every_action_is_in_the_menu_of_its_group_in_order(qtbot: QtBot) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    menus = build_menu_bar(window, build_actions(window))
    assert list(menus) == [group for group in GROUPS if any(spec.group == group for spec in ACTIONS)]
    for group, menu in menus.items():
        in_menu = [action.objectName() for action in menu.actions() if not action.isSeparator()]
        assert in_menu == [spec.name for spec in ACTIONS if spec.group == group]
        assert menu.title() == group
    assert [action.menu() for action in window.menuBar().actions()] == list(menus.values())


def test_long_menus_are_parted(qtbot: QtBot) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    actions = build_actions(window)
    assert set(actions) >= PARTED_BEFORE
    for menu in build_menu_bar(window, actions).values():
        rows = "".join("-" if action.isSeparator() else "x" for action in menu.actions())
        assert rows == rows.strip("-")
        assert 0 < max(map(len, rows.split("-"))) <= 8
        assert min(map(len, rows.split("-"))) > 0


def test_actions_that_a_window_does_not_have_are_left_out(qtbot: QtBot) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    actions = build_actions(window)
    menus = build_menu_bar(window, {"quit": actions["quit"]})
    assert list(menus) == ["Application"]

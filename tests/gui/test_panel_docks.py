from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QMainWindow, QTabWidget, QWidget
from pytestqt.qtbot import QtBot

from gui.panel_docks import BOTTOM, DockSpec, PanelDock, add_docks


class Desk(QMainWindow):
    """A window with three panels, which counts how often each was made."""

    def __init__(self) -> None:
        super().__init__()
        self.made: list[str] = []
        self.actions_by_name = {}
        for name in ("one", "two", "three"):
            action = QAction(name.title(), self)
            action.setCheckable(True)
            self.actions_by_name[name] = action
        specs = (
            DockSpec("one", lambda: self.make("one"), shown=True),
            DockSpec("two", lambda: self.make("two"), title="Second"),
            DockSpec("three", lambda: self.make("three"), BOTTOM),
        )
        self.docks: dict[str, PanelDock] = add_docks(self, specs, self.actions_by_name)
        self.setCentralWidget(QWidget())

    def make(self, name: str) -> QWidget:
        self.made.append(name)
        return QLabel(name)


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    desk = Desk()
    qtbot.addWidget(desk)
    desk.show()
    qtbot.waitExposed(desk)
    return desk


def test_a_panel_is_made_when_it_is_first_seen_and_once(desk: Desk, qtbot: QtBot) -> None:
    assert desk.made == ["one"]
    for _ in range(2):
        desk.actions_by_name["three"].setChecked(True)
        assert desk.docks["three"].isVisible()
        desk.actions_by_name["three"].setChecked(False)
        assert desk.docks["three"].isHidden()
    assert desk.made == ["one", "three"]


def test_the_action_follows_a_dock_that_is_closed_by_hand(desk: Desk) -> None:
    assert desk.actions_by_name["one"].isChecked()
    desk.docks["one"].close()
    assert not desk.actions_by_name["one"].isChecked()


def test_a_panel_asked_for_lies_on_top_of_its_tabs(desk: Desk, qtbot: QtBot) -> None:
    desk.actions_by_name["two"].setChecked(True)
    qtbot.waitUntil(lambda: desk.made == ["one", "two"], timeout=20_000)
    assert desk.docks["two"] in desk.tabifiedDockWidgets(desk.docks["one"])
    # Behind another tab it still counts as open.
    assert desk.actions_by_name["one"].isChecked()
    assert desk.actions_by_name["two"].isChecked()


def test_a_panel_behind_a_tab_is_brought_forward_before_it_is_closed(desk: Desk, qtbot: QtBot) -> None:
    one, two = desk.docks["one"], desk.docks["two"]
    desk.actions_by_name["two"].trigger()
    qtbot.waitUntil(lambda: not two.visibleRegion().isEmpty(), timeout=20_000)
    desk.actions_by_name["one"].trigger()
    qtbot.waitUntil(lambda: not one.visibleRegion().isEmpty(), timeout=20_000)
    assert desk.actions_by_name["one"].isChecked()
    assert not one.isHidden()
    desk.actions_by_name["one"].trigger()
    assert one.isHidden()
    assert not desk.actions_by_name["one"].isChecked()


def test_a_closed_panel_gives_the_focus_to_the_middle(desk: Desk, qtbot: QtBot) -> None:
    field = QLineEdit(desk.docks["one"].panel)
    field.show()
    field.setFocus()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is field, timeout=20_000)
    desk.docks["one"].close()
    assert QApplication.focusWidget() is desk.centralWidget()


def test_a_panel_that_goes_behind_a_tab_gives_the_focus_to_the_middle(desk: Desk, qtbot: QtBot) -> None:
    desk.actions_by_name["two"].trigger()
    qtbot.waitUntil(lambda: not desk.docks["two"].visibleRegion().isEmpty(), timeout=20_000)
    field = QLineEdit(desk.docks["two"].panel)
    field.show()
    field.setFocus()
    qtbot.waitUntil(lambda: desk.focusWidget() is field, timeout=20_000)
    desk.actions_by_name["one"].trigger()
    qtbot.waitUntil(lambda: desk.focusWidget() is desk.centralWidget(), timeout=20_000)


def test_tabs_beside_the_frame_stand_upright(desk: Desk) -> None:
    assert desk.tabPosition(Qt.DockWidgetArea.RightDockWidgetArea) == QTabWidget.TabPosition.East


def test_a_panel_may_be_called_otherwise_than_its_action(desk: Desk) -> None:
    assert [dock.windowTitle() for dock in desk.docks.values()] == ["One", "Second", "Three"]


def test_docks_are_named_so_that_their_layout_is_remembered(desk: Desk) -> None:
    names = [dock.objectName() for dock in desk.docks.values()]
    assert names == ["one_dock", "two_dock", "three_dock"]


def test_the_buttons_of_a_dock_say_what_they_do(desk: Desk) -> None:
    tips = {button.toolTip() for button in desk.docks["one"].findChildren(QAbstractButton)}
    assert any("Close" in tip for tip in tips)
    assert any("out of the window" in tip for tip in tips)


def test_panels_below_leave_those_beside_the_frame_their_height(desk: Desk) -> None:
    assert desk.corner(Qt.Corner.BottomRightCorner) == Qt.DockWidgetArea.RightDockWidgetArea

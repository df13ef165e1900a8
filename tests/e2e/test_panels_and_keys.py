"""Panels that are where one left them, and keys that go to the player unless somebody works by keyboard."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QApplication, QComboBox, QTabBar
from pytestqt.qtbot import QtBot

from gui.main_window import MainWindow
from gui.panels.keys import KeysPanel
from gui.panels.view import ViewPanel
from gui.settings import SettingsStore
from gui.theme import apply_theme
from tests.e2e.hands import click, key, wait

BESIDE = ("panel", "display", "captures", "keys", "preferences", "about")


def display(window: MainWindow, qtbot: QtBot) -> ViewPanel:
    window.show_panel("display")
    panel = window.docks["display"].panel
    assert isinstance(panel, ViewPanel)
    wait(qtbot, panel.isVisible)
    return panel


def choose_by_mouse(box: QComboBox, row: int, qtbot: QtBot) -> None:
    click(box)
    wait(qtbot, box.view().isVisible)
    box.view().setCurrentIndex(box.model().index(row, 0))
    key(box.view(), Qt.Key.Key_Return)
    wait(qtbot, lambda: not box.view().isVisible())


def test_after_a_choice_by_mouse_space_plays(running: MainWindow, qtbot: QtBot) -> None:
    running.session.set_playing(False)
    panel = display(running, qtbot)
    panel.box_style.setFocus()
    choose_by_mouse(panel.box_style, 1, qtbot)
    assert running.view_options.view.box_style == "corners"
    qtbot.keyClick(running.focusWidget(), Qt.Key.Key_Space)
    assert running.session.playback.playing
    assert not panel.box_style.view().isVisible()


def test_keys_do_not_go_to_a_panel_behind_another_ones_tab(running: MainWindow, qtbot: QtBot) -> None:
    running.session.set_playing(False)
    panel = display(running, qtbot)
    panel.box_style.setFocus(Qt.FocusReason.TabFocusReason)
    assert running.focusWidget() is panel.box_style
    running.show_panel("captures")
    wait(qtbot, lambda: running.focusWidget() is running.centralWidget())
    qtbot.keyClick(running.focusWidget(), Qt.Key.Key_Space)
    assert running.session.playback.playing


@pytest.mark.parametrize("behind", [False, True])
def test_what_is_typed_after_opening_the_sheet_of_keys_is_searched(
    running: MainWindow, qtbot: QtBot, behind: bool
) -> None:
    running.session.set_playing(False)
    dock = running.docks["keys"]
    if behind:
        running.show_panel("keys")
        running.show_panel("display")
        wait(qtbot, lambda: dock.visibleRegion().isEmpty())
    running.commands["keys"].trigger()
    sheet = dock.panel
    assert isinstance(sheet, KeysPanel)
    wait(qtbot, lambda: not sheet.visibleRegion().isEmpty())
    assert running.focusWidget() is sheet.search
    qtbot.keyClicks(sheet.search, "dark")
    assert sheet.search.text() == "dark"
    assert not running.session.playback.playing
    assert not running.view_options.view.raw_boxes
    qtbot.keyClick(sheet.search, Qt.Key.Key_Escape)
    assert running.focusWidget() is running.centralWidget()


def test_every_tab_is_whole_with_all_panels_open(window: MainWindow, qtbot: QtBot, qapp: QApplication) -> None:
    apply_theme(qapp)
    window.resize(1180, 760)
    for name in BESIDE:
        window.show_panel(name)
    titles = {window.docks[name].windowTitle() for name in BESIDE}

    def bar() -> QTabBar | None:
        bars = (it for it in window.findChildren(QTabBar) if it.isVisible() and it.count() == len(BESIDE))
        return next((it for it in bars if {it.tabText(tab) for tab in range(it.count())} == titles), None)

    def whole() -> bool:
        tabs = bar()
        if tabs is None:
            return False
        inside = QRect(QPoint(0, 0), tabs.size())
        return all(inside.contains(tabs.tabRect(tab)) for tab in range(tabs.count()))

    wait(qtbot, whole)
    tabs = bar()
    assert tabs is not None
    assert window.rect().contains(tabs.geometry())
    click(
        tabs, tabs.tabRect([tabs.tabText(tab) for tab in range(tabs.count())].index("Detections")).center().toPointF()
    )
    wait(qtbot, lambda: not window.docks["panel"].visibleRegion().isEmpty())


def test_the_next_start_opens_no_panel_that_was_closed(qtbot: QtBot, settings: SettingsStore) -> None:
    def start() -> MainWindow:
        window = MainWindow(settings)
        window.show()
        qtbot.waitExposed(window)
        return window

    def end(window: MainWindow) -> None:
        window.close()
        window.deleteLater()

    first = start()
    for name in BESIDE:
        first.show_panel(name)
    for name in ("captures", "preferences", "about"):
        first.docks[name].close()
    end(first)
    second = start()
    try:
        opened = {name for name, dock in second.docks.items() if not dock.isHidden()}
        assert opened == {"panel", "display", "keys"}
        wait(qtbot, lambda: not second.docks["panel"].visibleRegion().isEmpty())
        assert {name for name in second.docks if second.commands[name].isChecked()} == opened
        for name in second.docks:
            second.docks[name].close()
    finally:
        end(second)
    third = start()
    try:
        assert all(dock.isHidden() for dock in third.docks.values())
        third.commands["panel"].trigger()
        assert not third.docks["panel"].isHidden()
    finally:
        end(third)


def test_a_busy_machine_is_told_where_the_times_stand(window: MainWindow, qtbot: QtBot) -> None:
    history, figure = window.history, window.status_line.labels["net"]
    cores = history.others.cores
    history._whole = lambda: 1e6
    wait(qtbot, lambda: f"of {cores} cores" in figure.toolTip())
    assert "in the network" in figure.toolTip()
    history._whole = lambda: 0.0
    wait(qtbot, lambda: "cores" not in figure.toolTip())


def test_help_is_the_last_menu_and_leads_to_keys_report_and_about(window: MainWindow) -> None:
    assert list(window.menus)[-1] == "Help"
    for name in ("keys", "report", "about"):
        action = window.commands[name]
        assert action in window.menus["Help"].actions()
        action.trigger()
        assert window.docks[name].isVisible()


def test_the_source_menu_offers_what_was_opened_before(window: MainWindow, make_video, qtbot: QtBot) -> None:
    rows = window.menus["Source"].actions()
    (recent,) = [row.menu() for row in rows if row.menu() is not None]
    assert not recent.isEnabled()
    for name in ("one.mp4", "two.mp4"):
        window.session.open(str(make_video(name)))
        wait(qtbot, lambda name=name: [item.title for item in window.recent.items][:1] == [name])
    recent.popup(QPoint(0, 0))
    one = recent.actions()[1]
    assert one.text() == "one.mp4"
    one.trigger()
    recent.close()
    wait(qtbot, lambda: window.session.playback.info is not None and window.session.playback.info.title == "one.mp4")

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow
from pytestqt.qtbot import QtBot

from gui.settings import GEOMETRY_KEY, LAYOUT_KEY, MemoryStore, SettingsStore
from gui.window_place import LAYOUT_VERSION, restore_place, save_place, seen

FIRST = QRect(0, 0, 1920, 1040)
SECOND = QRect(1920, 0, 1280, 1024)
SMALL = QRect(0, 0, 800, 600)


@pytest.fixture
def window(qtbot: QtBot) -> QMainWindow:
    return make(qtbot)


def make(qtbot: QtBot) -> QMainWindow:
    window = QMainWindow()
    qtbot.addWidget(window)
    for name in ("one", "two"):
        dock = QDockWidget(name)
        dock.setObjectName(name)
        window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
    return window


def docks(window: QMainWindow) -> dict[str, bool]:
    return {dock.objectName(): dock.isHidden() for dock in window.findChildren(QDockWidget)}


def test_a_window_stays_where_it_can_be_seen() -> None:
    assert seen(QRect(100, 100, 1180, 760), [FIRST], FIRST) == QRect(100, 100, 1180, 760)
    assert seen(QRect(2000, 50, 1180, 760), [FIRST, SECOND], FIRST) == QRect(2000, 50, 1180, 760)
    across = QRect(1500, 50, 1180, 760)
    assert seen(across, [FIRST, SECOND], FIRST) == across


@pytest.mark.parametrize(
    "wanted",
    [QRect(2000, 50, 1180, 760), QRect(-3000, 0, 600, 400), QRect(0, 5000, 600, 400), QRect(5, -900, 600, 400)],
)
def test_a_window_of_a_screen_that_is_gone_comes_whole_to_the_first(wanted: QRect) -> None:
    place = seen(wanted, [FIRST], FIRST)
    assert FIRST.contains(place)
    assert place.size() == wanted.size()


def test_a_window_too_large_for_the_screen_shrinks_to_it() -> None:
    assert seen(QRect(50, 50, 1180, 760), [SMALL], SMALL) == SMALL
    assert seen(QRect(2000, 0, 1180, 500), [SMALL], SMALL) == QRect(0, 50, 800, 500)


def test_a_window_hanging_over_the_edge_is_moved_in() -> None:
    assert seen(QRect(700, 300, 400, 400), [SMALL], SMALL) == QRect(400, 200, 400, 400)


def test_place_and_panels_come_back(window: QMainWindow, qtbot: QtBot) -> None:
    settings = SettingsStore(MemoryStore())
    window.setGeometry(60, 70, 500, 400)
    window.findChild(QDockWidget, "two").hide()
    save_place(window, settings)
    other = make(qtbot)
    restore_place(other, settings)
    assert other.size() == window.size()
    assert docks(other) == {"one": False, "two": True}


def test_a_layout_of_another_version_is_left_alone(window: QMainWindow, qtbot: QtBot) -> None:
    settings = SettingsStore(MemoryStore())
    window.findChild(QDockWidget, "two").hide()
    settings.put_blob(LAYOUT_KEY, window.saveState(LAYOUT_VERSION - 1))
    other = make(qtbot)
    restore_place(other, settings)
    assert docks(other) == {"one": False, "two": False}


def test_rubbish_for_a_place_is_left_alone(window: QMainWindow) -> None:
    settings = SettingsStore(MemoryStore())
    for key in (GEOMETRY_KEY, LAYOUT_KEY):
        settings.store.setValue(key, "rubbish")
    restore_place(window, settings)
    assert docks(window) == {"one": False, "two": False}


def test_a_remembered_place_on_no_screen_is_put_right(window: QMainWindow, qtbot: QtBot) -> None:
    settings = SettingsStore(MemoryStore())
    window.setGeometry(90_000, 90_000, 300, 200)
    save_place(window, settings)
    other = make(qtbot)
    restore_place(other, settings)
    assert other.screen().availableGeometry().contains(other.geometry())

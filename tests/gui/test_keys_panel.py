from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from gui.actions import ACTIONS, build_actions
from gui.keymap import Keymap
from gui.panels.keys import ACTION_COLUMN, KEY_COLUMN, KeysPanel
from gui.settings import MemoryStore, SettingsStore


@pytest.fixture
def panel(qtbot: QtBot) -> Iterator[KeysPanel]:
    holder = QWidget()
    keymap = Keymap(build_actions(holder), SettingsStore(MemoryStore()), holder)
    panel = KeysPanel(keymap, holder)
    qtbot.addWidget(holder)
    holder.resize(320, 400)
    panel.resize(320, 400)
    holder.show()
    yield panel
    holder.close()


def press(panel: KeysPanel, key: Qt.Key, text: str = "", modifiers=Qt.KeyboardModifier.NoModifier) -> None:
    """As Qt does it: first the question, then the key."""
    question = QKeyEvent(QEvent.Type.ShortcutOverride, key, modifiers, text)
    question.ignore()
    QApplication.sendEvent(panel.tree, question)
    assert question.isAccepted(), "a shortcut of the window would take this key"
    QApplication.sendEvent(panel.tree, QKeyEvent(QEvent.Type.KeyPress, key, modifiers, text))


def keys_shown(panel: KeysPanel, name: str) -> str:
    return panel._items[name].text(KEY_COLUMN)


def visible(panel: KeysPanel) -> set[str]:
    return {name for name, item in panel._items.items() if not item.isHidden()}


def test_every_action_stands_in_the_sheet_with_its_keys(panel: KeysPanel) -> None:
    assert visible(panel) == {spec.name for spec in ACTIONS}
    assert keys_shown(panel, "play") == "Space or K"
    told = panel._items["play"].data(ACTION_COLUMN, Qt.ItemDataRole.AccessibleTextRole)
    assert told == "Play, Space or K"


@pytest.mark.parametrize(
    ("words", "name"),
    [("loop", "loop"), ("start again", "loop"), ("PLAYBACK end again", "loop"), ("ctrl+q", "quit")],
)
def test_actions_are_found_by_name_tip_group_or_key(panel: KeysPanel, words: str, name: str) -> None:
    panel.search.setText(words)
    assert name in visible(panel)
    assert "zoom_in" not in visible(panel)
    assert panel._heads["View"].isHidden()
    panel.search.clear()
    assert visible(panel) == {spec.name for spec in ACTIONS}


def test_a_click_on_the_key_and_the_new_key_change_it(panel: KeysPanel) -> None:
    panel.tree.itemClicked.emit(panel._items["snapshot"], KEY_COLUMN)
    assert keys_shown(panel, "snapshot") == "Press a key..."
    press(panel, Qt.Key.Key_F9)
    assert keys_shown(panel, "snapshot") == "F9"
    assert panel.keymap.actions["snapshot"].shortcut().toString() == "F9"


def test_a_click_on_the_name_changes_nothing(panel: KeysPanel) -> None:
    panel.tree.itemClicked.emit(panel._items["snapshot"], ACTION_COLUMN)
    assert keys_shown(panel, "snapshot") == "Ctrl+S"


def test_enter_waits_and_escape_keeps_the_old_key(panel: KeysPanel) -> None:
    panel.tree.itemActivated.emit(panel._items["loop"], ACTION_COLUMN)
    press(panel, Qt.Key.Key_Escape)
    assert keys_shown(panel, "loop") == "L"
    assert not panel.undo_button.isEnabled()


def test_backspace_leaves_the_action_without_a_key_and_undo_gives_it_back(panel: KeysPanel) -> None:
    panel.wait_for_key("loop")
    press(panel, Qt.Key.Key_Backspace)
    assert keys_shown(panel, "loop") == ""
    panel.undo_button.click()
    assert keys_shown(panel, "loop") == "L"


def test_a_key_in_use_is_told(panel: KeysPanel) -> None:
    panel.wait_for_key("loop")
    press(panel, Qt.Key.Key_Space, " ")
    assert "was used by Play" in panel.hint.text()
    assert keys_shown(panel, "play") == "K"


def test_a_key_that_cannot_be_one_is_refused_in_words(panel: KeysPanel) -> None:
    panel.wait_for_key("loop")
    press(panel, Qt.Key.Key_Return, "\r")
    assert "cannot be the key" in panel.hint.text()
    assert keys_shown(panel, "loop") == "L"


def test_shift_alone_goes_on_waiting(panel: KeysPanel) -> None:
    panel.wait_for_key("loop")
    press(panel, Qt.Key.Key_Shift, "", Qt.KeyboardModifier.ShiftModifier)
    press(panel, Qt.Key.Key_P, "P", Qt.KeyboardModifier.ShiftModifier)
    assert keys_shown(panel, "loop") == "Shift+P"


def test_another_row_or_leaving_ends_the_waiting(panel: KeysPanel) -> None:
    panel.wait_for_key("loop")
    panel.tree.setCurrentItem(panel._items["play"])
    assert keys_shown(panel, "loop") == "L"
    panel.wait_for_key("loop")
    QApplication.sendEvent(panel.tree, QEvent(QEvent.Type.FocusOut))
    assert keys_shown(panel, "loop") == "L"


def test_reset_of_one_and_of_all(panel: KeysPanel) -> None:
    panel.keymap.rebind("loop", ("F7",))
    panel.keymap.rebind("stop", ("F8",))
    panel.tree.setCurrentItem(panel._items["loop"])
    panel.reset_button.click()
    assert (keys_shown(panel, "loop"), keys_shown(panel, "stop")) == ("L", "F8")
    panel.reset_all_button.click()
    assert keys_shown(panel, "stop") == "Ctrl+W"
    assert not panel.reset_all_button.isEnabled()


def test_a_search_that_finds_nothing_says_so_and_where_else_to_look(panel: KeysPanel) -> None:
    before = panel.hint.text()
    panel.search.setText("dark")
    assert "preferences" in panel.hint.text()
    panel.search.setText("zoom")
    assert panel.hint.text() == before

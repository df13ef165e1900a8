from __future__ import annotations

import json

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from pytestqt.qtbot import QtBot

from gui.actions import ACTIONS, build_actions
from gui.keymap import Keymap, key_of, read_keys
from gui.settings import KEYS, MemoryStore, SettingsStore

NONE, SHIFT, CTRL = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)


@pytest.fixture
def settings() -> SettingsStore:
    return SettingsStore(MemoryStore())


@pytest.fixture
def parent(qtbot: QtBot) -> QObject:
    return QObject()


def keymap(parent: QObject, settings: SettingsStore) -> Keymap:
    return Keymap(build_actions(parent), settings, parent)


def shortcuts(keymap: Keymap, name: str) -> list[str]:
    return [key.toString() for key in keymap.actions[name].shortcuts()]


def all_keys(keymap: Keymap) -> list[str]:
    return [key for name in keymap.specs for key in keymap.keys(name)]


def test_without_changes_every_key_is_that_of_the_table(parent: QObject, settings: SettingsStore) -> None:
    keys = keymap(parent, settings)
    for spec in ACTIONS:
        assert shortcuts(keys, spec.name) == [QKeySequence(key).toString() for key in spec.keys]
        assert not keys.is_changed(spec.name)


def test_a_new_key_acts_is_told_and_is_there_at_the_next_start(parent: QObject, settings: SettingsStore) -> None:
    keys = keymap(parent, settings)
    change = keys.rebind("snapshot", ("Ctrl+F9",))
    assert "Snapshot" in change.sentence
    assert shortcuts(keys, "snapshot") == ["Ctrl+F9"]
    assert "Ctrl+F9" in keys.actions["snapshot"].toolTip()
    assert shortcuts(keymap(parent, settings), "snapshot") == ["Ctrl+F9"]


def test_a_key_in_use_is_taken_told_and_given_back_by_undo(parent: QObject, settings: SettingsStore) -> None:
    keys = keymap(parent, settings)
    change = keys.rebind("snapshot", ("Space",))
    assert "Space was used by Play" in change.sentence
    assert shortcuts(keys, "play") == ["K"]
    assert len(all_keys(keys)) == len(set(all_keys(keys)))
    keys.undo(change)
    assert shortcuts(keys, "play") == ["Space", "K"]
    assert shortcuts(keys, "snapshot") == ["Ctrl+S"]
    assert json.loads(settings.get(KEYS)) == {}


def test_a_key_taken_twice_belongs_to_the_last(parent: QObject, settings: SettingsStore) -> None:
    keys = keymap(parent, settings)
    keys.rebind("snapshot", ("Ctrl+F9",))
    keys.rebind("play", ("Ctrl+F9",))
    assert keys.owner("Ctrl+F9") == "play"
    assert keys.keys("snapshot") == ()
    # What was taken from the play action's own keys by nobody is free.
    assert keys.owner("Space") is None


def test_resetting_one_takes_its_keys_back(parent: QObject, settings: SettingsStore) -> None:
    keys = keymap(parent, settings)
    keys.rebind("snapshot", ("Space",))
    keys.rebind("play", ("F7",))
    change = keys.reset("play")
    assert keys.keys("play") == ("Space", "K")
    assert keys.keys("snapshot") == ()
    assert "Space was used by Snapshot" in change.sentence


def test_resetting_all_leaves_nothing_changed(parent: QObject, settings: SettingsStore) -> None:
    keys = keymap(parent, settings)
    keys.rebind("snapshot", ("Space",))
    keys.rebind("loop", ())
    keys.reset_all()
    assert not any(keys.is_changed(name) for name in keys.specs)
    assert settings.get(KEYS) == "{}"


def test_an_action_may_have_no_key(parent: QObject, settings: SettingsStore) -> None:
    keys = keymap(parent, settings)
    keys.rebind("loop", ())
    assert shortcuts(keymap(parent, settings), "loop") == []


@pytest.mark.parametrize("key", ["Tab", "Return", "Esc", "Backspace", "", "foo", "Ctrl+K, Ctrl+B"])
def test_what_cannot_be_a_key_is_refused(parent: QObject, settings: SettingsStore, key: str) -> None:
    keys = keymap(parent, settings)
    with pytest.raises(ValueError, match="cannot be the key"):
        keys.rebind("snapshot", (key,))
    assert keys.keys("snapshot") == ("Ctrl+S",)


@pytest.mark.parametrize(
    "text",
    ["", "rubbish", "[1, 2]", "17", "null", '{"play": 3}', '{"play": [3, null]}', '{"play": ["foo"]}', "[" * 9000],
)
def test_rubbish_in_the_settings_changes_nothing(parent: QObject, settings: SettingsStore, text: str) -> None:
    settings.put(KEYS, text)
    keys = keymap(parent, settings)
    assert not any(keys.is_changed(name) for name in keys.specs)


def test_one_key_written_for_two_actions_goes_to_the_first(parent: QObject, settings: SettingsStore) -> None:
    settings.put(KEYS, '{"loop": ["F7"], "stop": ["F7", "F8"]}')
    keys = keymap(parent, settings)
    assert (keys.keys("loop"), keys.keys("stop")) == (("F7",), ("F8",))


def test_keys_of_another_version_are_kept(parent: QObject, settings: SettingsStore) -> None:
    settings.put(KEYS, '{"inspect": ["F12"]}')
    keymap(parent, settings).rebind("loop", ("F7",))
    assert json.loads(settings.get(KEYS)) == {"inspect": ["F12"], "loop": ["F7"]}


def test_keys_are_read_in_qts_notation() -> None:
    assert read_keys('{"a": ["ctrl+k", "Ctrl+K", "x"], "b": []}') == {"a": ("Ctrl+K", "X"), "b": ()}


@pytest.mark.parametrize(
    ("key", "modifiers", "text", "expected"),
    [
        (Qt.Key.Key_K, CTRL, "", "Ctrl+K"),
        (Qt.Key.Key_K, SHIFT, "K", "Shift+K"),
        (Qt.Key.Key_Question, SHIFT, "?", "?"),
        (Qt.Key.Key_Left, SHIFT, "", "Shift+Left"),
        (Qt.Key.Key_Space, NONE, " ", "Space"),
        (Qt.Key.Key_5, Qt.KeyboardModifier.KeypadModifier, "5", "5"),
        (Qt.Key.Key_Shift, SHIFT, "", ""),
        (Qt.Key.Key_Control, CTRL, "", ""),
    ],
)
def test_a_pressed_key_has_a_name(
    key: Qt.Key, modifiers: Qt.KeyboardModifier, text: str, expected: str, qtbot: QtBot
) -> None:
    assert key_of(QKeyEvent(QEvent.Type.KeyPress, key, modifiers, text)) == expected

from __future__ import annotations

from collections import Counter

from PySide6.QtCore import QObject
from PySide6.QtGui import QKeySequence
from pytestqt.qtbot import QtBot

from gui.actions import ACTIONS, GROUPS, build_actions


def test_names_and_keys_are_used_once_and_every_key_is_one(qtbot: QtBot) -> None:
    keys = [QKeySequence(key).toString() for spec in ACTIONS for key in spec.keys]
    assert all(keys)
    assert max(Counter(keys).values()) == 1
    assert max(Counter(spec.name for spec in ACTIONS).values()) == 1


def test_actions_come_from_the_table(qtbot: QtBot) -> None:
    parent = QObject()
    actions = build_actions(parent)
    assert list(actions) == [spec.name for spec in ACTIONS]
    for spec in ACTIONS:
        assert len(actions[spec.name].shortcuts()) == len(spec.keys)
        assert spec.group in GROUPS
        assert actions[spec.name].toolTip().startswith(spec.tip)

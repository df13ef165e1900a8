"""What is typed on the start page changes nothing that only the next source would show."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QToolBar
from pytestqt.qtbot import QtBot

from gui.actions import ACTIONS
from gui.main_window import MainWindow
from tests.e2e.hands import wait

HELD = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier


def is_plain(key: QKeySequence) -> bool:
    """Whether the key is pressed without Ctrl, Alt or the like."""
    return not key[0].keyboardModifiers() & HELD


def plain_actions(window: MainWindow) -> dict[str, QAction]:
    """The actions of frame and player that a key does alone."""
    names = [spec.name for spec in ACTIONS if spec.group in ("View", "Playback")]
    return {name: window.commands[name] for name in names if any(map(is_plain, window.commands[name].shortcuts()))}


def test_letters_and_arrows_do_nothing_on_the_start_page(window: MainWindow, qtbot: QtBot) -> None:
    before, loop = window.view_options.view, window.session.playback.loop
    actions = plain_actions(window)
    assert len(actions) > 20
    assert [name for name, action in actions.items() if action.isEnabled()] == []
    for name in ("labels", "box_style", "raw_boxes", "grid", "loop"):
        # As the shortcut does; a disabled action does not answer it.
        window.commands[name].trigger()
    assert window.view_options.view == before
    assert window.session.playback.loop == loop
    bar = window.findChild(QToolBar, "main_bar")
    assert bar is not None
    assert not bar.widgetForAction(window.commands["raw_boxes"]).isEnabled()
    window.commands["keys"].trigger()
    assert not window.docks["keys"].isHidden()
    assert window.commands["open_file"].isEnabled()


def test_they_come_with_a_source_and_go_with_it(window: MainWindow, qtbot: QtBot) -> None:
    window.session.open("sample")
    wait(qtbot, lambda: window.session.current is not None)
    assert window.commands["labels"].isEnabled()
    window.commands["labels"].trigger()
    assert window.view_options.view.labels == "name"
    window.commands["home"].trigger()
    assert not window.commands["labels"].isEnabled()
    assert not window.commands["loop"].isEnabled()

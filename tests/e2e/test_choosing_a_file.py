"""Opening a file by the chooser of the real window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QLabel, QLineEdit, QTreeView
from pytestqt.qtbot import QtBot

from gui.file_chooser import chooser_of
from gui.main_window import MainWindow
from gui.panels.sources import SUFFIXES
from gui.settings import LAST_FOLDER
from tests.e2e.hands import wait


def test_the_chooser_tells_every_ending_and_cuts_no_date_and_opens_the_file(
    window: MainWindow, qtbot: QtBot, make_video: Callable[..., Path]
) -> None:
    clip = make_video("a clip of mine.mp4")
    window.settings.put(LAST_FOLDER, str(clip.parent))
    window.commands["open_file"].trigger()
    chooser = chooser_of(window)
    assert chooser is not None
    endings, table = chooser.findChild(QLabel, "endings"), chooser.findChild(QTreeView, "treeView")
    assert isinstance(endings, QLabel)
    assert isinstance(table, QTreeView)
    assert endings.text() == SUFFIXES
    assert endings.isVisible()
    wait(qtbot, lambda: table.model().rowCount(table.rootIndex()) > 0)
    for column in (1, 2, 3):
        wait(qtbot, lambda column=column: table.columnWidth(column) >= table.sizeHintForColumn(column) > 0)
    line = chooser.findChild(QLineEdit, "fileNameEdit")
    assert isinstance(line, QLineEdit)
    line.setText(clip.name)
    chooser.accept()
    wait(qtbot, lambda: window.session.playback.info is not None)
    assert window.session.playback.text == str(clip)

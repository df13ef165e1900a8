"""What the window has to be able to rely on in PySide6 itself."""

from __future__ import annotations

import sys

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

CALLS = 500


class Speaker(QObject):
    said = Signal(object)


def test_signals_and_calls_leave_the_references_of_true_and_none_alone(qtbot: QtBot) -> None:
    """PySide6 6.12.0 lost one at each, so that a long run ended in a crash of the interpreter."""
    speaker, label = Speaker(), QLabel()
    qtbot.addWidget(label)
    speaker.said.connect(lambda _: None)
    before = sys.getrefcount(True), sys.getrefcount(None)
    for _ in range(CALLS):
        speaker.said.emit(None)
        label.setText("again")
    after = sys.getrefcount(True), sys.getrefcount(None)
    assert after[0] > before[0] - CALLS / 2
    assert after[1] > before[1] - CALLS / 2

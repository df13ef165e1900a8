from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from gui.exceptions import ExceptionGuard, sentence_for

PATIENCE_MS = 60_000


@pytest.fixture
def guard(qtbot: QtBot) -> Iterator[ExceptionGuard]:
    guard = ExceptionGuard()
    guard.install()
    yield guard
    guard.uninstall()


def boom() -> None:
    raise RuntimeError("a deliberate mistake.")


def test_what_is_raised_in_a_slot_is_logged_and_told(
    guard: ExceptionGuard, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    with qtbot.waitSignal(guard.went_wrong, timeout=PATIENCE_MS) as told:
        QTimer.singleShot(0, boom)
    assert told.args == [
        "Something went wrong inside Looktwice: RuntimeError: a deliberate mistake; "
        "the report in the menu Application tells more."
    ]
    (record,) = [record for record in caplog.records if record.name == "gui.exceptions"]
    assert record.levelno == logging.CRITICAL
    assert record.exc_info is not None
    assert record.exc_info[0] is RuntimeError


def test_what_is_raised_in_a_thread_is_told_in_the_gui_thread(
    guard: ExceptionGuard, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    heard_in: list[str] = []
    guard.went_wrong.connect(guard.setObjectName)
    guard.objectNameChanged.connect(lambda _: heard_in.append(threading.current_thread().name))
    thread = threading.Thread(target=boom, name="worker")
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: heard_in == [threading.main_thread().name], timeout=PATIENCE_MS)
    assert "in the thread worker" in caplog.text


def test_ctrl_c_is_left_to_whoever_handled_it(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    handed_on: list[object] = []
    monkeypatch.setattr(sys, "excepthook", lambda *told: handed_on.append(told[0]))
    guard = ExceptionGuard()
    guard.install()
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    guard.uninstall()
    assert handed_on == [KeyboardInterrupt]


def test_uninstalled_everything_is_as_before(qtbot: QtBot) -> None:
    before = sys.excepthook, threading.excepthook
    guard = ExceptionGuard()
    guard.install()
    guard.install()
    assert sys.excepthook != before[0]
    guard.uninstall()
    guard.uninstall()
    assert (sys.excepthook, threading.excepthook) == before


def test_sentences_are_one_short_line() -> None:
    assert "ValueError;" in sentence_for(ValueError())
    long = sentence_for(ValueError("first\nsecond " + "x" * 1000))
    assert "first;" in long
    assert "\n" not in long
    assert len(sentence_for(ValueError("x" * 1000))) < 350

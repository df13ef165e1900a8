"""Work in the background: answered here, in order, and harmless when nobody is there any more."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.background import Background

PATIENCE_MS = 60_000
ROOT = Path(__file__).parents[2]

# In a process of its own, as it would take this one along.
DELETED_WHILE_ANSWERING = """
import sys, time
from PySide6.QtCore import QCoreApplication, QEvent, QObject
from gui.background import Background

app = QCoreApplication([])
sys.setswitchinterval(1e-5)
for round in range(150):
    parent = QObject()
    for number in range(3):
        background = Background("busy", parent)
        for _ in range(50):
            background.run(lambda: None, lambda _: None)
    until_s = time.perf_counter() + round % 10 * 2e-4
    while time.perf_counter() < until_s:
        pass
    parent.deleteLater()
    del parent
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
print("survived")
"""


def test_jobs_are_done_in_order_and_failures_are_told(qtbot: QtBot) -> None:
    background, heard = Background("test"), []
    background.run(lambda: 1, heard.append)
    background.run(lambda: 1 // 0, heard.append, lambda error: heard.append(type(error)))
    background.run(lambda: 3, heard.append)
    qtbot.waitUntil(lambda: len(heard) == 3, timeout=PATIENCE_MS)
    assert heard == [1, ZeroDivisionError, 3]
    background.close()


def test_nothing_is_answered_after_closing(qtbot: QtBot) -> None:
    background, heard, done = Background("test"), [], []
    background.run(lambda: done.append(1), heard.append)
    qtbot.waitUntil(lambda: bool(done), timeout=PATIENCE_MS)
    background.close()
    background.run(lambda: done.append(2), heard.append)
    QApplication.processEvents()
    assert done == [1]
    assert len(heard) <= 1


def test_who_is_deleted_hears_no_answer_and_its_thread_ends(qtbot: QtBot) -> None:
    owner, heard, begun, go = QObject(), [], threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        go.wait(60)

    background = Background("test of deleting", owner)
    background.run(work, heard.append)
    background.run(lambda: heard.append("the job after it"), heard.append)
    qtbot.waitUntil(begun.is_set, timeout=PATIENCE_MS)
    owner.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    go.set()
    qtbot.waitUntil(lambda: all(it.name != "test of deleting" for it in threading.enumerate()), timeout=PATIENCE_MS)
    QApplication.processEvents()
    assert heard == []


def test_deleting_it_while_its_thread_answers_ends_nothing() -> None:
    command = [sys.executable, "-c", DELETED_WHILE_ANSWERING]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240)
    assert done.stdout == "survived\n", done.stderr[-2000:]

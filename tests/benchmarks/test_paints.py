from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Thread

import pytest
from PySide6.QtCore import QEventLoop, QObject, QTimer, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from benchmarks.paints import PULSE_MS, Paints

BEAT_MS = 5 * PULSE_MS
Watch = Callable[..., Paints]


class Patch(QWidget):
    """Counts its paints."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.painted = 0
        self.resize(20, 20)

    def paintEvent(self, _event: QPaintEvent) -> None:
        self.painted += 1


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    return window


@pytest.fixture
def patch(window: QWidget, qtbot: QtBot) -> Patch:
    patch = Patch(window)
    window.show()
    qtbot.waitExposed(window)
    qtbot.waitUntil(lambda: patch.painted > 0)
    return patch


@pytest.fixture
def watch(qapp: QApplication, window: QWidget) -> Iterator[Watch]:
    """Makes Paints of the window, which see nothing any more once the test is over."""
    made: list[Paints] = []

    def make(*restless: QWidget) -> Paints:
        made.append(Paints(qapp, window, restless))
        return made[-1]

    yield make
    for paints in made:
        paints.forget()
        delete(paints)


def rest(ms: int) -> None:
    """Let the loop run undisturbed; qtbot's waiting is full of single shots."""
    loop = QEventLoop()
    QTimer.singleShot(ms, loop.quit)
    loop.exec()


def repeat(patch: QWidget, deed: Callable[[], object]) -> QTimer:
    timer = QTimer(patch)
    timer.timeout.connect(deed)
    timer.start(BEAT_MS)
    return timer


def test_what_an_act_paints_is_its_answer(watch: Watch, patch: Patch, qtbot: QtBot) -> None:
    paints = watch()
    repeat(patch, lambda: None)
    qtbot.wait(3 * BEAT_MS)
    paints.wait()
    patch.update()
    qtbot.waitUntil(lambda: paints.seen_s is not None)
    assert paints.painted is patch
    assert not paints.by_clock


def test_what_a_clock_paints_is_none(watch: Watch, patch: Patch, qtbot: QtBot) -> None:
    paints = watch()
    clock = repeat(patch, patch.update)
    paints.wait()
    before = patch.painted
    rest(8 * BEAT_MS)
    assert patch.painted > before
    assert paints.seen_s is None
    assert list(paints.by_clock) == ["Patch < QWidget"]
    # Still waiting: an answer that comes late is one.
    clock.stop()
    QTimer.singleShot(2 * BEAT_MS, patch, patch.update)
    qtbot.waitUntil(lambda: paints.seen_s is not None)


class Sender(QObject):
    sent = Signal()


def test_what_another_thread_brings_is_an_answer_also_beside_a_clock(watch: Watch, patch: Patch, qtbot: QtBot) -> None:
    paints, sender = watch(), Sender()
    sender.sent.connect(patch.update)
    beats: list[int] = []
    repeat(patch, lambda: beats.append(1))
    paints.wait()
    rest(4 * BEAT_MS)
    assert beats
    assert paints.seen_s is None
    thread = Thread(target=sender.sent.emit)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: paints.seen_s is not None)
    assert paints.painted is patch


def test_what_is_restless_is_none(watch: Watch, patch: Patch, qtbot: QtBot) -> None:
    paints = watch(patch)
    paints.wait()
    before = patch.painted
    patch.update()
    qtbot.waitUntil(lambda: patch.painted > before)
    qtbot.wait(BEAT_MS)
    assert paints.seen_s is None

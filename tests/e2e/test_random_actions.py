"""Ten thousand things that a hand does at random: nothing fails, nothing hangs, nothing grows."""

from __future__ import annotations

import ctypes
import faulthandler
import gc
import logging
import sys
import threading
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import numpy as np
import psutil
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from benchmarks.hand import Materials, NotAtHomeError, RandomHand
from gui.exceptions import ExceptionGuard
from gui.main_window import MainWindow
from gui.settings import ANALYSIS_FOLDER, CAPTURE_FOLDER, SettingsStore
from gui.theme import apply_theme
from gui.values import ModelChoice
from tests.e2e.hands import PATIENCE_MS, wait
from tests.e2e.materials import SIZES, materials_in

SEED = 20261125
ACTIONS, WARM, BATCH = 10_000, 3_000, 100
HANGING_S = 240
MOST_THREADS = 40
"""At once, the server's and those that wait for a device included."""
STAYING = {"MainThread", "mjpeg server", "about", "report"}
"""When the window is closed: the test's own, and those that idle until their panel is deleted."""
OBJECTS_MARGIN = 120
GROWTH_MIB = 60
PYTHON_BLOCK = 512
"""Bytes of the largest block that Python's own allocator gives out; larger ones are glibc's."""


@pytest.fixture
def settings(settings: SettingsStore, tmp_path: Path) -> SettingsStore:
    settings.put(CAPTURE_FOLDER, str(tmp_path / "captures"))
    settings.put(ANALYSIS_FOLDER, str(tmp_path / "results"))
    return settings


@pytest.fixture
def materials(tmp_path: Path) -> Iterator[Materials]:
    folder = tmp_path / "materials"
    folder.mkdir()
    with materials_in(folder) as made:
        yield made


class Mistakes(logging.Handler):
    """Whatever must never happen, however bad the input: exceptions nobody handled, and errors in the log."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.found.append(logging.Formatter().format(record))


@pytest.fixture
def mistakes(qapp: QApplication) -> Iterator[Mistakes]:
    handler, guard = Mistakes(), ExceptionGuard()
    logging.getLogger().addHandler(handler)
    guard.install()
    yield handler
    guard.uninstall()
    logging.getLogger().removeHandler(handler)


def settle(qtbot: QtBot, window: MainWindow, materials: Materials) -> None:
    """Bring the window to rest, each time in the same state: the sample paused, every panel made, no second model."""
    materials.right()
    window.commands["cancel_analysis"].trigger()
    wait(qtbot, lambda: window.analysis_desk.analysing.run is None and not window.analysis_desk.exporting.busy)
    window.capture.set_pre_roll(0)
    window.session.choose_model(ModelChoice("vgg-yolo-voc20", SIZES[0]))
    for name in window.docks:
        window.commands[name].setChecked(True)
    # Its panes and their pictures stay once they are made, so they are there both times.
    window.commands["compare"].setChecked(True)
    window.resize(1180, 760)
    window.session.stop()
    window.session.open("sample")
    wait(qtbot, lambda: window.session.current is not None and window.session.playback.text == "sample")
    wait(qtbot, lambda: window.session.model is not None and window.session.model.size == SIZES[0])
    answered = window.session.bridge.answered
    window.session.set_playing(True)
    wait(qtbot, lambda: window.session.bridge.answered > answered + 10)
    wait(qtbot, lambda: not window.capture.recordings.unfinished)
    wait(qtbot, lambda: all(thread.name != "device" for thread in threading.enumerate()))
    window.session.set_playing(False)
    window.commands["compare"].setChecked(False)
    window.banner.close_all()


class MallInfo(ctypes.Structure):
    """glibc's `struct mallinfo2`, in bytes; see mallinfo(3)."""

    _fields_ = [
        (name, ctypes.c_size_t)
        for name in (
            "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost",
        )
    ]  # fmt: skip


def used_mib() -> float:
    """MiB that somebody holds: what glibc has given out, and Python's blocks. Elsewhere than on glibc what is resident.

    What is resident also holds what glibc keeps for later, and that depends on the tests before: 190 MiB came and went
    with the same 260 MiB given out.
    """
    mallinfo = getattr(ctypes.CDLL(None), "mallinfo2", None) if sys.platform == "linux" else None
    if mallinfo is None:
        return psutil.Process().memory_info().rss / 2**20
    mallinfo.restype = MallInfo
    info = mallinfo()
    return (info.uordblks + info.hblkhd + sys.getallocatedblocks() * PYTHON_BLOCK) / 2**20


def footprint(window: MainWindow) -> tuple[int, float]:
    """Qt's objects in the window, and MiB in use, once everything that can be given back is."""
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    return len(window.findChildren(QObject)), used_mib()


def work(hand: RandomHand, mistakes: Mistakes, until: int) -> int:
    """Act in batches, each of which has to end; gives the most threads there were."""
    most = 0
    while hand.done < until:
        faulthandler.dump_traceback_later(HANGING_S, exit=False, file=sys.__stderr__)
        for _ in range(BATCH):
            hand.act()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        faulthandler.cancel_dump_traceback_later()
        most = max(most, threading.active_count())
        assert not mistakes.found, "\n".join([*hand.trace, *mistakes.found])
        assert hand.window.isVisible(), "\n".join(hand.trace)
    return most


@pytest.mark.timeout(600)
def test_ten_thousand_actions_leave_the_window_as_it_was(
    qtbot: QtBot, materials: Materials, window: MainWindow, mistakes: Mistakes, qapp: QApplication
) -> None:
    theme = apply_theme(qapp)
    # An analysis that gets to its end imports it, which is no growth.
    import_module("trackers")
    window.session.choose_model(ModelChoice("vgg-yolo-voc20", SIZES[0]))
    wait(qtbot, lambda: window.session.model is not None)
    with RandomHand(window, SEED, materials) as hand:
        most = work(hand, mistakes, WARM)
        settle(qtbot, window, materials)
        objects, memory = footprint(window)
        most = max(most, work(hand, mistakes, ACTIONS))
        settle(qtbot, window, materials)

        def not_grown() -> None:
            objects_now, memory_now = footprint(window)
            assert objects_now - objects <= OBJECTS_MARGIN
            assert memory_now - memory <= GROWTH_MIB, (memory, memory_now)

        # What threads still hold of the last acts goes within moments; what has leaked never does.
        qtbot.waitUntil(not_grown, timeout=PATIENCE_MS)
    assert not mistakes.found, "\n".join(mistakes.found)
    assert most <= MOST_THREADS
    theme.choose("system")
    window.close()
    wait(qtbot, lambda: {thread.name for thread in threading.enumerate()} <= STAYING)
    assert hand.done == ACTIONS
    assert not mistakes.found, "\n".join(mistakes.found)


def test_the_hand_does_the_same_with_the_same_seed(materials: Materials, window: MainWindow) -> None:
    def planned(seed: int) -> list[str]:
        hand = RandomHand(window, seed, materials)
        return [hand.plan()[0] for _ in range(200)]

    assert planned(1) == planned(1)
    assert planned(1) != planned(2)


@pytest.mark.parametrize("home", ["/", "/root", "/home/somebody"])
def test_the_hand_stays_out_of_a_real_home(
    materials: Materials, window: MainWindow, monkeypatch: pytest.MonkeyPatch, home: str
) -> None:
    monkeypatch.setenv("HOME", home)
    with pytest.raises(NotAtHomeError, match="set it to a folder below"):
        RandomHand(window, 1, materials)


def test_the_hand_closes_what_opens(materials: Materials, window: MainWindow) -> None:
    with RandomHand(window, 1, materials) as hand:
        window.commands["open_file"].trigger()
        assert QApplication.activeModalWidget() is not None
        hand.tidy()
        assert QApplication.activeModalWidget() is None
        window.source_button.show_menu()
        hand.tidy()
        assert QApplication.activePopupWidget() is None
        window.capture.open_path(Path("/nowhere"))
        assert hand.wanted_urls == ["file:///nowhere"]


def test_what_somebody_holds_counts_and_what_was_given_back_does_not() -> None:
    # What earlier tests left would go at any moment.
    gc.collect()
    before = used_mib()
    pictures = [np.ones(300_000, np.uint8) for _ in range(300)]
    lists: list[list[int]] = [[] for _ in range(300_000)]
    held = used_mib()
    assert 85 < held - before < 400
    del pictures, lists
    gc.collect()
    assert abs(used_mib() - before) < 10

"""The window is closed at every stage of its work: nothing may crash, hang, complain or stay behind."""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from gui.main_window import MainWindow
from gui.settings import SettingsStore
from gui.values import ModelChoice
from tests.e2e.conftest import has_boxes
from tests.e2e.hands import wait
from tests.frames.camera_desk import CameraDesk

ROOT = Path(__file__).resolve().parents[2]
MODEL = ModelChoice("vgg-yolo-voc20")
COMPLAINTS = ("destroyed", "already deleted", "Traceback", "QObject::", "QThread", "QTimer", "left behind")


class Desk:
    """What a stage may use: a camera, a clip, and an address that takes calls but never answers."""

    def __init__(self, cameras: CameraDesk, clip: Path, silent: str, qtbot: QtBot) -> None:
        self.cameras, self.clip, self.silent, self.qtbot = cameras, clip, silent, qtbot

    def wait(self, condition: Callable[[], bool]) -> None:
        wait(self.qtbot, condition)


Stage = Callable[[MainWindow, Desk], None]


def just_open(window: MainWindow, desk: Desk) -> None:
    pass


def looking_for_cameras(window: MainWindow, desk: Desk) -> None:
    camera = desk.cameras.plug()
    desk.wait(lambda: camera.users == 1)


def opening(window: MainWindow, desk: Desk) -> None:
    window.session.open(desk.silent)


def loading(window: MainWindow, desk: Desk) -> None:
    window.session.choose_model(MODEL)


def everything_asked_for_and_nothing_done(window: MainWindow, desk: Desk) -> None:
    for _ in range(3):
        window.session.choose_model(MODEL)
        window.session.open(desk.silent)
        window.session.open(str(desk.clip))
    window.commands["record"].trigger()


def playing(window: MainWindow, desk: Desk) -> None:
    window.session.choose_model(MODEL)
    window.session.open("sample")
    desk.wait(lambda: has_boxes(window))


def seeking(window: MainWindow, desk: Desk) -> None:
    window.session.open(str(desk.clip))
    desk.wait(lambda: window.session.current is not None)
    for index in (3, 20, 7, 11):
        window.session.seek(index)


def at_the_end(window: MainWindow, desk: Desk) -> None:
    window.session.set_speed(0)
    window.session.open(str(desk.clip))
    desk.wait(lambda: window.session.playback.ended)


def recording(window: MainWindow, desk: Desk) -> None:
    playing(window, desk)
    window.capture.start_recording()
    window.capture.snapshot()


def reconnecting(window: MainWindow, desk: Desk) -> None:
    camera = desk.cameras.plug()
    told: list[str] = []
    window.session.source_waiting.connect(told.append)
    window.session.open("camera:0")
    desk.wait(lambda: window.session.current is not None)
    desk.cameras.unplug(camera)
    desk.wait(lambda: any(told))


def hanging(window: MainWindow, desk: Desk) -> None:
    camera = desk.cameras.plug()
    window.session.open("camera:0")
    desk.wait(lambda: window.session.current is not None)
    camera.working.clear()


def every_panel_open(window: MainWindow, desk: Desk) -> None:
    for name in window.docks:
        window.commands[name].setChecked(True)
    window.session.open(str(desk.clip))


def choosing_a_file(window: MainWindow, desk: Desk) -> None:
    window.commands["open_file"].trigger()
    desk.wait(lambda: any(one.isVisible() for one in window.findChildren(QFileDialog)))


STAGES: tuple[Stage, ...] = (
    just_open,
    looking_for_cameras,
    opening,
    loading,
    everything_asked_for_and_nothing_done,
    playing,
    seeking,
    at_the_end,
    recording,
    reconnecting,
    hanging,
    every_panel_open,
    choosing_a_file,
)


@pytest.fixture
def silent_address() -> Iterator[str]:
    """An address where somebody takes the call and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/stream"


def others(before: set[threading.Thread]) -> list[str]:
    """Names of the threads that were not there before; those of libraries, which Python did not start, do not count."""
    there = {thread for thread in threading.enumerate() if not isinstance(thread, threading._DummyThread)}
    return [thread.name for thread in there - before]


def test_closing_at_any_stage_leaves_nothing_behind(
    qtbot: QtBot, qtlog, settings: SettingsStore, make_video, silent_address: str, monkeypatch, caplog
) -> None:
    desk = Desk(CameraDesk(monkeypatch), make_video(), silent_address, qtbot)
    failed: list[str] = []
    monkeypatch.setattr(threading, "excepthook", lambda args: failed.append(f"{args.thread}: {args.exc_value!r}"))
    caplog.set_level(logging.WARNING)
    before = set(threading.enumerate())
    with qtbot.captureExceptions() as raised:
        for stage in STAGES:
            window = MainWindow(settings)
            window.show()
            qtbot.waitExposed(window)
            stage(window, desk)
            assert window.close(), stage.__name__
            assert not [name for name in others(before) if name in ("lane", "reader", "recorder")], stage.__name__
            window.deleteLater()
            QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            # What the threads had still to say comes now, when nobody is there any more.
            QApplication.processEvents()
            desk.cameras.free_hanging_cameras()
            for camera in desk.cameras.cameras:
                desk.cameras.unplug(camera)
            wait(qtbot, lambda: not others(before))
            assert not failed, (stage.__name__, failed)
            assert not raised, (stage.__name__, raised)
    told = [record.message for record in qtlog.records]
    assert not [text for text in told if any(word in text for word in COMPLAINTS)]
    assert not [record.getMessage() for record in caplog.records if record.exc_info]


CHILD = """
import sys
from PySide6.QtCore import QTimer
import main
from gui import main_window

class Closing(main_window.MainWindow):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        session, stage = self.session, sys.argv.pop()
        {
            "shown": lambda: QTimer.singleShot(0, self.close),
            "opening": lambda: session.source_opening.connect(self.close),
            "loading": lambda: session.model_loading.connect(self.close),
            "playing": lambda: session.shown.connect(self.close),
            "answering": lambda: session.shown.connect(self._if_answered),
        }[stage]()

    def _if_answered(self, shown):
        if shown.candidates is not None:
            self.capture.start_recording()
            self.close()

main_window.MainWindow = Closing
stage = sys.argv[-1]
sys.argv[1:] = ["--source", "sample"]
words = sys.argv[1:]
sys.argv.append(stage)
main.leave(main.main(words))
"""


@pytest.mark.parametrize("stage", ["shown", "opening", "loading", "playing", "answering"])
def test_the_process_ends_well_at_any_stage(stage: str, tmp_path: Path) -> None:
    environment = dict(os.environ, QT_QPA_PLATFORM="offscreen", PYTHONFAULTHANDLER="1", PYTHONPATH=str(ROOT))
    for variable in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        environment[variable] = str(tmp_path)
    ended = subprocess.run(
        [sys.executable, "-c", CHILD, stage], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300
    )
    assert ended.returncode == 0, ended.stderr
    assert not [word for word in ("Fatal", *COMPLAINTS) if word in ended.stderr], ended.stderr
    assert not [path.name for path in tmp_path.rglob("*.part.*")], "a recording was left unfinished"
    assert list(tmp_path.rglob("settings.ini")), "what was chosen is not on the disk"

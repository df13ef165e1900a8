"""A session that does what it is told by nobody: its signals are the test's, what it is asked is written down."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from detector.frames.camera_modes import CameraMode
from gui.actions import build_actions
from gui.fetching import Fetches
from gui.playback import Playback
from gui.session import Session
from gui.settings import MemoryStore, SettingsStore
from gui.values import CameraHabits
from tests.frames.camera_desk import CameraDesk


class AskedSession(Session):
    """Signals and requests of `Session`; nothing runs."""

    def __init__(self) -> None:
        # Past Session's own beginning, which starts threads.
        super(Session, self).__init__()
        self.playback = Playback()
        self.requests: list[tuple[object, ...]] = []
        self.asked = ""
        self.fetches = Fetches()
        self.mirror = False
        self.habits = lambda _text: CameraHabits()

    def open(self, text: str) -> None:
        self.asked = text
        self.requests.append(("open", text))
        self.source_opening.emit(text)

    def stop(self) -> None:
        self.requests.append(("stop",))

    def cancel_opening(self) -> None:
        self.requests.append(("cancel_opening",))

    def cancel_loading(self) -> None:
        self.requests.append(("cancel_loading",))

    def set_mirror(self, mirror: bool) -> None:
        self.mirror = mirror
        self.requests.append(("mirror", mirror))

    def set_camera_mode(self, mode: CameraMode) -> None:
        self.requests.append(("mode", mode))


@pytest.fixture
def session() -> AskedSession:
    return AskedSession()


@pytest.fixture
def store() -> SettingsStore:
    return SettingsStore(MemoryStore())


@pytest.fixture
def owner(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


@pytest.fixture
def actions(owner: QWidget) -> dict[str, QAction]:
    return build_actions(owner)


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[CameraDesk]:
    made = CameraDesk(monkeypatch)
    yield made
    made.free_hanging_cameras()

"""A session that does what it is told by nobody: its signals are the test's, what it is asked is written down."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from detector.frames.camera_modes import CameraMode
from gui.actions import build_actions
from gui.playback import Playback
from gui.session import CameraHabits
from gui.settings import MemoryStore, SettingsStore
from tests.frames.camera_desk import CameraDesk


class AskedSession(QObject):
    """Signals and requests of `Session`; nothing runs."""

    shown = Signal(object)
    playback_changed = Signal()
    model_changed = Signal(object)
    model_loading = Signal(str)
    source_opening = Signal(str)
    source_opened = Signal(object)
    source_closed = Signal()
    trouble = Signal(str, str)
    trouble_over = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.playback = Playback()
        self.asked: list[tuple[object, ...]] = []
        self.mirror = False
        self.habits = lambda _text: CameraHabits()

    def open(self, text: str) -> None:
        self.asked.append(("open", text))
        self.source_opening.emit(text)

    def stop(self) -> None:
        self.asked.append(("stop",))

    def cancel_opening(self) -> None:
        self.asked.append(("cancel_opening",))

    def cancel_loading(self) -> None:
        self.asked.append(("cancel_loading",))

    def set_mirror(self, mirror: bool) -> None:
        self.mirror = mirror
        self.asked.append(("mirror", mirror))

    def set_camera_mode(self, mode: CameraMode) -> None:
        self.asked.append(("mode", mode))


@pytest.fixture
def session() -> AskedSession:
    return AskedSession()


@pytest.fixture
def store() -> SettingsStore:
    return SettingsStore(MemoryStore())


@pytest.fixture
def owner(qtbot) -> Iterator[QWidget]:
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

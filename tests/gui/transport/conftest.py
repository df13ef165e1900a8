"""A session that only writes down what it is told, and a bar on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, cast

import numpy as np
import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from detector.frames import Frame, SourceInfo
from gui.actions import build_actions
from gui.panels.transport import TransportBar
from gui.playback import Playback
from gui.session import Session

CLIP = SourceInfo("clip", "video", False, (64, 48), 25.0, 1000, True)
CAMERA = SourceInfo("desk", "camera", True, (64, 48))
FOLDER = SourceInfo("trip", "images", False, (64, 48), 1.0, 12, True)
PHOTOGRAPH = SourceInfo("cat.jpg", "images", False, (64, 48), None, 1, True)


class FakeSession(QObject):
    playback_changed = Signal()
    source_opened = Signal(object)
    source_closed = Signal()
    source_waiting = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.playback = Playback()
        self.delay_s = 0.0
        self.told: list[tuple[object, ...]] = []

    def opens(self, info: SourceInfo, text: str = "clip.mp4") -> None:
        self.playback.opened(info, text)
        self.playback.playing = True
        self.source_opened.emit(info)
        self.playback_changed.emit()

    def shows(self, index: int, time_s: float = 0.0, name: str = "") -> None:
        self.playback.showed(Frame(np.zeros((48, 64, 3), np.uint8), index, time_s, name))
        self.playback_changed.emit()

    def set_playing(self, playing: bool) -> None:
        self.playback.playing = playing
        self._tell("playing", playing)

    def step(self, frames: int) -> None:
        self._tell("step", frames)

    def seek(self, index: int) -> None:
        self.playback.index = index
        self._tell("seek", index)

    def stop(self) -> None:
        self._tell("stop")

    def set_loop(self, loop: bool) -> None:
        self.playback.loop = loop
        self._tell("loop", loop)

    def set_speed(self, speed: float) -> None:
        self.playback.speed = speed
        self._tell("speed", speed)

    def set_range(self, first: int | None, last: int | None) -> None:
        self.playback.first, self.playback.last = first, last
        self._tell("range", first, last)

    def _tell(self, *what: object) -> None:
        self.told.append(what)
        self.playback_changed.emit()


class Stage:
    """A window with the bar at its foot, and what the bar was made of."""

    def __init__(self) -> None:
        self.window = QWidget()
        self.session = FakeSession()
        self.actions = build_actions(self.window)
        self.now_s = 1000.0
        self.bar = TransportBar(cast(Session, cast(Any, self.session)), self.actions, clock=lambda: self.now_s)
        layout = QVBoxLayout(self.window)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addStretch(1)
        layout.addWidget(self.bar)
        self.window.resize(1000, 300)

    def plays(self, seconds: float, shown: float) -> None:
        """As if the film went on for so many seconds of the clock, at so many times its pace."""
        time_s = self.session.playback.time_s
        for tenth in range(1, round(seconds * 10) + 1):
            self.now_s += 0.1
            place_s = time_s + tenth * 0.1 * shown
            self.session.shows(round(place_s * 25), place_s)

    @property
    def told(self) -> list[tuple[object, ...]]:
        """What the session was told since this was asked last."""
        told, self.session.told = self.session.told, []
        return told


@pytest.fixture
def stage(qtbot: QtBot) -> Iterator[Stage]:
    stage = Stage()
    stage.window.show()
    qtbot.waitExposed(stage.window)
    yield stage
    stage.bar.shut()
    stage.window.close()
    stage.window.deleteLater()


@pytest.fixture
def open_stage(stage: Stage) -> Callable[[SourceInfo], Stage]:
    def opened(info: SourceInfo) -> Stage:
        stage.session.opens(info)
        return stage

    return opened

"""A session without a window, playing a numbered source to a detector that reads it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from gui import session as session_module
from gui.actions import build_actions
from gui.capture import Capture
from gui.capture_files import Saved
from gui.selection import Selection
from gui.session import Session
from gui.settings import CAPTURE_FOLDER, MemoryStore, SettingsStore
from tests.e2e.hands import wait
from tests.pipeline.fakes import NumberedSource, reading_detector


class Desk:
    """Session, actions and Capture put together as the window does, and what they said."""

    def __init__(
        self, qtbot: QtBot, folder: Path, monkeypatch: pytest.MonkeyPatch, settings: SettingsStore | None = None
    ) -> None:
        self.qtbot = qtbot
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.settings = settings or SettingsStore(MemoryStore())
        self.settings.put(CAPTURE_FOLDER, str(folder))
        self.folder = folder
        self.session = Session(Selection(), self.window)
        self.actions: dict[str, QAction] = build_actions(self.window)
        self.sources: list[NumberedSource] = []
        monkeypatch.setattr(session_module, "open_source", self._open)
        self.capture = Capture(self.session, self.actions, self.settings, self.window)
        self.troubles: list[tuple[str, str]] = []
        self.told: list[str] = []
        self.saved: list[Path] = []
        self.kept: list[Saved] = []
        self.capture.trouble.connect(lambda topic, sentence: self.troubles.append((topic, sentence)))
        self.capture.told.connect(self.told.append)
        self.capture.saved.connect(self.saved.append)
        self.capture.told_saved.connect(self.kept.append)

    def _open(self, *_: object, **__: object) -> NumberedSource:
        source = NumberedSource(count=2000, fps=100.0, tag=len(self.sources))
        self.sources.append(source)
        return source

    def wait(self, condition) -> None:
        wait(self.qtbot, condition)

    def play(self) -> None:
        """Open a source; return when a box is on its frame."""
        before = len(self.sources)
        self.session.runner.load_model("reader", reading_detector)
        self.session.open("numbers")
        self.wait(lambda: len(self.sources) > before and self.shows(before))

    def shows(self, tag: int) -> bool:
        shown = self.session.current
        return shown is not None and len(shown.detections) > 0 and int(shown.frame.image[0, 0, 2]) == tag

    def recorded(self) -> int:
        take = self.capture.recordings.take
        return take.recorder.progress().frames if take is not None and take.recorder is not None else 0

    def close(self) -> None:
        self.capture.close()
        self.session.close()


@pytest.fixture
def desk(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    desk = Desk(qtbot, tmp_path / "captures", monkeypatch)
    yield desk
    desk.close()

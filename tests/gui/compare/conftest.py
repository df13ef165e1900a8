from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.actions import build_actions
from gui.canvas.frame_view import FrameView
from gui.canvas.view_options import ViewOptions
from gui.canvas_actions import CanvasActions, connect_canvas_actions
from gui.compare.mode import CompareMode
from gui.compare.second_pane import SecondPane
from gui.compare.stage import CompareStage
from gui.settings import MemoryStore, SettingsStore
from gui.values import ModelChoice
from tests.gui.compare.made import SECOND, MadeComparing, MadeSession, made_compared


@dataclass
class Desk:
    """A stage with everything around it; nothing runs."""

    session: MadeSession
    comparing: MadeComparing
    settings: SettingsStore
    options: ViewOptions
    actions: dict[str, QAction]
    canvas: FrameView
    canvas_actions: CanvasActions
    stage: CompareStage
    mode: CompareMode

    @property
    def pane(self) -> SecondPane:
        assert self.stage.pane is not None
        return self.stage.pane

    @property
    def second(self) -> FrameView:
        return self.pane.canvas

    def compare(self) -> None:
        """Set a second model beside the first and show one frame of both."""
        self.actions["compare"].setChecked(True)
        self.mode.choose(ModelChoice("two-looks"))
        self.comparing.load(SECOND)
        self.comparing.show(made_compared())


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    owner = QObject()
    session, comparing = MadeSession(), MadeComparing()
    settings, actions = SettingsStore(MemoryStore()), build_actions(owner)
    options = ViewOptions(settings)
    canvas = FrameView(session, options)
    canvas_actions = connect_canvas_actions(canvas, options, session, actions)
    stage = CompareStage(canvas, comparing, session, options, settings)
    mode = CompareMode(stage, comparing, session, settings, actions, canvas_actions)
    stage.resize(1000, 500)
    stage.show()
    qtbot.waitExposed(stage)
    yield Desk(session, comparing, settings, options, actions, canvas, canvas_actions, stage, mode)
    stage.close()
    stage.deleteLater()
    # Now, not while the next test runs.
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

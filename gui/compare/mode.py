"""The compare mode: the action that begins and ends it, which model it begins with, and what other actions then do."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

from detector.registry import SHIPPED
from gui.canvas_actions import CanvasActions
from gui.compare.stage import CompareStage
from gui.comparing import Comparing
from gui.model_facts import key_of
from gui.session import Session
from gui.settings import SECOND_MODEL, SECOND_SIZE, SettingsStore
from gui.themed_icons import icon
from gui.values import ModelChoice

ICONS = ("compare", "proposals", "origins", "truth")


class CompareMode(QObject):
    """Lives with its stage. Begins with the model of the last time, else with a shipped one, else asks for one."""

    def __init__(
        self,
        stage: CompareStage,
        comparing: Comparing,
        session: Session,
        settings: SettingsStore,
        actions: Mapping[str, QAction],
        canvas_actions: CanvasActions,
    ) -> None:
        super().__init__(stage)
        self.stage, self.comparing, self.session, self.settings = stage, comparing, session, settings
        self.actions, self.canvas_actions = actions, canvas_actions
        for name in ICONS:
            actions[name].setIcon(icon(name))
        stage.table.setDefaultAction(actions["comparison"])
        actions["compare"].toggled.connect(self._toggled)
        stage.wanted.connect(self.choose)
        stage.unwanted.connect(self._end)
        comparing.changed.connect(self._follow)
        self._follow()

    def choose(self, choice: ModelChoice) -> None:
        """Set this model beside the first, now and the next time."""
        self.settings.put(SECOND_MODEL, choice.name)
        self.settings.put(SECOND_SIZE, choice.size or 0)
        if self.comparing.active:
            self.comparing.choose(choice)
        else:
            self.comparing.start(choice)

    def usual_choice(self) -> ModelChoice | None:
        """The model of the last time, else a shipped one that does not answer already; None where there is none."""
        name, size = self.settings.get(SECOND_MODEL), self.settings.get(SECOND_SIZE)
        if name:
            return ModelChoice(name, size or None)
        answering = key_of(self.session.choice.name) if self.session.choice is not None else ""
        others = [name for name in SHIPPED if name != answering]
        return ModelChoice(others[0]) if others else None

    def _toggled(self, on: bool) -> None:
        self.stage.set_comparing(on)
        self.canvas_actions.boxes = self.stage.link if on and self.stage.link is not None else self.stage.canvas
        if not on:
            if self.comparing.active:
                self.comparing.stop()
        elif not self.comparing.active:
            choice = self.usual_choice()
            if choice is not None:
                self.comparing.start(choice)

    def _follow(self) -> None:
        # Without annotations beside the frames there is no truth to tell by.
        self.actions["truth"].setEnabled(self.comparing.truths is not None)

    def _end(self) -> None:
        self.actions["compare"].setChecked(False)

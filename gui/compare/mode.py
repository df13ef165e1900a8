"""The compare mode: the action that begins and ends it, and which model it begins with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

from detector.registry import SHIPPED
from gui.compare.stage import CompareStage
from gui.model_facts import key_of
from gui.session import Session
from gui.settings import SECOND_MODEL, SECOND_SIZE, SettingsStore
from gui.values import ModelChoice

if TYPE_CHECKING:
    from gui.comparing import Comparing


class CompareMode(QObject):
    """Lives with its stage."""

    def __init__(
        self,
        stage: CompareStage,
        comparing: Comparing,
        session: Session,
        settings: SettingsStore,
        actions: Mapping[str, QAction],
    ) -> None:
        super().__init__(stage)
        self.stage, self.comparing, self.session, self.settings = stage, comparing, session, settings
        self.action = actions["compare"]
        self.action.toggled.connect(self._toggled)
        stage.wanted.connect(self.choose)
        stage.unwanted.connect(self._end)

    def choose(self, choice: ModelChoice) -> None:
        """Set this model beside the first, now and the next time."""
        self.settings.put(SECOND_MODEL, choice.name)
        self.settings.put(SECOND_SIZE, choice.size or 0)
        if self.comparing.active:
            self.comparing.choose(choice)
        else:
            self.comparing.start(choice)

    def first_choice(self) -> ModelChoice | None:
        """The model of the last time, else a shipped one that does not answer already; None where there is none."""
        name, size = self.settings.get(SECOND_MODEL), self.settings.get(SECOND_SIZE)
        if name:
            return ModelChoice(name, size or None)
        answering = key_of(self.session.choice.name) if self.session.choice is not None else ""
        others = [name for name in SHIPPED if name != answering]
        return ModelChoice(others[0]) if others else None

    def _toggled(self, on: bool) -> None:
        self.stage.set_comparing(on)
        if not on:
            if self.comparing.active:
                self.comparing.stop()
        elif not self.comparing.active:
            choice = self.first_choice()
            if choice is not None:
                self.comparing.start(choice)

    def _end(self) -> None:
        self.action.setChecked(False)

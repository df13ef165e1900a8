"""The actions of choosing: undo, redo, score by key, presets. There from the start, unlike the panels."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction

from detector.errors import LooktwiceError
from detector.registry import DEFAULT_MODEL, model_info
from gui.background import Background
from gui.presets import BUILT_IN, Preset, Presets
from gui.selection import MODEL_SCORE, Selection, state_from_text
from gui.selection import NMS_IOU as DEFAULT_NMS_IOU
from gui.session import Session
from gui.settings import MODEL, NMS_IOU, SCORE, SELECTION, SettingsStore

SCORE_STEP = 0.05


class Choosing(QObject):
    """Makes the actions of the group "Choose" act on the session, and owns the presets.

    Signals: `search_wanted` the classes' search is to get the focus; the panel with it is open by then.
    """

    search_wanted = Signal()

    def __init__(
        self, session: Session, actions: dict[str, QAction], settings: SettingsStore, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.session, self.actions = session, actions
        self.presets = Presets(settings)
        actions["undo"].triggered.connect(session.undo_selection)
        actions["redo"].triggered.connect(session.redo_selection)
        actions["score_up"].triggered.connect(self._score_up)
        actions["score_down"].triggered.connect(self._score_down)
        actions["focus_search"].triggered.connect(self._search)
        for number in range(1, len(BUILT_IN) + 1):
            actions[f"preset_{number}"].triggered.connect(self._apply_built_in)
        session.selection_changed.connect(self._follow)
        session.model_loading.connect(self._expect)
        self._remembered = settings.get(MODEL)
        self._background = Background("card of the first model", self)
        self._follow()

    def apply(self, preset: Preset) -> None:
        """Choose what the preset says; one step to take back."""
        self.session.apply_selection(preset.state, preset.size)

    @property
    def current(self) -> Preset | None:
        """The preset that says just what is chosen now."""
        choice = self.session.choice
        size = choice.size if choice is not None else None
        return self.presets.matching(self.session.selection.state, size or 0)

    def _apply_built_in(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self.apply(BUILT_IN[int(action.objectName().removeprefix("preset_")) - 1])

    def _score_up(self) -> None:
        self._move_score(SCORE_STEP)

    def _score_down(self) -> None:
        self._move_score(-SCORE_STEP)

    def _move_score(self, by: float) -> None:
        self.session.set_score(round(min(max(self.session.selection.score + by, 0.01), 1.0), 2))

    def _search(self) -> None:
        self.actions["panel"].setChecked(True)
        self.search_wanted.emit()

    def _expect(self) -> None:
        """Before any model answers the thresholds already stand where they will once the one that loads does."""
        choice = self.session.choice
        if self.session.model is None and choice is not None and choice.name != self._remembered:
            self._background.run(lambda: expected_score(choice.name), self._expected)

    def _expected(self, score: float) -> None:
        selection = self.session.selection
        if self.session.model is None and selection.model_score != score:
            selection.model_score = score
            self.session.selection_changed.emit()

    def _follow(self) -> None:
        self.actions["undo"].setEnabled(self.session.selection.can_undo)
        self.actions["redo"].setEnabled(self.session.selection.can_redo)


def remembered_selection(settings: SettingsStore) -> Selection:
    """The selection of the last time; what makes no sense is as by default."""
    selection = Selection()
    selection.model_score = expected_score(settings.get(MODEL))
    score = settings.get(SCORE) or None
    selection.state = replace(state_from_text(settings.get(SELECTION)), score=score, nms_iou=settings.get(NMS_IOU))
    return selection


def expected_score(name: str) -> float:
    """The score threshold that a model will suggest once it is loaded: from its card, or the built-in one's."""
    for model in (name, DEFAULT_MODEL):
        with suppress(LooktwiceError, OSError):
            return model_info(model).default_score
    return MODEL_SCORE


def remember_selection(settings: SettingsStore, selection: Selection, score: bool = True) -> None:
    """Keep the selection for the next time; its score threshold only where `score`."""
    if score:
        settings.put(SCORE, selection.state.score or 0.0)
    settings.put(NMS_IOU, selection.nms_iou)
    rest = replace(selection.state, score=None, nms_iou=DEFAULT_NMS_IOU)
    settings.put(SELECTION, json.dumps(rest.to_dict()))

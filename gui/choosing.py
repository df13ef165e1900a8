"""The actions of choosing: undo, redo, score by key, presets. There from the start, unlike the panels."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction

from gui.presets import BUILT_IN, Preset, Presets
from gui.session import Session
from gui.settings import SettingsStore

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

    def _follow(self) -> None:
        self.actions["undo"].setEnabled(self.session.selection.can_undo)
        self.actions["redo"].setEnabled(self.session.selection.can_redo)

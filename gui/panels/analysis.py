"""The analysis panel: what to look at, how far it is, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QPalette
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from detector.errors import OptionError
from gui.analysis.analysing import TOPIC, Analysing
from gui.analysis.progress_view import ProgressView
from gui.analysis.results import Results
from gui.analysis.sheet import Sheet, every_text, rate_text
from gui.capture import Capture
from gui.focus_keys import keep_keys
from gui.panels.elided import ElidedLabel
from gui.session import Session
from gui.settings import SettingsStore
from gui.theme import CAPTION, SPACE_L, SPACE_M, SPACE_S, set_type
from gui.translation import tr
from gui.wording import as_sentence, told_path

USUAL_PX = 320


class AnalysisPanel(QWidget):
    """The sheet with its button, the progress while something runs, and the results of the open source."""

    def __init__(
        self,
        analysing: Analysing,
        session: Session,
        settings: SettingsStore,
        actions: Mapping[str, QAction],
        capture: Capture,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.analysing, self.session, self.capture = analysing, session, capture
        self.source = ElidedLabel()
        bold = self.source.font()
        bold.setBold(True)
        self.source.setFont(bold)
        self.sheet = Sheet(analysing, session, settings)
        self.start = QPushButton(tr("Start"))
        self.start.clicked.connect(self.begin)
        self.hindrance = QLabel()
        self.hindrance.setWordWrap(True)
        self.hindrance.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.progress = ProgressView(analysing, actions)
        self.results = self._make_results(actions)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(SPACE_M, SPACE_M, SPACE_M, SPACE_M)
        rows.setSpacing(SPACE_M)
        for part in (self.source, self.sheet, self.start, self.hindrance, self.progress, self.results):
            rows.addWidget(part)
        rows.addStretch(1)
        self.setMinimumWidth(240)
        keep_keys(self.start, self.go_on, self.open_folder, self.open_page, self.clip, self.stills)
        for changed in (analysing.run_changed, analysing.results_changed, analysing.grew, session.model_changed):
            changed.connect(self.follow)
        session.source_opened.connect(self.follow)
        session.source_closed.connect(self.follow)
        self.follow()

    def begin(self) -> None:
        """Start what the sheet says."""
        if self.analysing.hindrance:
            return
        try:
            task = self.sheet.task()
        except OptionError as error:
            self.analysing.trouble.emit(TOPIC, str(error))
            return
        self.analysing.start(task)

    def follow(self, _: object = None) -> None:
        """Show what can be done now, and what came of it."""
        analysing, info = self.analysing, self.session.playback.info
        hindrance, busy = analysing.hindrance, analysing.run is not None
        self.source.tell(info.title if info is not None else tr("No source"))
        self.sheet.follow()
        self.sheet.setVisible(not analysing.runs_here and (info is None or not info.live))
        self.start.setVisible(not analysing.runs_here)
        self.start.setEnabled(not hindrance)
        self.start.setToolTip(hindrance or tr("Go through the source, while the window stays usable"))
        self.hindrance.setText(hindrance)
        self.hindrance.setVisible(bool(hindrance) and not analysing.runs_here)
        self._show_results(analysing.results, busy)

    def _make_results(self, actions: Mapping[str, QAction]) -> QFrame:
        self.heading = QLabel(tr("Results"))
        self.state = QLabel()
        self.state.setWordWrap(True)
        self.made_by = QLabel()
        self.made_by.setWordWrap(True)
        self.made_by.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        set_type(self.made_by, CAPTION)
        self.go_on = QPushButton(tr("Go on"))
        self.go_on.setToolTip(tr("Go on where the analysis was ended, with the settings that it was begun with"))
        self.go_on.clicked.connect(self.analysing.go_on)
        self.open_folder = QPushButton(tr("Open folder"))
        self.open_folder.clicked.connect(self._open_folder)
        self.open_page = QPushButton(tr("Open summary"))
        self.open_page.setToolTip(tr("Open the page with plots and sample frames"))
        self.open_page.clicked.connect(self._open_page)
        self.clip, self.stills = QToolButton(), QToolButton()
        for button, name in ((self.clip, "save_clip"), (self.stills, "save_stills")):
            button.setDefaultAction(actions[name])
            button.setSizePolicy(self.open_folder.sizePolicy())
        part = QFrame()
        grid = QGridLayout(part)
        grid.setContentsMargins(0, SPACE_L, 0, 0)
        grid.setVerticalSpacing(SPACE_S)
        grid.addWidget(self.heading, 0, 0, 1, 2)
        grid.addWidget(self.state, 1, 0, 1, 2)
        grid.addWidget(self.made_by, 2, 0, 1, 2)
        grid.addWidget(self.go_on, 3, 0, 1, 2)
        grid.addWidget(self.open_folder, 4, 0)
        grid.addWidget(self.open_page, 4, 1)
        grid.addWidget(self.clip, 5, 0)
        grid.addWidget(self.stills, 5, 1)
        bold = self.heading.font()
        bold.setBold(True)
        self.heading.setFont(bold)
        self.heading.setAlignment(Qt.AlignmentFlag.AlignLeft)
        return part

    def _show_results(self, results: Results | None, busy: bool) -> None:
        self.results.setVisible(results is not None)
        if results is None:
            return
        frames = f"{len(results.presence):,}"
        if results.reading:
            state = tr("{n} frames read so far").format(n=frames)
        elif results.finished:
            state = tr("{n} frames were analysed").format(n=frames)
        elif self.analysing.runs_here:
            state = tr("{n} frames until now").format(n=frames)
        else:
            state = tr("{n} frames were analysed, then it was ended").format(n=frames)
        if results.tracks is not None:
            objects = len(results.tracks)
            state += ", " + (tr("1 object") if objects == 1 else tr("{n} objects").format(n=f"{objects:,}"))
        self.state.setText(as_sentence(state + "."))
        made = results.head.settings
        told = tr("{model}, {px} px, score {score}").format(model=made.model, px=made.size, score=f"{made.score:.2f}")
        if made.every > 1:
            told += ", " + every_text(made.every).lower()
        if made.fps is not None:
            told += ", " + rate_text(made.fps)
        self.made_by.setText(told)
        self.go_on.setVisible(not results.finished and not results.reading and not busy)
        folder = results.folder.path
        self.open_folder.setToolTip(tr("Open {folder}").format(folder=told_path(folder)))
        self.open_page.setEnabled(results.page_is_there)

    def _open_folder(self) -> None:
        self._open(lambda results: results.folder.path)

    def _open_page(self) -> None:
        self._open(lambda results: results.folder.page)

    def _open(self, which: Callable[[Results], Path]) -> None:
        if self.analysing.results is not None:
            self.capture.open_path(which(self.analysing.results))

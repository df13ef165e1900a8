"""Analyses of whole sources: the one that runs, and the results of the source that is open."""

from __future__ import annotations

import json
import logging
import threading
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from detector.analysis.folder import ResultFolder
from detector.analysis.journal import JournalHead
from detector.analysis.scene import Scene
from detector.errors import LooktwiceError
from detector.frames.protocol import SourceInfo
from gui import settings as keys
from gui.analysis.folders import default_root, find, heads_of, known_from, known_text, stamp_text
from gui.analysis.results import Results
from gui.analysis.running import Ended, Run, Task, Worker, order_of, work
from gui.background import Background
from gui.session import Session
from gui.settings import SettingsStore
from gui.translation import tr

log = logging.getLogger(__name__)

LOOK_MS = 250
"""So often is the progress of a run looked at."""
CLOSING_S = 8.0
TOPIC, LEFT_TOPIC = "analysis", "analysis left"
"""Of what the banner says: why an analysis ended, and which one waits to go on."""


@dataclass(frozen=True)
class Left:
    """An analysis that was stopped by the closing window."""

    source: str
    folder: Path
    frames: int


class Analysing(QObject):
    """Lives in the GUI thread. One analysis runs at a time, whatever source is opened meanwhile.

    Attributes:
        run: the analysis that runs, or None. results: what is known of the open source, or None. looking: whether it is
        still being looked for. scene: lines and zones on the open source, for the next analysis to count at.

    Signals: `results_changed` other results, or none; `grew` there is more of them; `frames_came` stored frames that
    were asked for are there; `run_changed` one began, pauses, goes on, or ended; `progressed` it came further;
    `options_changed` the folder for results; `trouble` a topic and one sentence; `trouble_over` the topic; `finished`
    an Ended.

    Args:
        worker: goes through a source, in a thread.
    """

    results_changed = Signal()
    grew = Signal()
    frames_came = Signal()
    run_changed = Signal()
    progressed = Signal()
    options_changed = Signal()
    trouble = Signal(str, str)
    trouble_over = Signal(str)
    finished = Signal(object)

    def __init__(
        self, session: Session, settings: SettingsStore, parent: QObject | None = None, worker: Worker = work
    ) -> None:
        super().__init__(parent)
        self.session, self.settings = session, settings
        self.run: Run | None = None
        self.results: Results | None = None
        self.looking = False
        self.scene: Scene | None = None
        self._worker = worker
        self._closed = False
        self._give_up = threading.Event()
        self._working = Background("analysis", self)
        self._finding = Background("finding results", self)
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self._look)
        session.source_opened.connect(self._opened)
        session.source_closed.connect(self._source_gone)

    # What others ask

    @property
    def root(self) -> Path:
        """The folder that results go to, one folder in it per source."""
        chosen = self.settings.get(keys.ANALYSIS_FOLDER)
        return Path(chosen) if chosen else default_root()

    def set_root(self, folder: Path) -> None:
        self.settings.put(keys.ANALYSIS_FOLDER, str(folder))
        self.options_changed.emit()
        self.trouble_over.emit(TOPIC)

    @property
    def hindrance(self) -> str:
        """Why the open source cannot be analysed, in one sentence; "" where it can."""
        playback = self.session.playback
        if playback.info is None:
            return tr("Open a video or a folder of pictures first.")
        if playback.info.kind == "camera":
            return tr("A camera never ends; record it, and analyse the recording.")
        if playback.live:
            return tr("A stream never ends; record it, and analyse the recording.")
        if self.session.choice is None or self.session.model is None:
            return tr("No model answers yet; choose one first.")
        return tr("Another analysis runs; cancel it first.") if self.run is not None else ""

    @property
    def runs_here(self) -> bool:
        """Whether the analysis that runs is of the open source."""
        return self.run is not None and self.run.task.source == self.session.playback.text

    @property
    def paused(self) -> bool:
        return self.run is not None and self.run.pause.is_set()

    # What is wanted

    def start(self, task: Task) -> None:
        """Begin, or go on where the same was begun before; nothing while another one runs."""
        if self.run is not None or self._closed:
            return
        run = self.run = Run(task)
        self.trouble_over.emit(TOPIC)
        self.trouble_over.emit(LEFT_TOPIC)
        self._working.run(lambda: self._work(run), self._ended, self._failed)
        self._timer.start()
        self.run_changed.emit()

    def set_paused(self, paused: bool) -> None:
        """Hold the run, or let it go on."""
        if self.run is not None and paused != self.paused:
            if paused:
                self.run.pause.set()
            else:
                self.run.pause.clear()
            self.run_changed.emit()

    def cancel(self) -> None:
        """End the run after the frames at hand; what was found stays, and can be gone on with."""
        if self.run is not None:
            self.run.stop.set()
            self.run.pause.clear()
            self.run_changed.emit()

    def go_on(self) -> None:
        """Go on with the unfinished results that are on show, by the settings that they were begun with."""
        if self.results is not None and not self.results.finished:
            self.go_on_with(self.results.folder, self.results.head, self.session.playback.text)

    def go_on_with(self, folder: ResultFolder, head: JournalHead, source: str) -> None:
        """Go on with an analysis that was begun in a folder."""
        model, choice = self.session.model, self.session.choice
        file = (
            choice.name if model is not None and choice is not None and model.info.name == head.settings.model else ""
        )
        get = self.settings.get
        try:
            order = order_of(head, file)
        except LooktwiceError as error:
            self.trouble.emit(TOPIC, str(error))
            return
        title = Path(source).name
        track, film = get(keys.ANALYSIS_TRACK), get(keys.ANALYSIS_FILM)
        self.start(Task(source, title, order, self.root, folder, track, film, self.scene))

    # What the last window left

    def tell_left(self) -> None:
        """Say which analysis the closing window stopped, once."""
        left = self.left
        if left is not None:
            name = Path(left.source).name
            sentence = tr("The analysis of {name} was stopped after {n} frames when the window was closed.")
            self.trouble.emit(LEFT_TOPIC, sentence.format(name=name, n=left.frames))

    @property
    def left(self) -> Left | None:
        """What is remembered of it."""
        try:
            told = json.loads(self.settings.get(keys.UNTOLD_ANALYSIS))
            return Left(str(told["source"]), Path(told["folder"]), int(told["frames"]))
        except (ValueError, KeyError, TypeError):
            return None

    def go_on_with_left(self) -> None:
        """Open its source, and go on with it."""
        left = self.left
        self.settings.put(keys.UNTOLD_ANALYSIS, "{}")
        if left is None:
            return
        self.session.open(left.source)
        folder = ResultFolder(left.folder)

        def begin(heads: list[JournalHead]) -> None:
            if heads:
                self.go_on_with(folder, heads[-1], left.source)
            else:
                sentence = tr("The results in {folder} are gone; analyse the video again.")
                self.trouble.emit(TOPIC, sentence.format(folder=left.folder))

        self._finding.run(lambda: heads_of(folder), begin)

    def close(self, timeout_s: float = CLOSING_S) -> None:
        """End the run and wait for that, but no longer than this. What it left is remembered, to be told."""
        if self._closed:
            return
        self._closed = True
        self._timer.stop()
        self._give_up.set()
        run = self.run
        if run is not None:
            run.stop.set()
            if not run.over.wait(timeout_s):
                log.warning("the analysis takes longer than %g s to stop and is left behind", timeout_s)
            if run.folder is not None and run.progress is not None:
                left = {"source": run.task.source, "folder": str(run.folder.path), "frames": run.progress.frames}
                self.settings.put(keys.UNTOLD_ANALYSIS, json.dumps(left))
        self._show(None)
        self._working.close()
        self._finding.close()

    # The run

    def _work(self, run: Run) -> Ended:
        try:
            return self._worker(run)
        finally:
            run.over.set()

    def _look(self) -> None:
        run = self.run
        if run is None:
            return
        if run.folder is not None and run.progress is not None and self.runs_here:
            if not self._shows(run.folder):
                self._show_folder(run.folder)
            elif self.results is not None and not self.results.following:
                # They were on show before it was gone on with.
                self.results.follow(True)
        self.progressed.emit()

    def _ended(self, ended: Ended) -> None:
        run, here = self.run, self.runs_here
        self._end_run()
        assert run is not None
        if here and not self._shows(ended.folder):
            self._show_folder(ended.folder)
        self._remember(run.task.source, ended.folder)
        if ended.trouble:
            self.trouble.emit(TOPIC, ended.trouble)
        self.finished.emit(ended)

    def _failed(self, error: Exception) -> None:
        self._end_run()
        if not isinstance(error, LooktwiceError):
            log.error("the analysis failed", exc_info=error)
        self.trouble.emit(TOPIC, str(error))

    def _end_run(self) -> None:
        run, self.run = self.run, None
        self._timer.stop()
        if run is not None and run.folder is not None and self._shows(run.folder) and self.results is not None:
            self.results.follow(False)
            self.results.read_rest()
        self.run_changed.emit()

    def _remember(self, source: str, folder: ResultFolder) -> None:
        def keep(stamp: str) -> None:
            known = known_from(self.settings.get(keys.ANALYSES))
            self.settings.put(keys.ANALYSES, known_text(known, stamp, folder.path))

        self._finding.run(lambda: stamp_text(source), keep, _leave_it)

    # The results

    def _opened(self, info: SourceInfo) -> None:
        self._source_gone()
        if info.live:
            return
        if self.runs_here and self.run is not None and self.run.folder is not None:
            self._show_folder(self.run.folder)
            return
        text, root, known = self.session.playback.text, self.root, known_from(self.settings.get(keys.ANALYSES))
        give_up = self._give_up = threading.Event()
        self.looking = True

        def found(answer: tuple[str, ResultFolder | None]) -> None:
            stamp, folder = answer
            if give_up.is_set():
                return
            self.looking = False
            if folder is None:
                self.results_changed.emit()
                return
            self.settings.put(keys.ANALYSES, known_text(known, stamp, folder.path))
            if self.results is None:
                self._show_folder(folder)

        def failed(error: Exception) -> None:
            # Nobody asked for them; whoever opens or analyses the source is told what is wrong with it.
            log.info("no results were looked for: %s", error)
            if not give_up.is_set():
                self.looking = False
                self.results_changed.emit()

        self._finding.run(lambda: find(text, root, known, give_up.is_set), found, failed)
        self.results_changed.emit()

    def _source_gone(self) -> None:
        self._give_up.set()
        self.looking = False
        self._show(None)

    def _shows(self, folder: ResultFolder) -> bool:
        return self.results is not None and self.results.folder == folder

    def _show_folder(self, folder: ResultFolder) -> None:
        text = self.session.playback.text

        def show(heads: list[JournalHead]) -> None:
            if not heads or self.session.playback.text != text or self._shows(folder):
                return
            following = self.run is not None and self.run.folder == folder
            self._show(Results(folder, heads[0], following, self))

        self._finding.run(lambda: heads_of(folder), show)

    def _show(self, results: Results | None) -> None:
        before, self.results = self.results, results
        if before is not None:
            before.close()
            before.deleteLater()
        if results is not None:
            results.grew.connect(self.grew)
            results.frames_came.connect(self.frames_came)
            results.failed.connect(self._results_failed)
        if before is not results:
            self.results_changed.emit()

    def _results_failed(self, sentence: str) -> None:
        self.trouble.emit(TOPIC, sentence)


def _leave_it(error: Exception) -> None:
    """The source went meanwhile: its results are found by their content when it is back."""
    log.info("results are not remembered: %s", error)

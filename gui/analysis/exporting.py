"""Clips and stills of a source that was analysed, saved beside its results."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from detector.analysis.folder import ResultFolder
from detector.analysis.journal import Journal, make_folder
from detector.analysis.scene import Scene
from detector.errors import LooktwiceError
from gui.analysis.analysing import Analysing
from gui.analysis.lanes import Filter
from gui.analysis.running import TRACKER
from gui.background import Answer, Background
from gui.capture import Capture
from gui.capture_files import Saved
from gui.playback import Playback
from gui.translation import tr

if TYPE_CHECKING:
    from detector.analysis.held import FilmLook
    from detector.analysis.original import Original

log = logging.getLogger(__name__)

TOPIC = "export"
MOST_STILLS = 500


@dataclass(frozen=True)
class Wish:
    """What to save of. folder: of the results. source: where it is now. boxes, trails: what is drawn in."""

    folder: ResultFolder
    source: str
    boxes: bool
    trails: bool


class Exporting(QObject):
    """Saves one thing after the other in a thread.

    Signals: `busy_changed`; `trouble` a topic and one sentence; `trouble_over` the topic.
    """

    busy_changed = Signal()
    trouble = Signal(str, str)
    trouble_over = Signal(str)

    def __init__(self, analysing: Analysing, playback: Playback, capture: Capture, parent: QObject) -> None:
        super().__init__(parent)
        self.analysing, self.playback, self.capture = analysing, playback, capture
        self.busy = False
        self._stop = threading.Event()
        self._background = Background("exporting", self)

    def save_clip(self, label: int | None, wanted: Filter, trails: bool) -> None:
        """Save what lies between the marks; without marks the appearance of the class on show."""
        bounds = self.bounds(label, wanted)
        results = self.analysing.results
        if results is None or self.busy:
            return
        if bounds is None:
            self.capture.told.emit(
                tr("There is nothing to save: mark in and out first, or go to an appearance of the chosen class.")
            )
            return
        first, last = bounds
        path = results.folder.path / "clips" / f"{results.folder.path.name}-{first + 1}-{last + 1}.mp4"
        wish = Wish(results.folder, self.playback.text, not self.capture.options.clean, trails)
        self._run(lambda: save_clip(wish, path, first, last, self._stop), self.capture.told_saved.emit)

    def save_stills(self, label: int | None, wanted: Filter) -> None:
        """Save the best frame of each appearance of a class, where there are marks between these."""
        results = self.analysing.results
        if results is None or label is None or self.busy:
            return
        first, last = self.playback.first or 0, self.playback.last
        frames = []
        for begin, end in results.appearances(label, wanted).tolist():
            begin, end = max(begin, first), end if last is None else min(end, last)
            best = results.presence.best_within(label, begin, end) if begin <= end else None
            frames += [best] if best is not None else []
        if not frames:
            self.capture.told.emit(tr("There is nothing to save: the chosen class does not appear between the marks."))
            return
        path = results.folder.path / "stills"
        wish = Wish(results.folder, self.playback.text, self.capture.options.boxes, False)
        self._run(lambda: save_stills(wish, path, frames[:MOST_STILLS], self._stop), self.capture.told_saved.emit)

    def count(self, scene: Scene) -> None:
        """Count at lines and zones, where all of the source was analysed."""
        results = self.analysing.results
        if results is None or not results.finished or self.busy or self.analysing.run is not None:
            return
        folder, source = results.folder, self.playback.text

        def counted(_answer: object) -> None:
            if self.analysing.results is results:
                results.read_rest()

        self._run(lambda: count_at(folder, source, scene, self._stop), counted)

    def bounds(self, label: int | None, wanted: Filter) -> tuple[int, int] | None:
        """From which to which frame a clip goes; None where nothing says so."""
        playback, results = self.playback, self.analysing.results
        if results is None:
            return None
        if playback.first is not None or playback.last is not None:
            last = playback.last if playback.last is not None else results.frame_span - 1
            return playback.first or 0, last
        spans = results.appearances(label, wanted).tolist() if label is not None else []
        return next(((first, last) for first, last in spans if first <= playback.index <= last), None)

    def close(self) -> None:
        self._stop.set()
        self._background.close()

    def _run(self, work: Callable[[], Answer], done: Callable[[Answer], None]) -> None:
        self.busy = True
        self.trouble_over.emit(TOPIC)
        self.busy_changed.emit()

        def ended(answer: Answer) -> None:
            self._done()
            done(answer)

        self._background.run(work, ended, self._failed)

    def _failed(self, error: Exception) -> None:
        self._done()
        if not isinstance(error, LooktwiceError):
            log.error("saving of an analysis failed", exc_info=error)
        self.trouble.emit(TOPIC, str(error))

    def _done(self) -> None:
        self.busy = False
        self.busy_changed.emit()


def save_clip(wish: Wish, path: Path, first: int, last: int, stop: threading.Event) -> Saved:
    """Raises LooktwiceError, and PassStoppedError where it was asked to stop."""
    from detector.analysis.clips import export_clip
    from detector.analysis.walking import Watch

    journal = Journal(wish.folder)
    make_folder(ResultFolder(path.parent))
    told = export_clip(journal, path, first, last, _look(wish), _original(wish, journal, stop), Watch(stop=stop))
    return Saved(path, tr("{n} frames; {details}").format(n=f"{last - first + 1:,}", details=told))


def save_stills(wish: Wish, folder: Path, frames: list[int], stop: threading.Event) -> Saved:
    """Raises LooktwiceError, and PassStoppedError where it was asked to stop."""
    from detector.analysis.clips import export_stills
    from detector.analysis.walking import Watch

    journal = Journal(wish.folder)
    make_folder(ResultFolder(folder))
    written = export_stills(journal, folder, frames, _look(wish), _original(wish, journal, stop), Watch(stop=stop))
    count = len(written)
    return Saved(written[0], tr("1 picture") if count == 1 else tr("{n} pictures").format(n=f"{count:,}"))


def count_at(folder: ResultFolder, source: str, scene: Scene, stop: threading.Event) -> None:
    """Make the counts of a folder anew, and the tracks where there are none. Raises LooktwiceError."""
    from detector.analysis.finish import Wanted, write_results

    write_results(Journal(folder), Wanted(track=TRACKER, scene=scene, source=source), stop=stop)


def _look(wish: Wish) -> FilmLook | None:
    from detector.analysis.held import FilmLook

    return FilmLook(trails=wish.trails) if wish.boxes else None


def _original(wish: Wish, journal: Journal, stop: threading.Event) -> Original:
    from detector.analysis.original import Original

    return Original(journal, stop, wish.source)

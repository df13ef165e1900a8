"""One source from its first frame to its last file: what the command, a process of it or another machine does."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from detector.analysis.finish import Wanted, write_results
from detector.analysis.folder import ResultFolder
from detector.analysis.journal import Journal
from detector.analysis.looking import Flag
from detector.analysis.order import RunOrder
from detector.analysis.progress import Progress
from detector.analysis.run import analyze
from detector.analysis.walking import PassProgress
from detector.detector import Detector
from detector.errors import LooktwiceError

Step = Progress | PassProgress


@dataclass(frozen=True)
class Task:
    """What is to be done with one source. folder: of its results. again: see `analyze`."""

    source: str
    folder: Path
    order: RunOrder
    wanted: Wanted
    again: bool = False


@dataclass(frozen=True)
class Report:
    """What came of a task.

    frames: in the journal; new: added by this run, in `run_s` seconds. finished: everything is there. trouble: what
    could not be read of the source; error: why it is not finished; "" for none. counts: new and old detections by class
    name, empty where nothing was new. files: how many there are.
    """

    source: str
    folder: Path
    frames: int = 0
    new: int = 0
    run_s: float = 0.0
    finished: bool = False
    trouble: str = ""
    error: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    files: int = 0

    @property
    def sentence(self) -> str:
        """What was done, for people."""
        frames = f"{self.frames} frame{'s' if self.frames != 1 else ''}"
        if not self.finished:
            return f"{self.source}: {frames} so far, can be gone on with -> {self.folder}"
        if self.new == 0:
            return f"{self.source}: {frames}, analysed before -> {self.folder} ({self.files} files)"
        found = ", ".join(f"{name} {count}" for name, count in sorted(self.counts.items(), key=_most)) or "nothing"
        rate = f" at {self.new / self.run_s:.1f} frames/s" if self.new > 1 and self.run_s > 0 else ""
        return f"{self.source}: {frames}{rate}: {found} -> {self.folder} ({self.files} files)"


def _most(item: tuple[str, int]) -> tuple[int, str]:
    return -item[1], item[0]


def do(task: Task, detectors: Sequence[Detector], progress: Callable[[Step], None], stop: Flag) -> Report:
    """Analyse the source and make the files of it; what goes wrong with it is told in the report.

    What is done already is not done again, so that calling this twice, or after a kill, ends with the same files.
    """
    last: list[Progress] = []

    def note(step: Progress) -> None:
        last[:] = [step]
        progress(step)

    folder = ResultFolder(task.folder)
    frames, new, trouble, begun_s = 0, 0, "", time.monotonic()
    run_s = 0.0
    # Reading a long file through takes a while, before its first frame.
    progress(Progress(0, None, 0.0, None, {}))
    try:
        outcome = analyze(task.source, folder, task.order, detectors, note, stop, again=task.again)
        frames, new, trouble, run_s = outcome.frames, outcome.new, outcome.trouble, time.monotonic() - begun_s
        # The source may have been moved since its journal was begun.
        wanted = replace(task.wanted, source=task.source)
        files = write_results(Journal(folder), wanted, progress, stop) if outcome.finished else []
    except LooktwiceError as error:
        return Report(task.source, task.folder, frames, new, run_s, False, trouble, str(error))
    finished = outcome.finished and not stop.is_set()
    counts = last[0].counts if last else {}
    return Report(task.source, task.folder, frames, new, run_s, finished, trouble, "", counts, len(files))

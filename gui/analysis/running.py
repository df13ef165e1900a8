"""One analysis from its start to its end: what the thread does, and what the window reads of it meanwhile. No Qt."""

from __future__ import annotations

import threading
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from detector.analysis.folder import ResultFolder
from detector.analysis.journal import Journal, JournalHead
from detector.analysis.scene import Scene
from gui.analysis.folders import place_for

if TYPE_CHECKING:
    from detector.analysis.finish import Wanted
    from detector.analysis.order import RunOrder
    from detector.analysis.progress import Progress
    from detector.analysis.walking import PassProgress
    from detector.detector import Detector

TRACKER = "bytetrack"


@dataclass(frozen=True)
class Task:
    """What is to be done.

    source: as `open_source` takes it. title: for people. root: where the folder of its results is made; folder: the one
    to go on in, None for a fitting one in `root`. track, annotate: what is made beside the tables. scene: lines and
    zones to count at.
    """

    source: str
    title: str
    order: RunOrder
    root: Path
    folder: ResultFolder | None = None
    track: bool = True
    annotate: bool = False
    scene: Scene | None = None


@dataclass(frozen=True)
class Ended:
    """How it ended. frames: in the journal. finished: all files of the results are there; else it can go on. trouble:
    what could not be read of the source, or "".
    """

    folder: ResultFolder
    frames: int
    finished: bool
    trouble: str


@dataclass
class Run:
    """Shared by the thread that works and the window, which reads `folder`, `progress` and `making` whenever it likes.

    folder: once it is known. progress: of the frames. making: of the files that are made afterwards.
    """

    task: Task
    stop: threading.Event = field(default_factory=threading.Event)
    pause: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)
    folder: ResultFolder | None = None
    progress: Progress | None = None
    making: PassProgress | None = None

    def take_progress(self, progress: Progress) -> None:
        self.progress = progress

    def take_making(self, making: PassProgress) -> None:
        self.making = making


class Worker(Protocol):
    """What goes through a source; `work` unless a test has another one."""

    def __call__(self, run: Run) -> Ended: ...


def work(run: Run) -> Ended:
    """Do the task, until it is done or `run.stop` is set. For a thread of its own.

    Raises:
        LooktwiceError: in one sentence, why it cannot go on; what was found until then stays.
    """
    from detector.analysis.finish import write_results
    from detector.analysis.order import lanes_here, load_detectors
    from detector.analysis.run import analyze

    task = run.task
    # One core is left to the window, which goes on playing.
    detectors = load_detectors(task.order, max(1, lanes_here() - 1))
    folder = task.folder or place_for(task.source, task.root, lambda: _head_of(task, detectors[0]))
    run.folder = folder
    outcome = analyze(task.source, folder, task.order, detectors, run.take_progress, run.stop, run.pause)
    if not outcome.finished or run.stop.is_set():
        return Ended(folder, outcome.frames, False, outcome.trouble)
    write_results(Journal(folder), _wanted(task), run.take_making, run.stop)
    return Ended(folder, outcome.frames, not run.stop.is_set(), outcome.trouble)


def _wanted(task: Task) -> Wanted:
    from detector.analysis.finish import Wanted

    counts = task.scene is not None
    track = TRACKER if task.track or counts else None
    return Wanted(track=track, scene=task.scene, annotate=task.annotate, source=task.source)


def _head_of(task: Task, detector: Detector) -> JournalHead:
    """What a journal of this task would be of."""
    from detector.analysis.identity import Content, content_of, facts_of
    from detector.analysis.order import settings_of
    from detector.frames import open_source

    with closing(open_source(task.source)) as opened:
        info = opened.info
    content = content_of(task.source) or Content("", 0)
    return JournalHead(facts_of(task.source, info, content), settings_of(task.order, detector))


def order_of(head: JournalHead, model: str = "") -> RunOrder:
    """The order that a journal was begun with, to go on with it. model: where it is no shipped one, its file."""
    from detector.analysis.order import RunOrder
    from detector.registry import ENGINES

    made = head.settings
    return RunOrder(
        model=model or made.model,
        size=made.size,
        precision="bf16" if made.precision == "bf16" else "f32",
        engine=next((engine for engine in ENGINES if engine == made.engine), "auto"),
        score=made.score,
        nms_iou=made.nms_iou,
        classes=made.classes,
        every=made.every,
        fps=made.fps,
        from_s=made.from_s,
        to_s=made.to_s,
    )

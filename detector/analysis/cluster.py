"""Analyses on several machines by Ray: a task for each source, and for each part of a long one.

Every machine reads the sources and writes the results under the same paths, on a disk that all share; `local` is this
computer alone. A task whose worker dies is done again on another one and goes on where the first stopped, so the
results are those of one run. That two machines compute the same bits asks for the same kind of processor.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any

from detector.analysis.choosing import Stretch
from detector.analysis.folder import ResultFolder
from detector.analysis.identity import Stamp, content_of, facts_of, stamp_of
from detector.analysis.journal import JournalHead
from detector.analysis.lock import locked
from detector.analysis.looking import Flag
from detector.analysis.order import RunOrder, choice_of, lanes_here, settings_of
from detector.analysis.parts import PART_FRAMES, analyze_part, can_be_joined, divide, join
from detector.analysis.places import heads_of
from detector.analysis.progress import Progress
from detector.analysis.run import forget
from detector.analysis.standing import Standing, is_same, standing
from detector.analysis.task import Report, Step, Task, do
from detector.analysis.workers import Loader, Told, load
from detector.detector import Detector
from detector.errors import LooktwiceError, NotDividedError, OptionError, SourceError
from detector.frames import SourceInfo, open_source

LOCAL = "local"
RETRIES = 3
LOOK_S = 0.3
KNOCK_S = 10.0
TELL_APART_S = 0.5


@contextmanager
def joined_cluster(address: str) -> Iterator[Any]:
    """Ray's module while it is connected to a cluster, or to one that is started on this computer.

    Raises:
        OptionError: Ray is not installed, or no cluster answers.
    """
    # It would report how it is used.
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    try:
        import ray
    except ImportError as error:
        raise OptionError("--cluster needs Ray: pip install 'looktwice[cluster]'.") from error
    if address != LOCAL:
        _knock(address)
    options: dict[str, Any] = {"logging_level": logging.ERROR, "log_to_driver": False}
    if address == LOCAL:
        options |= {"num_cpus": lanes_here(), "include_dashboard": False}
    try:
        ray.init(address=address, **options)
    except (ConnectionError, ValueError) as error:
        raise OptionError(_nobody(address)) from error
    try:
        yield ray
    finally:
        ray.shutdown()


def _knock(address: str) -> None:
    """Raises OptionError where nobody listens at HOST:PORT: Ray itself would try for minutes."""
    host, _, port = address.rpartition("://")[2].rpartition(":")
    if not host or not port.isdecimal():
        # Left to Ray: "auto" looks for one that was started here.
        return
    try:
        socket.create_connection((host, int(port)), timeout=KNOCK_S).close()
    except (OSError, OverflowError) as error:
        raise OptionError(_nobody(address)) from error


def _nobody(address: str) -> str:
    return f"no Ray cluster answers at {address}; start one with `ray start --head`, or give --cluster {LOCAL}."


def work_on_cluster(
    tasks: Sequence[Task],
    told: Told,
    stop: Flag,
    ray: Any,
    loader: Loader = load,
    part_frames: int = PART_FRAMES,
) -> Iterator[Report]:
    """Do the tasks on the cluster and give what came of each, in the order in which they end.

    Args:
        told: how far a task is. stop: ends all of them; they can be gone on with. ray: from `joined_cluster`.
        loader: must be importable on every machine. part_frames: see `divide`.
    """
    with ExitStack() as locks:
        driver = _Driver(ray, told, loader, part_frames, locks)
        # Reading a long file through takes a while; what was handed out before is done meanwhile.
        for task in tasks:
            yield from driver.begin(task)
        while driver.works:
            if stop.is_set():
                driver.stop()
            yield from driver.look()


@dataclass
class _Job:
    """A task while it is being done.

    head, info, stamp, stretches: of its source, where it is divided; lock: of its folder. waiting: parts under way.
    steps: how far each part is, None for what is done in one piece. joined: what all parts together found.
    """

    task: Task
    begun_s: float
    head: JournalHead | None = None
    info: SourceInfo | None = None
    stamp: Stamp | None = None
    stretches: tuple[Stretch, ...] = ()
    lock: ExitStack = field(default_factory=ExitStack)
    waiting: set[Stretch] = field(default_factory=set)
    steps: dict[Stretch | None, Progress] = field(default_factory=dict)
    joined: Progress | None = None
    error: str = ""
    not_divided: bool = False

    def progress(self) -> Progress:
        """Of all parts together."""
        if None in self.steps:
            return self.steps[None]
        steps = self.steps.values()
        counts: Counter[str] = Counter()
        for step in steps:
            counts.update(step.counts)
        frames, rate = sum(step.frames for step in steps), sum(step.frames_per_s for step in steps)
        expected = None
        if self.head is not None and self.info is not None:
            expected = choice_of(self.head.settings).expected(self.info)
        left_s = None if expected is None or rate == 0 else max(0, expected - frames) / rate
        return Progress(frames, expected, rate, left_s, counts)


@dataclass(frozen=True)
class _PartReport:
    """error: what went wrong, in one sentence, or "". not_divided: the source has to be read through instead."""

    error: str = ""
    not_divided: bool = False


class _Driver:
    """Hands tasks to the cluster, keeps what is under way, and joins the parts of what was divided."""

    def __init__(self, ray: Any, told: Told, loader: Loader, part_frames: int, locks: ExitStack) -> None:
        self._ray, self._told, self._loader, self._part_frames, self._locks = ray, told, loader, part_frames, locks
        self._whole = ray.remote(num_cpus=1, max_retries=RETRIES)(_do_whole)
        self._part = ray.remote(num_cpus=1, max_retries=RETRIES)(_do_part)
        self._desk = ray.remote(num_cpus=0, max_restarts=-1)(_Desk).remote()
        self._under_way: dict[Any, tuple[_Job, Stretch | None]] = {}
        self._jobs: dict[str, _Job] = {}
        self._stopped = False

    @property
    def works(self) -> bool:
        return bool(self._under_way)

    def begin(self, task: Task) -> Iterator[Report]:
        """Hand out a task, in parts where it is long. Gives a report where it cannot even begin."""
        job = self._jobs[task.source] = _Job(task, time.monotonic())
        try:
            self._divide(job)
        except LooktwiceError as error:
            job.lock.close()
            yield Report(task.source, task.folder, error=str(error))
            return
        if len(job.stretches) > 1:
            for stretch in job.stretches:
                self._hand_out_part(job, stretch)
        else:
            self._hand_out(job)

    def look(self) -> Iterator[Report]:
        """Wait a little, tell how far all are, and go on with whatever has ended."""
        ready, _ = self._ray.wait(list(self._under_way), num_returns=1, timeout=LOOK_S)
        self._tell()
        for reference in ready:
            job, stretch = self._under_way.pop(reference)
            said = self._result(reference, job, stretch)
            if isinstance(said, Report):
                yield self._closing(job, said)
            else:
                yield from self._part_ended(job, stretch, said)

    def _result(self, reference: Any, job: _Job, stretch: Stretch | None) -> Report | _PartReport:
        try:
            result: Report | _PartReport = self._ray.get(reference)
            return result
        except self._ray.exceptions.RayError as error:
            if isinstance(error, self._ray.exceptions.RayTaskError) and not self._stopped:
                # An error in the program.
                raise
            why = f"{job.task.source}: its worker died {RETRIES + 1} times ({type(error).__name__}); analyse it again."
            why = "" if self._stopped else why
            return _PartReport(why) if stretch is not None else Report(job.task.source, job.task.folder, error=why)

    def stop(self) -> None:
        """Interrupt everything; what was written stays."""
        if not self._stopped:
            self._stopped = True
            for reference in self._under_way:
                self._ray.cancel(reference)

    def _divide(self, job: _Job) -> None:
        """Find out whether the task is worth dividing, and have its folder to ourselves if so."""
        task = job.task
        detector = self._loader(task, 1)[0]
        settings = settings_of(task.order, detector)
        # Every machine computes in what is chosen here.
        job.task = task = replace(task, order=_pinned(task.order, detector))
        with closing(open_source(task.source)) as opened:
            job.info, job.stamp = opened.info, stamp_of(task.source)
            stretches = divide(opened, choice_of(settings), self._part_frames)
        if len(stretches) == 1:
            return
        content = content_of(task.source)
        if content is None:
            return
        folder = ResultFolder(task.folder)
        head = JournalHead(facts_of(task.source, job.info, content), settings)
        job.lock = self._locks.enter_context(ExitStack())
        job.lock.enter_context(locked(folder))
        if standing(folder, head, task.again) is not Standing.BEGIN:
            # Finished, or begun in one piece: it is gone on with in one.
            job.lock.close()
            return
        parts = [head for path in folder.parts.glob("*") for head in heads_of(ResultFolder(path))]
        if task.again or not all(is_same(part, head) for part in parts):
            forget(folder)
        job.head, job.stretches = head, stretches

    def _hand_out(self, job: _Job) -> None:
        reference = self._whole.remote(os.getcwd(), job.task, self._loader, self._desk)
        self._under_way[reference] = job, None

    def _hand_out_part(self, job: _Job, stretch: Stretch) -> None:
        job.waiting.add(stretch)
        reference = self._part.remote(os.getcwd(), job.task, job.head, stretch, self._loader, self._desk)
        self._under_way[reference] = job, stretch

    def _part_ended(self, job: _Job, stretch: Stretch | None, report: _PartReport) -> Iterator[Report]:
        """Join the parts when they are all there."""
        if stretch is not None:
            job.waiting.discard(stretch)
        job.error = job.error or report.error
        job.not_divided = job.not_divided or report.not_divided
        if job.waiting:
            return
        task, frames = job.task, job.progress().frames
        try:
            if job.error or self._stopped:
                yield Report(task.source, task.folder, frames, error=job.error)
                return
            self._join(job)
        except LooktwiceError as failed:
            yield Report(task.source, task.folder, frames, error=str(failed))
            return
        finally:
            job.lock.close()
        # What is left are the tables; or all of it, where it is damaged and has to be read through.
        job.task = replace(task, again=False)
        self._hand_out(job)

    def _join(self, job: _Job) -> None:
        assert job.head is not None
        folder, source = ResultFolder(job.task.folder), job.task.source
        if stamp_of(source) != job.stamp:
            forget(folder)
            raise SourceError(f"{source} has changed while it was analysed; analyse it again.")
        if not job.not_divided and can_be_joined(folder, job.stretches):
            join(folder, job.head, job.stretches)
            job.joined = job.progress()
        forget(folder)

    def _closing(self, job: _Job, report: Report) -> Report:
        if job.joined is None or report.error:
            return report
        run_s = time.monotonic() - job.begun_s
        return replace(report, new=report.frames, run_s=run_s, counts=job.joined.counts)

    def _tell(self) -> None:
        # Whatever becomes of the desk, it only keeps what is shown.
        with suppress(self._ray.exceptions.RayError):
            for (source, stretch), step in self._ray.get(self._desk.read.remote()):
                job = self._jobs[source]
                if isinstance(step, Progress):
                    job.steps[stretch] = step
                    self._told(job.task, job.progress())
                else:
                    self._told(job.task, step)


class _Desk:
    """Where workers say how far they are; an actor."""

    def __init__(self) -> None:
        self._steps: dict[tuple[str, Stretch | None], Step] = {}

    def tell(self, source: str, stretch: Stretch | None, step: Step) -> None:
        self._steps[source, stretch] = step

    def read(self) -> list[tuple[tuple[str, Stretch | None], Step]]:
        """What is new since it was asked last."""
        steps, self._steps = list(self._steps.items()), {}
        return steps


class _Teller:
    """Tells the desk, now and then and at the end of a part."""

    def __init__(self, desk: Any, source: str, stretch: Stretch | None) -> None:
        self._desk, self._source, self._stretch = desk, source, stretch
        self._last_s = 0.0
        self._last: Step | None = None

    def __call__(self, step: Step) -> None:
        self._last = step
        now_s = time.monotonic()
        if now_s - self._last_s >= TELL_APART_S:
            self._last_s = now_s
            self._desk.tell.remote(self._source, self._stretch, step)

    def end(self) -> None:
        if self._last is not None:
            self._desk.tell.remote(self._source, self._stretch, self._last)


def _do_whole(folder: str, task: Task, loader: Loader, desk: Any) -> Report:
    """On a worker, in the driver's working folder: the whole of a source."""
    os.chdir(folder)
    try:
        detectors = _loaded(task, loader)
    except LooktwiceError as error:
        return Report(task.source, task.folder, error=str(error))
    return do(task, detectors, _Teller(desk, task.source, None), threading.Event())


def _do_part(folder: str, task: Task, head: JournalHead, stretch: Stretch, loader: Loader, desk: Any) -> _PartReport:
    """On a worker, in the driver's working folder: a part of a source."""
    os.chdir(folder)
    teller = _Teller(desk, task.source, stretch)
    try:
        analyze_part(ResultFolder(task.folder), head, stretch, _loaded(task, loader), teller, threading.Event())
    except NotDividedError:
        return _PartReport(not_divided=True)
    except LooktwiceError as error:
        return _PartReport(str(error))
    teller.end()
    return _PartReport()


_LOADED: dict[RunOrder, Sequence[Detector]] = {}
"""Of a worker, which does many tasks of one order."""


def _loaded(task: Task, loader: Loader) -> Sequence[Detector]:
    if task.order not in _LOADED:
        _LOADED.clear()
        _LOADED[task.order] = loader(task, 1)
    return _LOADED[task.order]


def _pinned(order: RunOrder, detector: Detector) -> RunOrder:
    """The order with what was left open filled in."""
    return replace(order, size=detector.size, precision=detector.engine.precision)

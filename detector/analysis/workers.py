"""Several sources at once, each in a process of its own that may die without harm to the others."""

from __future__ import annotations

import multiprocessing
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from queue import Empty, SimpleQueue

from detector.analysis.looking import Flag
from detector.analysis.order import lanes_here, load_detectors
from detector.analysis.task import Report, Step, Task, do
from detector.detector import Detector
from detector.errors import LooktwiceError

TRIES = 2
TELL_APART_S = 0.2
STOP_LOOKS_S = 0.2
Told = Callable[[Task, Step], None]
Loader = Callable[[Task, int], Sequence[Detector]]


def load(task: Task, lanes: int) -> Sequence[Detector]:
    """The detectors of a task; every task of a worker has the same order."""
    return load_detectors(task.order, lanes)


def work_through(tasks: Sequence[Task], told: Told, stop: Flag, jobs: int, loader: Loader = load) -> Iterator[Report]:
    """Do the tasks in `jobs` processes and give what came of each, in the order in which they end.

    A task whose process is killed is tried once more, in a new one, and goes on where the first stopped.

    Args:
        told: called from other threads, how far a task is.
        stop: ends all of them after the frames at hand.
        loader: called in each process; must be importable from there.
    """
    waiting: SimpleQueue[Task] = SimpleQueue()
    for task in tasks:
        waiting.put(task)
    done: SimpleQueue[Report | BaseException] = SimpleQueue()
    lanes = max(1, lanes_here() // jobs)
    threads = [
        threading.Thread(target=_serve, args=(waiting, done, lanes, told, stop, loader), name=f"job {number}")
        for number in range(min(jobs, len(tasks)))
    ]
    for thread in threads:
        thread.start()
    for _task in tasks:
        report = _next(done, threads)
        if report is None:
            break
        if isinstance(report, BaseException):
            raise report
        yield report
    for thread in threads:
        thread.join()


def _next(
    done: SimpleQueue[Report | BaseException], threads: Sequence[threading.Thread]
) -> Report | BaseException | None:
    """What ends next; None where stopping left tasks that nobody began."""
    while True:
        alive = any(thread.is_alive() for thread in threads)
        with suppress(Empty):
            return done.get(timeout=STOP_LOOKS_S if alive else 0)
        if not alive:
            return None


def _serve(
    waiting: SimpleQueue[Task],
    done: SimpleQueue[Report | BaseException],
    lanes: int,
    told: Told,
    stop: Flag,
    loader: Loader,
) -> None:
    """One after the other, in a process that is replaced when it dies."""
    worker: _Worker | None = None
    try:
        while not stop.is_set():
            try:
                task = waiting.get_nowait()
            except Empty:
                return
            for _try in range(TRIES):
                worker = worker or _Worker(lanes, loader)
                report = worker.do(task, told, stop)
                if report is not None or stop.is_set():
                    break
                worker.close()
                worker = None
                task = replace(task, again=False)
            if report is None:
                why = f"its process was killed {TRIES} times; analyse it again to go on."
                report = Report(task.source, task.folder, error="" if stop.is_set() else f"{task.source}: {why}")
            done.put(report)
    except BaseException as error:  # the thread that waits for reports has to know
        done.put(error)
    finally:
        if worker is not None:
            worker.close()


class _Worker:
    """A process that does tasks, seen from outside."""

    def __init__(self, lanes: int, loader: Loader) -> None:
        # Forking a process that has threads of torch and FFmpeg would copy their locks as they happen to be.
        context = multiprocessing.get_context("spawn")
        self._ours, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, lanes, loader), name="analysis", daemon=True)
        self._process.start()
        # Ours is the only other end from now on: when the process dies, this end is told.
        theirs.close()

    def do(self, task: Task, told: Told, stop: Flag) -> Report | None:
        """What came of it; None where the process died."""
        asked = False
        try:
            self._ours.send(task)
            while True:
                if stop.is_set() and not asked:
                    asked = True
                    self._ours.send(None)
                if not self._ours.poll(STOP_LOOKS_S):
                    continue
                said = self._ours.recv()
                if isinstance(said, Report):
                    return said
                told(task, said)
        except (EOFError, OSError):
            return None

    def close(self) -> None:
        """Let the process end."""
        self._ours.close()
        self._process.join()


@dataclass
class _Asked:
    """Whether the other end said stop, or is gone. No lock is shared that a killed process could keep."""

    connection: Connection
    asked: bool = False

    def is_set(self) -> bool:
        self.asked = self.asked or self.connection.poll()
        return self.asked

    def wait(self, timeout: float | None = None) -> bool:
        self.asked = self.asked or self.connection.poll(timeout)
        return self.asked


def _work(connection: Connection, lanes: int, loader: Loader) -> None:
    """The process: does the tasks that come, until nobody sends any more."""
    # Ctrl-C reaches all processes of a terminal; the first one tells this one what to do.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    detectors: Sequence[Detector] = ()
    last_s = 0.0

    def tell(step: Step) -> None:
        nonlocal last_s
        now_s = time.monotonic()
        if now_s - last_s >= TELL_APART_S:
            last_s = now_s
            connection.send(step)

    with suppress(EOFError, OSError):
        while (task := connection.recv()) is not None:
            try:
                detectors = detectors or loader(task, lanes)
            except LooktwiceError as error:
                connection.send(Report(task.source, task.folder, error=str(error)))
                continue
            connection.send(do(task, detectors, tell, _Asked(connection)))

"""Work that must not hold the window still: done in one thread, answered in the GUI thread."""

from __future__ import annotations

import contextlib
import itertools
import logging
import queue
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")
Job = tuple[Callable[[], Any], Callable[[Any], None], Callable[[Exception], None]]


class _Desk:
    """What thread and window share. No object of Qt's: one that lost its last reference in the thread while the GUI
    thread deletes it would take the program along. For the same reason jobs are kept and dropped in the GUI thread.
    """

    def __init__(self) -> None:
        self.numbers: queue.SimpleQueue[int | None] = queue.SimpleQueue()
        self.jobs: dict[int, Job] = {}
        self.closed = False

    def close(self) -> None:
        self.closed = True
        self.jobs.clear()
        self.numbers.put(None)


class _Post(QObject):
    """Takes answers from all threads to the GUI thread. There is one, as long as the program runs."""

    sent = Signal(object, int, object)

    def __init__(self) -> None:
        super().__init__()
        self.sent.connect(self._answer, Qt.ConnectionType.QueuedConnection)

    def _answer(self, desk: _Desk, number: int, answer: Any) -> None:
        job = desk.jobs.pop(number, None)
        if job is not None:
            _, done, failed = job
            if isinstance(answer, _Failure):
                failed(answer.error)
            else:
                done(answer)


class _Failure:
    def __init__(self, error: Exception) -> None:
        self.error = error


_posts: list[_Post] = []


class Background(QObject):
    """Does jobs one after the other in a daemon thread of its own, from the first job until this object is gone.

    Args:
        name: of the thread.
    """

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.name = name
        self._thread: threading.Thread | None = None
        self._numbers = itertools.count()
        self._desk = desk = _Desk()
        if not _posts:
            # Not at import, when there may be no application yet.
            _posts.append(_Post())
        self.destroyed.connect(lambda: desk.close())

    def run(
        self,
        work: Callable[[], Answer],
        done: Callable[[Answer], None],
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """Do `work` in the thread; then call `done` with its answer or `failed` with what it raised, here.

        Without `failed` an exception is logged. Nothing is called any more after `close`.
        """
        if self._desk.closed:
            return
        if self._thread is None:
            self._thread = threading.Thread(target=_work, args=(self._desk, _posts[0]), name=self.name, daemon=True)
            self._thread.start()
        number = next(self._numbers)
        self._desk.jobs[number] = (work, done, failed or _logging(self.name))
        self._desk.numbers.put(number)

    def close(self) -> None:
        """Drop what waits and answer nothing more. Does not wait for the job under way."""
        self._desk.close()


def _work(desk: _Desk, post: _Post) -> None:
    while (number := desk.numbers.get()) is not None:
        job = desk.jobs.get(number)
        if job is None:
            return
        answer: Any
        try:
            answer = job[0]()
        except Exception as error:
            answer = _Failure(error)
        # Before the answer is there: the GUI thread is to be the last that knows the job.
        del job
        if desk.closed:
            return
        # Qt's part of the post goes at the program's end, when nobody waits for answers.
        with contextlib.suppress(RuntimeError):
            post.sent.emit(desk, number, answer)
        del answer


def _logging(name: str) -> Callable[[Exception], None]:
    return lambda error: log.error("%s failed", name, exc_info=error)

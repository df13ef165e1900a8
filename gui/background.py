"""Work that must not hold the window still: done in one thread, answered in the GUI thread."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")
Job = tuple[Callable[[], Any], Callable[[Any], None], Callable[[Exception], None]]


class _Post(QObject):
    """Takes answers from the thread to the GUI thread. It has no parent: whoever still sends through it keeps it."""

    sent = Signal(object, object)


class Background(QObject):
    """Does jobs one after the other in a daemon thread of its own, which starts with the first job.

    Args:
        name: of the thread.
    """

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.name = name
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._closed = False
        # Not a signal of its own: Qt may delete this object at any moment, also while the thread emits.
        self._post = _Post()
        self._post.sent.connect(self._answer, Qt.ConnectionType.QueuedConnection)

    def run(
        self,
        work: Callable[[], Answer],
        done: Callable[[Answer], None],
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """Do `work` in the thread; then call `done` with its answer or `failed` with what it raised, here.

        Without `failed` an exception is logged. Nothing is called any more after `close`.
        """
        if self._closed:
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name=self.name, daemon=True)
            self._thread.start()
        self._jobs.put((work, done, failed or self._log))

    def close(self) -> None:
        """Drop what waits and answer nothing more. Does not wait for the job under way."""
        if self._closed:
            return
        self._closed = True
        while True:
            try:
                self._jobs.get_nowait()
            except queue.Empty:
                break
        self._jobs.put(None)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            work, done, failed = job
            called: Callable[[Any], None] = done
            try:
                answer = work()
            except Exception as error:
                called, answer = failed, error
            if self._closed:
                return
            self._post.sent.emit(called, answer)

    def _answer(self, called: Callable[[Any], None], answer: Any) -> None:
        if not self._closed:
            called(answer)

    def _log(self, error: Exception) -> None:
        log.error("%s failed", self.name, exc_info=error)

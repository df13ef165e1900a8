"""One thread that explains: gradients and projections are slow, and nobody else may wait for them."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QTimer

from detector.errors import LooktwiceError
from gui.background import Background
from gui.inspect.networks import Networks
from gui.session import Session
from gui.translation import tr

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")

REST_S = 1.0
"""Between two explanations while the source plays."""
LARGEST_SHARE = 0.2
"""Of the time that explaining may take while the source plays; the lane needs the same cores."""


@dataclass(frozen=True, eq=False)
class _Job:
    work: Callable[[Networks], Any]
    wanted: Callable[[], bool]
    done: Callable[[Any], None]
    failed: Callable[[str], None]
    rest_s: float
    networks: Networks


class Explainer(QObject):
    """Does one job at a time, of each topic only the newest. Lives in the GUI thread, where answers arrive too.

    While the source plays it rests between jobs; what is paused on is explained at once. An answer that nobody wants
    any more when it is there, or that is about another model or source than runs by then, is dropped.

    Args:
        clock: seconds, for the rests.
    """

    def __init__(
        self, session: Session, parent: QObject | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(parent or session)
        self.session = session
        self._clock = clock
        self._networks = Networks()
        self._waiting: dict[str, _Job] = {}
        self._running: tuple[str, _Job] | None = None
        self._began_s = self._ended_s = self._took_s = 0.0
        self._background = Background("explaining", self)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.timeout.connect(self._go_on)
        session.playback_changed.connect(self._mind_pause)
        session.model_changed.connect(self._forget_all)
        session.source_opened.connect(self._forget_all)
        session.source_closed.connect(self._forget_all)

    def ask(
        self,
        topic: str,
        work: Callable[[Networks], Answer],
        wanted: Callable[[], bool],
        done: Callable[[Answer], None],
        failed: Callable[[str], None],
        rest_s: float = REST_S,
    ) -> None:
        """Have `work` done in the thread, instead of what still waits of this topic.

        Args:
            wanted: asked before the work begins and once more when its answer is there.
            done, failed: called here, with the answer or with one sentence.
            rest_s: how long after the last job it may begin while the source plays.
        """
        # What waited longest is next, however often it was renewed.
        self._waiting[topic] = _Job(work, wanted, done, failed, rest_s, self._networks)
        self._go_on()

    def forget(self, topic: str) -> None:
        """Nobody wants to know any more."""
        self._waiting.pop(topic, None)

    @property
    def busy(self) -> bool:
        """Whether something is being explained, or waits for it."""
        return self._running is not None or bool(self._waiting)

    def is_asked(self, topic: str) -> bool:
        """Whether a job of this topic waits or runs."""
        return topic in self._waiting or (self._running is not None and self._running[0] == topic)

    def _mind_pause(self) -> None:
        if self._waiting and not self.session.playback.playing:
            self._go_on()

    def _forget_all(self, _changed: object = None) -> None:
        """Another model or source: what is asked and known is about the one before."""
        self._waiting.clear()
        self._networks = Networks()

    def _go_on(self) -> None:
        while self._running is None and self._waiting:
            topic = next(iter(self._waiting))
            job = self._waiting[topic]
            rest_s = self._rest_left_s(job)
            if rest_s > 0:
                self._rest.start(max(1, round(rest_s * 1000)))
                return
            del self._waiting[topic]
            if job.wanted():
                self._start(topic, job)

    def _rest_left_s(self, job: _Job) -> float:
        if not self.session.playback.playing:
            return 0.0
        rest_s = max(job.rest_s, self._took_s * (1 / LARGEST_SHARE - 1))
        return self._ended_s + rest_s - self._clock() if self._ended_s else 0.0

    def _start(self, topic: str, job: _Job) -> None:
        self._running = (topic, job)
        self._began_s = self._clock()

        def done(answer: Any) -> None:
            self._end()
            if self._is_wanted(job):
                job.done(answer)
            self._go_on()

        def failed(error: Exception) -> None:
            self._end()
            if self._is_wanted(job):
                job.failed(_sentence(error))
            else:
                log.info("what was asked about %s is not wanted any more: %s", topic, error)
            self._go_on()

        self._background.run(lambda: job.work(job.networks), done, failed)

    def _is_wanted(self, job: _Job) -> bool:
        return job.networks is self._networks and job.wanted()

    def _end(self) -> None:
        self._running = None
        self._ended_s = self._clock()
        self._took_s = self._ended_s - self._began_s


def _sentence(error: Exception) -> str:
    if isinstance(error, LooktwiceError):
        text = str(error)
        # A layer's name at the beginning stays as it is.
        return text[:1].upper() + text[1:] if text.partition(" ")[0].isalpha() else text
    log.error("explaining failed", exc_info=error)
    return tr("This cannot be explained: {error}").format(error=error)

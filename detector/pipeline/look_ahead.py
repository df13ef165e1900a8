"""Frames in flight: while a frame of a file is answered, those that wait behind it are as well.

On a few cores two frames side by side, each on its share of the threads, are more frames a second than one after the
other on all of them: no thread waits for another one that the window or the reader keeps from its core. A single frame
takes longer so, which nobody notices of a file that is played as fast as possible; where no frame waits, of a camera or
of a file at its own speed, every frame has all threads.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from detector.detections import Candidates
from detector.detector import Detector
from detector.errors import LooktwiceError
from detector.pipeline.answering import answer
from detector.pipeline.queues import QueuedFrame
from detector.pipeline.results import FrameTimes

log = logging.getLogger(__name__)

IN_FLIGHT = 2
"""Of three the third only kept the window's thread from Python's lock: measured by `benchmarks.live rate`."""
Answer = tuple[Candidates | None, FrameTimes, str]


class LookAhead:
    """Answers frames for the lane, whose thread alone calls it.

    A detector whose engine can run frames side by side (`Detector.side_by_side`) gets a twin for that, made in the
    background when the first frame waits behind another.

    Args:
        waiting: the frames that wait, next first.
    """

    def __init__(self, waiting: Callable[[], Sequence[QueuedFrame]]) -> None:
        self._waiting = waiting
        self._pool = ThreadPoolExecutor(IN_FLIGHT, "look ahead")
        self._started: list[tuple[QueuedFrame, Future[Answer]]] = []
        self._one: Detector | None = None
        self._twin: Future[Detector | None] | None = None

    def answer(self, detector: Detector, item: QueuedFrame, may_look_ahead: bool) -> Answer:
        """What `answering.answer` gives for a frame, perhaps already begun."""
        assert item.frame is not None
        if detector is not self._one:
            self._one, self._twin, self._started = detector, None, []
        following = [one for one in self._waiting() if one.frame is not None] if may_look_ahead else []
        twin = self._twin_of(detector) if following and not item.live else None
        if twin is None:
            mine = self._begun(item)
            self._started = []
            return mine.result() if mine is not None else answer(detector, item.frame, item.read_s)
        # Whatever was begun of an earlier generation, and nobody waits for any more, is forgotten.
        self._started = [
            (one, self._begun(one) or self._begin(twin, one)) for one in (item, *following[: IN_FLIGHT - 1])
        ]
        return self._started[0][1].result()

    def close(self) -> None:
        """Begin nothing more; what runs ends by itself."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _begun(self, item: QueuedFrame) -> Future[Answer] | None:
        return next((future for one, future in self._started if one is item), None)

    def _begin(self, twin: Detector, item: QueuedFrame) -> Future[Answer]:
        assert item.frame is not None
        return self._pool.submit(answer, twin, item.frame, item.read_s)

    def _twin_of(self, detector: Detector) -> Detector | None:
        """None where there is none, or not yet."""
        if self._twin is None:
            self._twin = Future()
            # Not in the pool, whose threads are for frames.
            making = threading.Thread(target=_make, args=(detector, self._twin), name="loader", daemon=True)
            making.start()
        return self._twin.result() if self._twin.done() else None


def _make(detector: Detector, made: Future[Detector | None]) -> None:
    try:
        made.set_result(detector.side_by_side(IN_FLIGHT))
    except LooktwiceError as error:
        log.warning("frames are looked at one after the other: %s", error)
        made.set_result(None)

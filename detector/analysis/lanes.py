"""Several frames side by side, one detector and one thread each."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from types import TracebackType
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from detector.analysis.values import StoredFrame, stored_frame
from detector.detections import Candidates
from detector.engines.threads import compute_on_one_thread_here
from detector.errors import ModelError
from detector.frames import Frame
from detector.lockstep.lanes import why_it_failed
from detector.selection import Thresholds, select

WAITING_PER_LANE = 2


class Predictor(Protocol):
    """What is needed of a detector while it works."""

    def predict(self, image: NDArray[np.uint8]) -> Candidates: ...


class Lanes:
    """Looks at frames in threads of its own. At least `room` frames have to be given in advance to keep all busy.

    Args:
        detectors: one for each thread; nobody else uses them meanwhile.
        title: of the model, for the sentence that tells of its failure.
    """

    def __init__(self, detectors: Sequence[Predictor], thresholds: Thresholds, title: str) -> None:
        self.room = (1 + WAITING_PER_LANE) * len(detectors)
        self._thresholds, self._title = thresholds, title
        self._mine = threading.local()
        self._free: SimpleQueue[Predictor] = SimpleQueue()
        for detector in detectors:
            self._free.put(detector)
        self._pool = ThreadPoolExecutor(len(detectors), "analysis", initializer=self._begin)

    def __enter__(self) -> Lanes:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def look(self, frame: Frame) -> Future[StoredFrame]:
        """Have a frame looked at as soon as a thread is free. The result raises ModelError where the model fails."""
        return self._pool.submit(self._look, frame)

    def _begin(self) -> None:
        self._mine.detector = self._free.get_nowait()
        compute_on_one_thread_here()

    def _look(self, frame: Frame) -> StoredFrame:
        try:
            detections = select(self._mine.detector.predict(frame.image), self._thresholds)
        except Exception as error:  # whatever breaks in an engine
            raise ModelError(
                f"{self._title} {why_it_failed(error)} on frame {frame.index}; try again, or with another --precision."
            ) from error
        return stored_frame(frame.index, frame.time_s, frame.size_wh, detections, frame.name)

"""One network for several sources at once: frames that wait at the same time go through it as one batch."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from detector.detections import Candidates
from detector.detector import Detector

MOST_AT_ONCE = 8
Asked = tuple[NDArray[np.uint8], "Future[Candidates]"]


class SharedDetector:
    """`predict` may be called from any number of threads, each of which waits for its own answer.

    While the network is busy the others' frames gather; nobody waits for a batch to fill. The detector itself is run in
    a thread of this object alone, until it is closed.

    Args:
        most: frames that go through the network together at most.
    """

    def __init__(self, detector: Detector, most: int = MOST_AT_ONCE) -> None:
        self._detector, self._most = detector, most
        self._asked: SimpleQueue[Asked | None] = SimpleQueue()
        self._closed = False
        self._closing = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="shared detector", daemon=True)
        self._thread.start()

    def predict(self, image: NDArray[np.uint8]) -> Candidates:
        """Candidates of one frame, RGB uint8 `[H, W, 3]`.

        Raises:
            RuntimeError: it is closed. Whatever the detector raised on a frame of the same batch.
        """
        answer: Future[Candidates] = Future()
        with self._closing:
            if self._closed:
                raise RuntimeError("the detector is closed")
            self._asked.put((image, answer))
        return answer.result()

    def close(self) -> None:
        """Answer what was asked, and end the thread."""
        with self._closing:
            if not self._closed:
                self._closed = True
                self._asked.put(None)
        self._thread.join()

    def __enter__(self) -> SharedDetector:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _run(self) -> None:
        while (first := self._asked.get()) is not None:
            batch, ended = self._gathered(first)
            try:
                found = self._detector.predict_many([image for image, _ in batch])
            except Exception as error:
                for _, answer in batch:
                    answer.set_exception(error)
            else:
                for (_, answer), candidates in zip(batch, found, strict=True):
                    answer.set_result(candidates)
            if ended:
                return

    def _gathered(self, first: Asked) -> tuple[list[Asked], bool]:
        """All that wait by now, and whether nobody will ask any more."""
        batch = [first]
        while len(batch) < self._most:
            try:
                asked = self._asked.get_nowait()
            except Empty:
                break
            if asked is None:
                return batch, True
            batch.append(asked)
        return batch, False

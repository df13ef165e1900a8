"""Which answers of two lanes belong together: those to the same frame, and no others."""

from __future__ import annotations

import threading

from detector.frames.protocol import Frame
from detector.pipeline.results import FIRST, FrameResult

Pair = tuple[FrameResult, FrameResult]


class Pairing:
    """Keeps the latest answer of each lane until its partner comes. Safe to use from both lanes' threads.

    The second lane answers frames that the first one took last, so the first one may be some frames further on when the
    second one's answer comes; the answer that it waits for is kept from the moment that it was `expected`. The same
    frame is the very same object: numbers come again in a loop.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        """Forget all answers."""
        with self._lock:
            self._wanted: Frame | None = None
            self._latest: FrameResult | None = None
            self._held: FrameResult | None = None
            self._second: FrameResult | None = None

    def expect(self, frame: Frame) -> None:
        """The second lane has begun with this frame."""
        with self._lock:
            self._wanted = frame
            self._held = self._latest if _is_of(frame, self._latest) else None

    def add(self, result: FrameResult) -> Pair | None:
        """Take an answer in; gives first and second where the partner is there, also once more when one is renewed."""
        if result.candidates is None:
            return None
        with self._lock:
            frame = result.frame
            if result.lane == FIRST:
                self._latest = result
                if frame is self._wanted:
                    self._held = result
                second = self._second
                return (result, second) if second is not None and _is_of(frame, second) else None
            self._second = result
            for first in (self._held, self._latest):
                if first is not None and _is_of(frame, first):
                    return first, result
            return None


def _is_of(frame: Frame, result: FrameResult | None) -> bool:
    return result is not None and result.frame is frame

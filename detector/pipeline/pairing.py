"""Which answers of two lanes belong together: those to the same frame, and no others."""

from __future__ import annotations

import threading

from detector.pipeline.results import FIRST, FrameResult

Pair = tuple[FrameResult, FrameResult]


class Pairing:
    """Keeps the latest answer of each lane until its partner comes. Safe to use from both lanes' threads.

    The second lane answers frames that the first one took last, so the first one may be some frames further on when the
    second one's answer comes; the answer that it waits for is kept from the moment that it was `expected`.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        """Forget all answers."""
        with self._lock:
            self._wanted: tuple[int, int] | None = None
            self._latest: FrameResult | None = None
            self._held: FrameResult | None = None
            self._second: FrameResult | None = None

    def expect(self, generation: int, index: int) -> None:
        """The second lane has begun with this frame."""
        with self._lock:
            self._wanted = (generation, index)
            latest = self._latest
            self._held = latest if latest is not None and _key(latest) == self._wanted else None

    def add(self, result: FrameResult) -> Pair | None:
        """Take an answer in; gives first and second where the partner is there, also once more when one is renewed."""
        if result.candidates is None:
            return None
        with self._lock:
            key = _key(result)
            if result.lane == FIRST:
                self._latest = result
                if key == self._wanted:
                    self._held = result
                second = self._second
                return (result, second) if second is not None and _key(second) == key else None
            self._second = result
            for first in (self._held, self._latest):
                if first is not None and _key(first) == key:
                    return first, result
            return None


def _key(result: FrameResult) -> tuple[int, int]:
    return result.generation, result.frame.index

"""Frames per second and milliseconds by part, over the last second or so. Safe to use from several threads."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from detector.pipeline.results import FrameTimes


@dataclass(frozen=True)
class Rates:
    """frames_per_s over the window; mean seconds by part; zeros before the first frame."""

    frames_per_s: float = 0.0
    times: FrameTimes = field(default_factory=lambda: FrameTimes(0, 0, 0, 0))


class Meter:
    """Counts results as they come.

    Args:
        window_s: how far back the figures look.
        clock: for tests.
    """

    def __init__(self, window_s: float = 1.5, clock: Callable[[], float] = time.monotonic) -> None:
        self.window_s, self.clock = window_s, clock
        self._lock = threading.Lock()
        self._seen: deque[tuple[float, FrameTimes]] = deque()

    def add(self, times: FrameTimes) -> None:
        with self._lock:
            self._seen.append((self.clock(), times))
            self._forget()

    def reset(self) -> None:
        with self._lock:
            self._seen.clear()

    def rates(self) -> Rates:
        with self._lock:
            self._forget()
            if not self._seen:
                return Rates()
            count = len(self._seen)
            span_s = self._seen[-1][0] - self._seen[0][0]
            rows = [times for _, times in self._seen]
        mean = FrameTimes(
            sum(t.read_s for t in rows) / count,
            sum(t.prepare_s for t in rows) / count,
            sum(t.network_s for t in rows) / count,
            sum(t.post_s for t in rows) / count,
        )
        return Rates((count - 1) / span_s if span_s > 0 else 0.0, mean)

    def _forget(self) -> None:
        oldest_s = self.clock() - self.window_s
        while self._seen and self._seen[0][0] < oldest_s:
            self._seen.popleft()

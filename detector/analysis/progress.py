"""How far a run is, and how fast."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

REMEMBERED = 200


@dataclass(frozen=True)
class Progress:
    """frames: in the journal so far, with those of earlier runs. expected: about how many there will be, None when
    nobody knows. frames_per_s: of late, 0.0 at first. left_s: None when unknown. counts: detections by class name.
    """

    frames: int
    expected: int | None
    frames_per_s: float
    left_s: float | None
    counts: Mapping[str, int]


class Pace:
    """The rate over the last frames.

    Args:
        clock: for tests.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._times_s: deque[float] = deque(maxlen=REMEMBERED)

    def step(self) -> None:
        """One more frame is done."""
        self._times_s.append(self._clock())

    def pause(self) -> None:
        """What comes next says nothing about the rate before."""
        self._times_s.clear()

    @property
    def frames_per_s(self) -> float:
        if len(self._times_s) < 2:
            return 0.0
        return (len(self._times_s) - 1) / max(self._times_s[-1] - self._times_s[0], 1e-9)

    def left_s(self, frames: int, expected: int | None) -> float | None:
        """Seconds until `expected` frames are done; None when that cannot be told."""
        rate = self.frames_per_s
        return None if expected is None or rate == 0 else max(0, expected - frames) / rate

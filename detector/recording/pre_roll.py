"""The last seconds before the button was pressed."""

from __future__ import annotations

from collections import deque

from detector.recording.taken import Taken, VideoClock

MAX_BYTES = 256 * 2**20


class PreRoll:
    """Keeps the newest frames by reference: those of the last `seconds`, at most `max_bytes` of pixels, at least one.

    Belongs to one thread at a time.
    """

    def __init__(self, seconds: float, max_bytes: int = MAX_BYTES) -> None:
        self.seconds = seconds
        self._max_bytes = max_bytes
        self._held: deque[tuple[float, Taken]] = deque()
        self._bytes = 0
        self._clock = VideoClock(None, live=False)

    def __len__(self) -> int:
        return len(self._held)

    @property
    def bytes(self) -> int:
        """Of all pixels held."""
        return self._bytes

    @property
    def held_s(self) -> float:
        """Seconds from the oldest to the newest frame."""
        return self._held[-1][0] - self._held[0][0] if self._held else 0.0

    def add(self, taken: Taken) -> None:
        """Append the newest frame (the same one again replaces it); let go of what is too old or too much."""
        if self._held and self._held[-1][1].frame is taken.frame:
            self._held[-1] = (self._held[-1][0], taken)
            return
        self._held.append((self._clock.tick(taken.frame), taken))
        self._bytes += taken.bytes
        while len(self._held) > 1 and (self.held_s > self.seconds or self._bytes > self._max_bytes):
            self._bytes -= self._held.popleft()[1].bytes

    def frames(self) -> list[Taken]:
        """What is held, oldest first."""
        return [taken for _, taken in self._held]

    def clear(self) -> None:
        """Forget everything: another source begins."""
        self._held.clear()
        self._bytes = 0
        self._clock = VideoClock(None, live=False)

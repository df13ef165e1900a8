"""How fast pictures really arrive: what drivers and streams declare is often wrong."""

from __future__ import annotations

WINDOW_S = 2.0
FEWEST_INTERVALS = 4
# A rate is told anew only when it differs by more; panels shall not flicker.
WORTH_TELLING = 0.2


class ArrivalRate:
    """Frames per second of arrivals, over windows of two seconds.

    Args:
        declared: what the source claims; believed until it is measured to be more than a fifth off.
    """

    def __init__(self, declared: float | None = None) -> None:
        self.fps = declared
        self.measured = False
        self._begin_s: float | None = None
        self._intervals = 0

    def arrived(self, now_s: float) -> None:
        """Note an arrival at `now_s` (monotonic seconds)."""
        if self._begin_s is None:
            self._begin_s = now_s
            return
        self._intervals += 1
        span_s = now_s - self._begin_s
        if span_s < WINDOW_S or self._intervals < FEWEST_INTERVALS:
            return
        fps = self._intervals / span_s
        if self.fps is None or abs(fps - self.fps) > WORTH_TELLING * self.fps:
            self.fps = round(fps, 1)
        self.measured = True
        self._begin_s, self._intervals = now_s, 0

    def interrupted(self) -> None:
        """The next arrival begins a new window: what lies between is no interval."""
        self._begin_s, self._intervals = None, 0

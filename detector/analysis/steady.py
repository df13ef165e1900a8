"""Times that go on where a file's clock starts anew, as in recordings that were joined by their bytes."""

from __future__ import annotations


class SteadyClock:
    """Takes the times of frames, or of pieces of sound, in the order of the file.

    Args:
        step_s: how long one usually lasts; what comes after the clock started anew is set so much after what was last.
    """

    def __init__(self, step_s: float) -> None:
        self._step_s = step_s
        self._shift_s = 0.0
        self._last_s: float | None = None

    def shift_s(self, time_s: float) -> float:
        """What has to be added to this time, so that times never run backwards."""
        if self._last_s is not None:
            now_s = time_s + self._shift_s
            if now_s < self._last_s:
                self._shift_s = self._last_s + self._step_s - time_s
            elif now_s > self._last_s:
                # Of uneven times the nearest past is the best guess.
                self._step_s = now_s - self._last_s
        self._last_s = time_s + self._shift_s
        return self._shift_s

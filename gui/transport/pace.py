"""How fast a film really goes: the time in it against the clock. No Qt."""

from __future__ import annotations

from collections import deque

SPAN_S = 2.0
"""Seconds of playing that are looked at."""
SLOW, FAST_AGAIN = 0.85, 0.92
"""Shares of the wanted speed: below the first playing is slow, and stays so until it is above the second."""
MARK_EVERY_S = 0.1
TELL_EVERY_S = 1.0
"""Seconds that the figure stands still, so that it can be read."""
JUMP_S, JUMP_FACTOR = 0.5, 1.5
"""A step in the film that is longer than the clock allows by this is a jump, not playing."""


class Pace:
    """Follows one film while it plays. Keeps some twenty marks, however long it plays.

    slow: how many times its own pace the film is shown, where that is less than was wanted; else None.
    """

    def __init__(self) -> None:
        self.slow: float | None = None
        self._marks: deque[tuple[float, float]] = deque()
        self._last = (0.0, 0.0)
        self._speed, self._told_s = 0.0, 0.0

    def reset(self) -> None:
        """Nothing plays, or something else does: what was measured says nothing of it."""
        self.slow = None
        self._marks.clear()

    def follow(self, film_s: float, now_s: float, speed: float) -> None:
        """Take note of a frame on the screen.

        Args:
            film_s: where it lies in the film. now_s: monotonic. speed: the wanted one, 1 is the film's own; 0, as fast
                as possible, is never slow.
        """
        if speed != self._speed or speed <= 0:
            self.reset()
            self._speed = speed
        if speed <= 0:
            return
        if self._marks:
            before_film_s, before_s = self._last
            step_s = film_s - before_film_s
            if step_s == 0:
                return
            if step_s < 0 or step_s > JUMP_S + JUMP_FACTOR * speed * (now_s - before_s):
                # A jump: measuring begins anew, but what was told of the speed stays told until it is known better.
                self._marks.clear()
        self._last = (film_s, now_s)
        if self._marks and now_s - self._marks[-1][1] < MARK_EVERY_S:
            return
        self._marks.append((film_s, now_s))
        while len(self._marks) > 2 and now_s - self._marks[1][1] >= SPAN_S:
            self._marks.popleft()
        self._judge(speed)

    def _judge(self, speed: float) -> None:
        (first_film_s, first_s), (last_film_s, last_s) = self._marks[0], self._marks[-1]
        if last_s - first_s < SPAN_S:
            return
        shown = (last_film_s - first_film_s) / (last_s - first_s)
        if shown >= (SLOW if self.slow is None else FAST_AGAIN) * speed:
            self.slow = None
        elif self.slow is None or last_s - self._told_s >= TELL_EVERY_S:
            self.slow, self._told_s = shown, last_s

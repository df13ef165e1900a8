"""The queue before a lane: of a live source only the newest frame waits; for a file the reader waits for room."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from detector.frames.protocol import Frame


@dataclass(frozen=True)
class QueuedFrame:
    """A frame on its way. `frame` None marks the end of the source, `trouble` then tells what was left out.

    live: it may pass without an answer. dropped: frames lost so far on this source.
    """

    generation: int
    frame: Frame | None
    read_s: float = 0.0
    live: bool = False
    dropped: int = 0
    trouble: str = ""


class FrameQueue:
    """Bounded, first in first out. All waiting is on one condition, which the pipeline's threads share.

    Args:
        capacity: frames of a file that may wait.
        changed: notified whenever anything that somebody may wait for has changed.
    """

    def __init__(self, capacity: int, changed: threading.Condition) -> None:
        self.capacity = capacity
        self.changed = changed
        self._items: deque[QueuedFrame] = deque()
        self._closed = False

    def __len__(self) -> int:
        return len(self._items)

    @property
    def head(self) -> QueuedFrame | None:
        """The oldest frame, left where it is."""
        return self._items[0] if self._items else None

    @property
    def waiting(self) -> tuple[QueuedFrame, ...]:
        """All of them, oldest first."""
        with self.changed:
            return tuple(self._items)

    def push(self, item: QueuedFrame) -> int:
        """Add a live frame in place of those that wait, as only the newest is worth an answer. Returns how many."""
        with self.changed:
            lost = len(self._items)
            self._items.clear()
            self._append(item)
            return lost

    def put(self, item: QueuedFrame, give_up: Callable[[], bool]) -> bool:
        """Add a frame as soon as there is room. False when `give_up` became true before; the frame is then not in."""
        with self.changed:
            self.changed.wait_for(lambda: len(self._items) < self.capacity or self._closed or give_up())
            if len(self._items) >= self.capacity:
                return False
            self._append(item)
            return True

    def take(self) -> QueuedFrame:
        """The oldest frame. Only when there is one: wait on `changed` before."""
        with self.changed:
            item = self._items.popleft()
            self.changed.notify_all()
            return item

    def clear(self) -> None:
        """Forget what waits."""
        with self.changed:
            self._items.clear()
            self.changed.notify_all()

    def close(self) -> None:
        """Forget what waits and take nothing in from now on, so that nobody waits for room."""
        with self.changed:
            self._closed = True
            self.clear()

    def _append(self, item: QueuedFrame) -> None:
        if not self._closed:
            self._items.append(item)
            self.changed.notify_all()

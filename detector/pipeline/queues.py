"""The queue between the reader and a lane: bounded; a live source's oldest frame gives way, a file's reader waits."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass

from detector.frames.protocol import Frame


@dataclass(frozen=True)
class QueuedFrame:
    """A frame on its way. `frame` None marks the end of the source. `dropped`: frames lost so far on this source."""

    generation: int
    frame: Frame | None
    read_s: float = 0.0
    dropped: int = 0


class FrameQueue:
    """Bounded, thread-safe, first in first out.

    Args:
        capacity: frames that may wait.
        changed: the condition under which state changes; share one to wait for several things at once.
    """

    def __init__(self, capacity: int, changed: threading.Condition | None = None) -> None:
        self.capacity = capacity
        self.changed = changed or threading.Condition()
        self._items: deque[QueuedFrame] = deque()
        self._generation = 0
        self._closed = False

    def __len__(self) -> int:
        return len(self._items)

    def put(self, item: QueuedFrame, drop_oldest: bool) -> int:
        """Add a frame and return how many waiting ones it pushed out; otherwise wait for room.

        A frame of an older generation than the last `start` is not added: its source is gone.
        """
        with self.changed:
            if drop_oldest:
                lost = 0
                while len(self._items) >= self.capacity:
                    self._items.popleft()
                    lost += 1
            else:
                lost = 0
                self.changed.wait_for(lambda: len(self._items) < self.capacity or self._refuses(item))
            if not self._refuses(item):
                self._items.append(item)
                self.changed.notify_all()
            return lost

    def take(self) -> QueuedFrame:
        """The oldest frame. Only when there is one: wait on `changed` before."""
        with self.changed:
            item = self._items.popleft()
            self.changed.notify_all()
            return item

    def start(self, generation: int) -> None:
        """Forget what waits; from now on only frames of `generation` or later are taken in."""
        with self.changed:
            self._generation = generation
            self._items.clear()
            self.changed.notify_all()

    def close(self) -> None:
        """Refuse everything from now on, so that nobody waits for room."""
        with self.changed:
            self._closed = True
            self._items.clear()
            self.changed.notify_all()

    def _refuses(self, item: QueuedFrame) -> bool:
        return self._closed or item.generation < self._generation

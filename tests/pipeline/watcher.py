"""Collects what a runner says, and waits for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from detector.pipeline.results import Event, FrameResult

PATIENCE_S = 60.0


class Watcher:
    def __init__(self) -> None:
        self.results: list[FrameResult] = []
        self.events: list[Event] = []
        self.changed = threading.Condition()

    def on_result(self, result: FrameResult) -> None:
        with self.changed:
            self.results.append(result)
            self.changed.notify_all()

    def on_event(self, event: Event) -> None:
        with self.changed:
            self.events.append(event)
            self.changed.notify_all()

    @property
    def answered(self) -> list[FrameResult]:
        return [r for r in self.results if r.candidates is not None]

    def wait(self, condition: Callable[[], bool]) -> None:
        until_s = time.monotonic() + PATIENCE_S
        with self.changed:
            # Some conditions are of a source, which notifies nobody.
            while not condition():
                assert time.monotonic() < until_s, (self.events, len(self.results))
                self.changed.wait(0.02)

    def has(self, kind: type) -> bool:
        return any(isinstance(event, kind) for event in self.events)


def indices(results: list[FrameResult]) -> list[int]:
    return [r.frame.index for r in results]

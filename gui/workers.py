"""The only bridge between the pipeline's threads and Qt: queued signals, and one slot holding the newest result."""

from __future__ import annotations

import threading

from PySide6.QtCore import QObject, Signal

from detector.pipeline.meter import Meter
from detector.pipeline.results import Event, FrameResult


class PipelineBridge(QObject):
    """Called from the pipeline's threads, heard in the GUI thread.

    Results are coalesced: while the GUI has not taken the last one, a newer one replaces it and no further signal is
    sent, so that a busy GUI is never flooded. Arrays in a result are never written to again, so they need no copy.
    """

    result_waits = Signal()
    event_came = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.meter = Meter()
        self.answered = 0
        self._lock = threading.Lock()
        self._newest: FrameResult | None = None

    def on_result(self, result: FrameResult) -> None:
        """For the pipeline."""
        if result.candidates is not None:
            self.meter.add(result.times)
        with self._lock:
            self.answered += result.candidates is not None
            announced = self._newest is not None
            older = self._newest
            # The bare first frame must not hide an answer that already waits.
            if older is None or result.candidates is not None or result.generation > older.generation:
                self._newest = result
        if not announced:
            self.result_waits.emit()

    def on_event(self, event: Event) -> None:
        """For the pipeline."""
        self.event_came.emit(event)

    def take(self) -> FrameResult | None:
        """The newest result, once."""
        with self._lock:
            result, self._newest = self._newest, None
        return result

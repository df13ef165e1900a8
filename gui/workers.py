"""The only bridge between the pipeline's threads and Qt: queued signals, and one slot holding the newest result."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import suppress

from PySide6.QtCore import QObject, Signal

from detector.pipeline.meter import Meter
from detector.pipeline.results import Event, FrameResult

log = logging.getLogger(__name__)

Listener = Callable[[FrameResult], None]


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
        self._closed = False
        self._lock = threading.Lock()
        self._newest: FrameResult | None = None
        self._listeners: tuple[Listener, ...] = ()

    def add_listener(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` in the lane's thread with every answered frame from now on; it must be quick.

        Returns what takes it out again.
        """
        with self._lock:
            self._listeners = (*self._listeners, listener)

        def remove() -> None:
            with self._lock:
                self._listeners = tuple(one for one in self._listeners if one is not listener)

        return remove

    def close(self) -> None:
        """Tell nothing any more; a thread that was left behind may go on calling."""
        self._closed = True

    def on_result(self, result: FrameResult) -> None:
        """For the pipeline."""
        if self._closed:
            return
        if result.candidates is not None:
            self.meter.add(result.times)
            self._tell(result)
        with self._lock:
            self.answered += result.candidates is not None
            announced = self._newest is not None
            older = self._newest
            # The bare first frame must not hide an answer that already waits.
            if older is None or result.candidates is not None or result.generation > older.generation:
                self._newest = result
        if not announced:
            with suppress(RuntimeError):  # Qt deletes this object at any time once the window is closed
                self.result_waits.emit()

    def on_event(self, event: Event) -> None:
        """For the pipeline."""
        if not self._closed:
            with suppress(RuntimeError):
                self.event_came.emit(event)

    def take(self) -> FrameResult | None:
        """The newest result, once."""
        with self._lock:
            result, self._newest = self._newest, None
        return result

    def _tell(self, result: FrameResult) -> None:
        for listener in self._listeners:
            try:
                listener(result)
            except Exception:
                # A listener's mistake must not end the lane, which would look like a network that hangs.
                log.exception("a listener failed on frame %d", result.frame.index)

"""The only bridge between the pipeline's threads and Qt: queued signals, and one slot holding the newest result."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from PySide6.QtCore import QObject, Signal

from detector.pipeline.meter import Meter
from detector.pipeline.pairing import Pair
from detector.pipeline.results import SECOND, Event, FrameResult

log = logging.getLogger(__name__)

Listener = Callable[[FrameResult], None]

APART_S = 0.5
"""A live frame is shown without its partner when the last pair is older than this."""


class PipelineBridge(QObject):
    """Called from the pipeline's threads, heard in the GUI thread.

    Results are coalesced: while the GUI has not taken the last one, a newer one replaces it and no further signal is
    sent, so that a busy GUI is never flooded. Arrays in a result are never written to again, so they need no copy.

    Where two lanes are compared (`set_paired`) an answer of the first waits for its partner, so that both halves of the
    window change at once. Pairs are not coalesced: each is counted. `second_meter` is the second lane's.
    """

    result_waits = Signal()
    event_came = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.meter, self.second_meter = Meter(), Meter()
        self.answered = 0
        self._paired = False
        self._unpaired: FrameResult | None = None
        self._paired_s = 0.0
        self._pairs: list[Pair] = []
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

    def set_paired(self, paired: bool) -> None:
        """Hold answers of the first lane back until the second one's to the same frame is there, or no more."""
        with self._lock:
            self._paired = paired
            waiting, self._unpaired = self._unpaired, None
            self._pairs.clear()
        if waiting is not None:
            self._announce(waiting)

    def on_result(self, result: FrameResult) -> None:
        """For the pipeline."""
        if self._closed:
            return
        if result.lane == SECOND:
            self.second_meter.add(result.times)
            return
        if result.candidates is not None:
            self.meter.add(result.times)
            self._tell(result)
            with self._lock:
                self.answered += 1
                # A live source goes on; what is late is better shown alone than not at all.
                late = bool(result.frame.taken_s) and time.monotonic() - self._paired_s > APART_S
                if self._paired and not late:
                    self._unpaired = result
                    return
        self._announce(result)

    def on_pair(self, pair: Pair) -> None:
        """For the pipeline, after the two results."""
        with self._lock:
            if self._closed or not self._paired:
                return
            self._paired_s = time.monotonic()
            self._pairs.append(pair)
            if self._unpaired is pair[0]:
                self._unpaired = None
        self._announce(pair[0])

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

    def take_pairs(self) -> list[Pair]:
        """The pairs since the last call, in order."""
        with self._lock:
            pairs, self._pairs = self._pairs, []
        return pairs

    def _announce(self, result: FrameResult) -> None:
        """Have the GUI take this result, unless a newer one waits already."""
        with self._lock:
            older = self._newest
            announced = older is not None
            # The bare first frame must not hide an answer that already waits.
            if older is None or result.candidates is not None or result.generation > older.generation:
                self._newest = result
        if not announced:
            with suppress(RuntimeError):  # Qt deletes this object at any time once the window is closed
                self.result_waits.emit()

    def _tell(self, result: FrameResult) -> None:
        for listener in self._listeners:
            try:
                listener(result)
            except Exception:
                # A listener's mistake must not end the lane, which would look like a network that hangs.
                log.exception("a listener failed on frame %d", result.frame.index)

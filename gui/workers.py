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
from detector.pipeline.results import SECOND, Event, FrameResult, ModelFailed, ModelReady

log = logging.getLogger(__name__)

Listener = Callable[[FrameResult], None]

APART_S = 0.5
"""A live frame is shown without its partner when the last pair is older than this."""


class PipelineBridge(QObject):
    """Called from the pipeline's threads, heard in the GUI thread.

    Results are coalesced: while the GUI has not taken the last one, a newer one replaces it and no further signal is
    sent, so that a busy GUI is never flooded. Arrays in a result are never written to again, so they need no copy.

    While a second model answers, an answer of the first waits for its partner, so that both halves of the window change
    at once. Pairs are not coalesced: each is counted. `second_meter` is the second lane's, `second` its last answer.
    """

    result_waits = Signal()
    event_came = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.meter, self.second_meter = Meter(), Meter()
        self.answered = 0
        self._paired = False
        self._unpaired: FrameResult | None = None
        self._alone: FrameResult | None = None
        self._bare: FrameResult | None = None
        self.second: FrameResult | None = None
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
            if paired == self._paired:
                return
            self._paired = paired
            waiting, self._unpaired, self._alone = self._unpaired, None, None
            self._bare = self.second = None
            self._pairs.clear()
        if waiting is not None:
            self._announce(waiting)

    def on_result(self, result: FrameResult) -> None:
        """For the pipeline."""
        if self._closed:
            return
        if result.lane == SECOND:
            self.second_meter.add(result.times)
            with self._lock:
                self.second = result if self._paired else None
                bare = self._bare
            if bare is not None and bare.frame is result.frame:
                # No pair will come of it where the first model does not answer.
                self._announce(bare)
            return
        with self._lock:
            self._bare = result if self._paired and result.candidates is None else None
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
                self._alone = result if self._paired else None
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
            # Nobody wants to see the camera go back; the next frame takes this pair along.
            passed = self._alone is not None and _is_before(pair[0], self._alone)
        if not passed:
            self._announce(pair[0])

    def on_event(self, event: Event) -> None:
        """For the pipeline."""
        if self._closed:
            return
        if isinstance(event, ModelReady | ModelFailed) and event.lane == SECOND:
            # Here and not when the GUI hears of it: the first pair may be there before.
            self.set_paired(isinstance(event, ModelReady) or event.running)
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
            announced = self._newest is not None
            if self._newest is None or _supersedes(result, self._newest):
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


def _supersedes(result: FrameResult, waiting: FrameResult) -> bool:
    """Whether a result is to be shown in place of one that still waits."""
    if result.generation != waiting.generation:
        return result.generation > waiting.generation
    # A frame that came before its answer must not hide it.
    return result.candidates is not None or waiting.candidates is None or result.frame is not waiting.frame


def _is_before(result: FrameResult, shown: FrameResult) -> bool:
    return result.generation == shown.generation and result.frame.index < shown.frame.index

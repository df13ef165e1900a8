"""The second lane: answers the very frames that the first one takes, so that two detectors can be compared."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from detector.frames.protocol import Frame
from detector.pipeline.answering import answer
from detector.pipeline.model_slot import Loader, ModelSlot
from detector.pipeline.queues import QueuedFrame
from detector.pipeline.results import SECOND, Event, FrameResult

log = logging.getLogger(__name__)


class Follower:
    """A detector in a thread of its own that follows the first lane.

    It has no gate and no queue: whatever frame the first lane takes is handed to it as well, and of a live source the
    newest one counts. The first lane takes no further frame of a file while this one `holds_up`; so both see every
    frame, and a pause or a step holds for both. It never runs ahead: a frame that it alone has seen could not be
    compared.

    Args:
        changed: the condition of the pipeline's threads.
        on_result, on_event: called from the thread of this lane and its loaders'.
        on_begin: called with each frame that is begun with, `changed` held.
    """

    def __init__(
        self,
        changed: threading.Condition,
        on_result: Callable[[FrameResult], None],
        on_event: Callable[[Event], None],
        on_begin: Callable[[Frame], None],
    ) -> None:
        self.changed, self.on_result, self.on_begin = changed, on_result, on_begin
        self.slot = ModelSlot(SECOND, changed, on_event, self._model_is_ready)
        self._generation = 0
        self._next: QueuedFrame | None = None
        self._now: QueuedFrame | None = None
        self._last: QueuedFrame | None = None
        self.takes_s: float | None = None
        self._closing = False
        self._thread: threading.Thread | None = None

    def holds_up(self, paused: bool) -> bool:
        """Whether the first lane must wait with the next frame of a file: this one still has one to answer.

        While its first model loads a film waits, but nobody who steps through it.
        """
        if self.slot.waits_for_first:
            return not paused
        busy = self._next is not None or (self._now is not None and self._now.generation == self._generation)
        return busy and self.slot.ready

    def load(self, request: int, name: str, loader: Loader) -> None:
        """Answer with this detector as soon as it is loaded, the frame of then first."""
        with self.changed:
            if self._thread is None and not self._closing:
                self._thread = threading.Thread(target=self._run, name="second lane", daemon=True)
                self._thread.start()
        self.slot.load(request, name, loader)

    def remove(self, request: int) -> None:
        """Answer nothing any more; the first lane goes on alone."""
        with self.changed:
            self.slot.empty(request)
            self._next = None

    def start(self, generation: int) -> None:
        """Frames of `generation` come from now on; what waits is dropped."""
        with self.changed:
            self._generation = generation
            self._next = self._last = None

    def hand_over(self, item: QueuedFrame) -> None:
        """The first lane has just taken this frame. Called with `changed` held."""
        self._last = item
        if self.slot.ready:
            self._next = item

    def close(self, timeout_s: float = 10.0) -> None:
        """End the thread after the frame under way."""
        with self.changed:
            self._closing = True
            self.slot.close()
            self.changed.notify_all()
        if self._thread is not None:
            self._thread.join(timeout_s)
            if self._thread.is_alive():
                log.warning("the second lane is still busy after %g s and is left behind", timeout_s)

    def _model_is_ready(self) -> None:
        # What is on show already shall be compared as well.
        self._next = self._last
        self.takes_s = None

    def _run(self) -> None:
        while True:
            with self.changed:
                self.changed.wait_for(lambda: self._closing or (self._next is not None and self.slot.ready))
                if self._closing:
                    return
                item, self._next = self._next, None
                detector, model = self.slot.detector, self.slot.model
                assert item is not None
                assert item.frame is not None
                assert detector is not None
                self._now = item
                self.on_begin(item.frame)
            candidates, times, trouble = answer(detector, item.frame, item.read_s)
            self.takes_s = times.prepare_s + times.network_s + times.post_s
            if trouble:
                self.slot.lose(detector, trouble)
            elif self.slot.detector is detector:
                # Told before the first lane may go on, so that the end of a source comes after its last answer.
                self.on_result(FrameResult(item.generation, item.frame, candidates, model, times, item.dropped, SECOND))
            with self.changed:
                self._now = None
                self.changed.notify_all()

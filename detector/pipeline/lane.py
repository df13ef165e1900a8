"""The first lane: the detector that always runs, in a thread of its own, answering frames in order."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from detector.detector import Detector
from detector.pipeline.follower import Follower
from detector.pipeline.look_ahead import LookAhead
from detector.pipeline.model_slot import Loader, ModelSlot, running_model
from detector.pipeline.queues import FrameQueue, QueuedFrame
from detector.pipeline.results import FIRST, Event, FrameResult, FrameTimes, RunningModel, SourceEnded
from detector.pipeline.tapped import TapHolder

__all__ = ["Lane", "Loader", "running_model"]

log = logging.getLogger(__name__)

QUEUE_CAPACITY = 2
SLOW_S = 0.03
"""A detector that takes longer lets a frame that was opened, stepped or sought to be shown before its boxes."""


class Lane:
    """Owns the running detector. `on_result` and `on_event` are called from the lane's and its loaders' threads.

    The gate (`pause`, `allow`) sits here, behind the queue, so that a pause holds the very next frame. Without any
    model frames pass bare; while the first one loads, those of files wait for it. What passes the gate is handed to
    the follower as well, the second lane, and the next frame of a file waits for its answer.
    """

    def __init__(
        self,
        on_result: Callable[[FrameResult], None],
        on_event: Callable[[Event], None],
        changed: threading.Condition | None = None,
        follower: Follower | None = None,
        slow_s: float = SLOW_S,
    ) -> None:
        self.on_result, self.on_event, self.slow_s = on_result, on_event, slow_s
        self.changed = changed or threading.Condition()
        self.follower = follower
        self.queue = FrameQueue(QUEUE_CAPACITY, self.changed)
        self.tap = TapHolder()
        self._ahead = LookAhead(lambda: self.queue.waiting)
        self.slot = ModelSlot(FIRST, self.changed, on_event, self._model_is_ready)
        self._repeat = False
        self._last: QueuedFrame | None = None
        self._generation = 0
        self._first_waits = False
        self._paused = False
        self._allowed = 0
        self._takes_s: float | None = None
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="lane", daemon=True)
        self._thread.start()

    @property
    def ready(self) -> bool:
        """Whether a detector is there to answer."""
        return self.slot.ready

    @property
    def waits_for_model(self) -> bool:
        """Whether frames of files wait because the first model is still loading."""
        return self.slot.waits_for_first

    @property
    def slow(self) -> bool:
        """Whether an answer takes so long that a frame somebody waits for is better shown before it."""
        if self.waits_for_model or self._waits_for_second:
            return True
        lasts = [self._takes_s] if self.ready else []
        if self.follower is not None and self.follower.slot.ready:
            lasts.append(self.follower.takes_s)
        # A new detector's first answer takes longest.
        return any(takes_s is None or takes_s > self.slow_s for takes_s in lasts)

    @property
    def _waits_for_second(self) -> bool:
        return self.follower is not None and self.follower.slot.waits_for_first

    @property
    def paused(self) -> bool:
        return self._paused

    @property
    def owes_first(self) -> bool:
        """Whether the first frame of the running generation is still to be answered, by a detector that can."""
        return self._first_waits and self.ready and not self._waits_for_second

    def load(self, request: int, name: str, loader: Loader) -> None:
        """Change to another detector once it is loaded; the last frame is then answered again by it.

        Of several requests the last one counts, whichever loads fastest.
        """
        self.slot.load(request, name, loader)

    def forget_load(self, request: int) -> None:
        """Wait no longer for what is being loaded: `request` takes its place and asks for nothing."""
        self.slot.forget_load(request)

    def answer_again(self) -> None:
        """Answer the last frame once more, for somebody who wants to know more of it than was asked for."""
        with self.changed:
            self._repeat = True
            self.changed.notify_all()

    def start(self, generation: int) -> None:
        """Drop what waits and begin with frames of `generation`; a paused lane answers its first one."""
        with self.changed:
            self._generation = generation
            self._allowed = 1
            self._first_waits = True
            self._last = None
            self.queue.clear()
            if self.follower is not None:
                self.follower.start(generation)

    def pause(self, paused: bool) -> None:
        with self.changed:
            self._paused = paused
            # The first frame after an open or a seek is answered in any case; one already under way needs no leave.
            self._allowed = min(self._allowed, 1) if self._first_waits else 0
            self.changed.notify_all()

    def allow(self, frames: int = 1) -> None:
        """Let so many frames through although paused."""
        with self.changed:
            self._allowed += frames
            self.changed.notify_all()

    def close(self, timeout_s: float = 10.0) -> None:
        """End the thread after the frame under way. A model that is still loading is left to finish unused."""
        with self.changed:
            self._closing = True
            self.slot.close()
            self.queue.close()
        self._thread.join(timeout_s)
        self._ahead.close()
        if self._thread.is_alive():
            log.warning("the lane is still busy after %g s and is left behind", timeout_s)

    def _model_is_ready(self) -> None:
        self._repeat = True
        self._takes_s = None

    def _run(self) -> None:
        while True:
            with self.changed:
                self.changed.wait_for(self._has_work)
                if self._closing:
                    return
                # A frame that a pause has stopped is one that somebody steps or seeks to.
                awaited = self._paused and self.slow and not self._repeat and not self._first_waits
                item = self._take()
                detector, model = self.slot.detector, self.slot.model
            if item is not None:
                self._answer(item, detector, model, awaited)

    def _has_work(self) -> bool:
        head = self.queue.head
        gate_open = not self._paused or self._allowed > 0
        may_pass = head is not None and (head.live or not (self.waits_for_model or self._held_up))
        repeats = self._repeat and self._last is not None
        return self._closing or repeats or (may_pass and gate_open)

    @property
    def _held_up(self) -> bool:
        return self.follower is not None and self.follower.holds_up(self._paused)

    def _take(self) -> QueuedFrame | None:
        """The next frame to answer: the last one once more after a change of model, else the oldest that waits."""
        if self._repeat:
            self._repeat = False
            if self._last is not None:
                return self._last
        if self.queue.head is None:
            return None
        self._allowed = max(0, self._allowed - 1)
        item = self.queue.take()
        if self.follower is not None and item.frame is not None:
            self.follower.hand_over(item)
        return item

    def _answer(self, item: QueuedFrame, detector: Detector | None, model: RunningModel | None, awaited: bool) -> None:
        frame = item.frame
        if frame is None:
            self._settle(item)
            self.on_event(SourceEnded(item.generation, item.trouble))
            return
        times = FrameTimes(item.read_s, 0, 0, 0)
        candidates = maps = None
        if detector is not None:
            if awaited and not item.live:
                self.on_result(FrameResult(item.generation, frame, None, None, times, item.dropped))
            self.tap.begin(detector, model)
            candidates, times, trouble = self._ahead.answer(detector, item, self._may_look_ahead)
            maps = self.tap.take()
            self._takes_s = times.prepare_s + times.network_s + times.post_s
            if trouble:
                self.slot.lose(detector, trouble)
        if self._settle(item):
            answered_by = model if candidates is not None else None
            self.on_result(
                FrameResult(item.generation, frame, candidates, answered_by, times, item.dropped, FIRST, maps)
            )

    @property
    def _may_look_ahead(self) -> bool:
        """While paused nobody wants the next frame, and beside a second detector there is no core to spare."""
        return not self._paused and (self.follower is None or not self.follower.slot.ready)

    def _settle(self, item: QueuedFrame) -> bool:
        """Note that `item` is answered. False when another generation has begun meanwhile: it is then stale."""
        with self.changed:
            if item.generation != self._generation:
                return False
            self._first_waits = False
            if item.frame is not None:
                self._last = item
            self.changed.notify_all()
            return True

"""A lane: one detector in a thread of its own, answering frames in order."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from detector.detector import Detector
from detector.errors import LooktwiceError
from detector.pipeline.queues import FrameQueue, QueuedFrame
from detector.pipeline.results import (
    Event,
    FrameResult,
    FrameTimes,
    ModelFailed,
    ModelLoading,
    ModelReady,
    RunningModel,
    SourceEnded,
)

log = logging.getLogger(__name__)

QUEUE_CAPACITY = 2
Loader = Callable[[], Detector]


class Lane:
    """Owns the running detector. `on_result` and `on_event` are called from the lane's thread.

    The gate (`pause`, `allow`) sits here, behind the queue, so that a pause holds the very next frame.
    """

    def __init__(self, on_result: Callable[[FrameResult], None], on_event: Callable[[Event], None]) -> None:
        self.on_result, self.on_event = on_result, on_event
        self.changed = threading.Condition()
        self.queue = FrameQueue(QUEUE_CAPACITY, self.changed)
        self._detector: Detector | None = None
        self._model: RunningModel | None = None
        self._wanted: tuple[str, Loader] | None = None
        self._last: QueuedFrame | None = None
        self._generation = 0
        self._paused = False
        self._allowed = 0
        self._first_waits = False
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="lane", daemon=True)
        self._thread.start()

    @property
    def ready(self) -> bool:
        """Whether a detector is there to answer."""
        return self._detector is not None

    def load(self, name: str, loader: Loader) -> None:
        """Change to another detector after the frame under way; the last frame is then answered again by it."""
        with self.changed:
            self._wanted = (name, loader)
            self.changed.notify_all()

    def start(self, generation: int) -> None:
        """Drop what waits and begin with frames of `generation`; a paused lane answers its first one."""
        with self.changed:
            self._generation = generation
            self._allowed = 1
            self._first_waits = True
            self._last = None
            self.queue.start(generation)

    def pause(self, paused: bool) -> None:
        with self.changed:
            self._paused = paused
            # The first frame after an open or a seek is answered in any case.
            self._allowed = 1 if self._first_waits else 0
            self.changed.notify_all()

    def allow(self, frames: int = 1) -> None:
        """Let so many frames through although paused."""
        with self.changed:
            self._allowed += frames
            self.changed.notify_all()

    def close(self, timeout_s: float = 10.0) -> None:
        """End the thread after the frame or load under way."""
        with self.changed:
            self._closing = True
            self.queue.close()
        self._thread.join(timeout_s)
        if self._thread.is_alive():
            log.warning("the lane is still busy after %g s and is left behind", timeout_s)

    def _run(self) -> None:
        while True:
            with self.changed:
                self.changed.wait_for(self._has_work)
                if self._closing:
                    return
                wanted, self._wanted = self._wanted, None
                item = None if wanted else self._take()
            if wanted:
                self._change_to(*wanted)
            elif item:
                self._answer(item)

    def _has_work(self) -> bool:
        open_gate = not self._paused or self._allowed > 0
        ready = self._detector is not None and len(self.queue) > 0 and open_gate
        return self._closing or self._wanted is not None or ready

    def _take(self) -> QueuedFrame:
        self._allowed = max(0, self._allowed - 1)
        self._first_waits = False
        return self.queue.take()

    def _change_to(self, name: str, loader: Loader) -> None:
        self.on_event(ModelLoading(name))
        try:
            detector = loader()
        except LooktwiceError as error:
            self.on_event(ModelFailed(str(error), self._detector is not None))
            return
        except Exception as error:
            log.exception("loading %s failed", name)
            self.on_event(ModelFailed(f"{name} cannot be loaded: {error!r}", self._detector is not None))
            return
        engine = detector.engine
        self._model = RunningModel(detector.info, detector.size, engine.name, engine.precision, engine.device)
        self._detector = detector
        self.on_event(ModelReady(self._model))
        with self.changed:
            last = self._last
        if last is not None:
            self._answer(last)

    def _answer(self, item: QueuedFrame) -> None:
        if item.frame is None:
            self.on_event(SourceEnded(item.generation))
            return
        assert self._detector is not None
        try:
            candidates = self._detector.predict(item.frame.image)
        except Exception as error:
            log.exception("the network failed on frame %d", item.frame.index)
            name = self._detector.info.name
            self._detector = self._model = None
            self.on_event(ModelFailed(f"{name} failed on frame {item.frame.index}: {error!r}", False))
            return
        with self.changed:
            if item.generation < self._generation:
                return
            self._last = item
        parts = self._detector.times
        times = FrameTimes(item.read_s, parts.prepare_s, parts.network_s, parts.post_s)
        self.on_result(FrameResult(item.generation, item.frame, candidates, self._model, times, item.dropped))

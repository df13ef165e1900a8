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
    """Owns the running detector. `on_result` and `on_event` are called from the lane's and its loaders' threads.

    The gate (`pause`, `allow`) sits here, behind the queue, so that a pause holds the very next frame. Models are
    loaded in a thread each, so that the old one answers until the new one is there. Without any model frames pass
    bare; while the first one loads, those of files wait for it.
    """

    def __init__(self, on_result: Callable[[FrameResult], None], on_event: Callable[[Event], None]) -> None:
        self.on_result, self.on_event = on_result, on_event
        self.changed = threading.Condition()
        self.queue = FrameQueue(QUEUE_CAPACITY, self.changed)
        self._detector: Detector | None = None
        self._model: RunningModel | None = None
        self._request = 0
        self._loading = False
        self._repeat = False
        self._last: QueuedFrame | None = None
        self._generation = 0
        self._first_waits = False
        self._paused = False
        self._allowed = 0
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="lane", daemon=True)
        self._thread.start()

    @property
    def ready(self) -> bool:
        """Whether a detector is there to answer."""
        return self._detector is not None

    @property
    def waits_for_model(self) -> bool:
        """Whether frames of files wait because the first model is still loading."""
        return self._loading and not self.ready

    @property
    def paused(self) -> bool:
        return self._paused

    @property
    def owes_first(self) -> bool:
        """Whether the first frame of the running generation is still to be answered, by a detector that can."""
        return self._first_waits and self.ready

    def load(self, request: int, name: str, loader: Loader) -> None:
        """Change to another detector once it is loaded; the last frame is then answered again by it.

        Of several requests the last one counts, whichever loads fastest.
        """
        with self.changed:
            if self._closing:
                return
            self._request, self._loading = request, True
        self.on_event(ModelLoading(request, name))
        arguments = (request, name, loader)
        threading.Thread(target=self._load, args=arguments, name="loader", daemon=True).start()

    def forget_load(self, request: int) -> None:
        """Wait no longer for what is being loaded: `request` takes its place and asks for nothing."""
        with self.changed:
            self._request, self._loading = request, False
            self.changed.notify_all()

    def start(self, generation: int) -> None:
        """Drop what waits and begin with frames of `generation`; a paused lane answers its first one."""
        with self.changed:
            self._generation = generation
            self._allowed = 1
            self._first_waits = True
            self._last = None
            self.queue.clear()

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
                item = self._take()
                detector, model = self._detector, self._model
            if item is not None:
                self._answer(item, detector, model)

    def _has_work(self) -> bool:
        head = self.queue.head
        gate_open = not self._paused or self._allowed > 0
        may_pass = not self.waits_for_model or (head is not None and head.live)
        repeats = self._repeat and self._last is not None
        return self._closing or repeats or (head is not None and gate_open and may_pass)

    def _take(self) -> QueuedFrame | None:
        """The next frame to answer: the last one once more after a change of model, else the oldest that waits."""
        if self._repeat:
            self._repeat = False
            if self._last is not None:
                return self._last
        if self.queue.head is None:
            return None
        self._allowed = max(0, self._allowed - 1)
        return self.queue.take()

    def _load(self, request: int, name: str, loader: Loader) -> None:
        if request != self._request:
            # Superseded before it began, as when somebody runs through a list of models.
            return
        detector: Detector | None = None
        model: RunningModel | None = None
        message = ""
        try:
            detector = loader()
            model = running_model(detector)
        except LooktwiceError as error:
            message = str(error)
        except Exception as error:
            log.exception("loading %s failed", name)
            message = f"{name} cannot be loaded: {error!r}"
        with self.changed:
            if request != self._request or self._closing:
                return
            self._loading = False
            event: Event = ModelFailed(request, message, self.ready)
            if detector is not None and model is not None:
                self._detector, self._model = detector, model
                self._repeat = True
                event = ModelReady(request, model)
            # Told before the lane can answer with it.
            self.on_event(event)
            self.changed.notify_all()

    def _answer(self, item: QueuedFrame, detector: Detector | None, model: RunningModel | None) -> None:
        frame = item.frame
        if frame is None:
            self._settle(item)
            self.on_event(SourceEnded(item.generation, item.trouble))
            return
        times = FrameTimes(item.read_s, 0, 0, 0)
        candidates = None
        if detector is not None:
            try:
                candidates = detector.predict(frame.image)
                parts = detector.times
                times = FrameTimes(item.read_s, parts.prepare_s, parts.network_s, parts.post_s)
            except Exception as error:
                log.exception("the network failed on frame %d", frame.index)
                self._lose(detector, f"{detector.info.name} failed on frame {frame.index}: {error!r}")
        if self._settle(item):
            answered_by = model if candidates is not None else None
            self.on_result(FrameResult(item.generation, frame, candidates, answered_by, times, item.dropped))

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

    def _lose(self, detector: Detector, message: str) -> None:
        with self.changed:
            if self._detector is detector:
                self._detector = self._model = None
        self.on_event(ModelFailed(self._request, message, self.ready))


def running_model(detector: Detector) -> RunningModel:
    """What the watchers of the pipeline are told of a loaded detector."""
    engine = detector.engine
    strides = detector.family.grid_strides
    return RunningModel(detector.info, detector.size, engine.name, engine.precision, engine.device, strides)

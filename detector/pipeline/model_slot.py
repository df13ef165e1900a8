"""The detector of a lane: loading it, changing it, losing it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from detector.detector import Detector
from detector.errors import LooktwiceError
from detector.pipeline.answering import reason
from detector.pipeline.results import Event, LaneNumber, ModelFailed, ModelLoading, ModelReady, RunningModel

log = logging.getLogger(__name__)

Loader = Callable[[], Detector]

LET_GO_S = 2.0


class ModelSlot:
    """Holds the detector that answers. Models are loaded in a thread each, so that the old one answers meanwhile.

    Args:
        changed: the condition of the pipeline's threads; held while anything here changes, notified afterwards.
        on_event: called from the loaders' threads.
        on_ready: called with `changed` held when another detector has taken the place.
    """

    def __init__(
        self,
        lane: LaneNumber,
        changed: threading.Condition,
        on_event: Callable[[Event], None],
        on_ready: Callable[[], None],
    ) -> None:
        self.lane, self.changed, self.on_event, self.on_ready = lane, changed, on_event, on_ready
        self.detector: Detector | None = None
        self.model: RunningModel | None = None
        self.loading = False
        self._request = 0
        self._closing = False

    @property
    def ready(self) -> bool:
        """Whether a detector is there to answer."""
        return self.detector is not None

    @property
    def waits_for_first(self) -> bool:
        """Whether the first detector is still being loaded."""
        return self.loading and self.detector is None

    def load(self, request: int, name: str, loader: Loader) -> None:
        """Change to another detector once it is loaded. Of several requests the last counts, whichever is fastest."""
        with self.changed:
            if self._closing:
                return
            self._request, self.loading = request, True
        self.on_event(ModelLoading(request, name, self.lane))
        arguments = (request, name, loader)
        threading.Thread(target=self._load, args=arguments, name="loader", daemon=True).start()

    def forget_load(self, request: int) -> None:
        """Wait no longer for what is being loaded: `request` takes its place and asks for nothing."""
        with self.changed:
            self._request, self.loading = request, False
            self.changed.notify_all()

    def lose(self, detector: Detector, message: str) -> None:
        """Give up a detector that failed on a frame."""
        with self.changed:
            if self.detector is detector:
                self.detector = self.model = None
            self.changed.notify_all()
        self.on_event(ModelFailed(self._request, message, self.ready, self.lane))

    def empty(self, request: int) -> None:
        """No detector is wanted any more."""
        with self.changed:
            self.detector = self.model = None
            self.forget_load(request)

    def close(self) -> None:
        """Whatever is still loading is left to finish unused."""
        self._closing = True

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
            message = f"{name} cannot be loaded: {reason(error)}"
        with self.changed:
            if request != self._request or self._closing:
                return
            before = self.detector
            self.loading = False
            event: Event = ModelFailed(request, message, self.ready, self.lane)
            if detector is not None and model is not None:
                self.detector, self.model = detector, model
                self.on_ready()
                event = ModelReady(request, model, self.lane)
            # Told before the lane can answer with it.
            self.on_event(event)
            self.changed.notify_all()
            # Whoever watched the one before lets go of it now. To free it takes a tenth of a second, which shall be
            # this thread's and not the window's.
            if before is not None:
                self.changed.wait_for(lambda: self._closing, LET_GO_S)


def running_model(detector: Detector) -> RunningModel:
    """What the watchers of the pipeline are told of a loaded detector."""
    engine = detector.engine
    strides = detector.family.grid_strides
    return RunningModel(
        detector.info, detector.size, engine.name, engine.precision, engine.device, strides, detector.note
    )

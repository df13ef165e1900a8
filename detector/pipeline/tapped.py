"""The lane's tap: hung on whichever network answers, taken off when another layer or none is looked at."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from detector.detector import Detector
from detector.pipeline.results import RunningModel

if TYPE_CHECKING:
    from detector.inspection.tapping import ChannelMaps, Tap, TapRequest

log = logging.getLogger(__name__)


class TapHolder:
    """Owns the tap. `want` may be called from any thread, everything else from the one that runs the network.

    A request belongs to a model. While another one answers nothing is read, so maps never go by a wrong name.
    """

    def __init__(self) -> None:
        self._wanted: tuple[RunningModel, TapRequest] | None = None
        self._hung_for: tuple[RunningModel, TapRequest] | None = None
        self._tap: Tap | None = None

    def want(self, model: RunningModel | None, request: TapRequest | None) -> None:
        """Read this from the next frame on that `model` answers; None for nothing."""
        self._wanted = None if model is None or request is None else (model, request)

    def begin(self, detector: Detector, model: RunningModel | None) -> None:
        """A frame is about to be answered by `detector`."""
        wanted = self._wanted
        if wanted is not None and wanted[0] is not model:
            wanted = None
        if wanted is not self._hung_for:
            self._change(detector, wanted)
        if self._tap is not None:
            self._tap.begin()

    def take(self) -> ChannelMaps | None:
        """What was read of the frame that was answered last."""
        return None if self._tap is None else self._tap.take()

    def _change(self, detector: Detector, wanted: tuple[RunningModel, TapRequest] | None) -> None:
        if self._tap is not None:
            self._tap.remove()
        self._tap, self._hung_for = None, wanted
        network = getattr(detector.engine, "network", None)
        if wanted is None or network is None:
            return
        from detector.inspection.tapping import Tap

        try:
            self._tap = Tap(network, wanted[1])
        except AttributeError:
            log.exception("%s has no layer %s", wanted[0].info.name, wanted[1].layer.name)

"""Has the layers of the running network told and timed, in the background."""

from __future__ import annotations

from collections.abc import Callable

from detector.detector import Detector
from detector.pipeline.results import RunningModel
from gui.background import Background
from gui.inspect.reading import Readable, read_layers, time_layers
from gui.translation import tr

UNKNOWN_FRAME_WH = (640, 480)
"""What a network's layers are told for before there is a frame."""


class LayerReader:
    """Knows what is readable of one model at a time. Lives in the GUI thread.

    Args:
        read: called when the layers are there, or there for frames of another size, with what was readable before.
        timed: called when the same layers are there with what each takes. trouble: called with one sentence.
    """

    def __init__(
        self,
        background: Background,
        read: Callable[[Readable | None], None],
        timed: Callable[[], None],
        trouble: Callable[[str], None],
    ) -> None:
        self._background, self._read, self._timed, self._trouble = background, read, timed, trouble
        self.readable: Readable | None = None
        self._reading: tuple[RunningModel, tuple[int, int]] | None = None

    def forget(self) -> None:
        """Another model: what is being read is not wanted any more."""
        self.readable = self._reading = None

    def read(self, detector: Detector, model: RunningModel, frame_wh: tuple[int, int] | None) -> None:
        """Read the layers for frames of this size, unless they are or are about to be. frame_wh: None where unknown."""
        known = self.readable
        size_wh = frame_wh or (known.frame_wh if known is not None else UNKNOWN_FRAME_WH)
        if self._reading == (model, size_wh) or (known is not None and known.frame_wh == size_wh):
            return
        self._reading = (model, size_wh)

        def done(readable: Readable) -> None:
            if self._reading == (model, size_wh):
                self._reading = None
                self._done(readable)

        def failed(error: Exception) -> None:
            if self._reading == (model, size_wh):
                sentence = tr("The layers of {model} cannot be read: {error}")
                self._trouble(sentence.format(model=model.info.name, error=error))

        self._background.run(lambda: read_layers(detector, size_wh, known), done, failed)

    def _done(self, readable: Readable) -> None:
        before, self.readable = self.readable, readable
        self._read(before)
        if not all(layer.elapsed_s is not None for layer in readable.layers):
            self._background.run(lambda: time_layers(readable), self._were_timed)

    def _were_timed(self, readable: Readable) -> None:
        now = self.readable
        if now is not None and now.own is readable.own and now.input_hw == readable.input_hw:
            self.readable = readable
            self._timed()

"""Thumbnails of a source's frames: decoded a second time, aside, so that playing is not disturbed."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from detector.errors import LooktwiceError
from detector.frames import open_source
from detector.frames.protocol import Frame, FrameSource
from gui.background import Background

log = logging.getLogger(__name__)

WIDTH = 160
HEIGHT = 120
KEPT = 64

Opener = Callable[[str], FrameSource]


class PreviewDecoder:
    """A source of its own, opened with the first picture. `picture` is for one thread, `close` for any."""

    def __init__(self, opener: Callable[[], FrameSource]) -> None:
        self._opener = opener
        self._source: FrameSource | None = None
        self._lock = threading.Lock()
        self._closing = False

    def picture(self, index: int) -> NDArray[np.uint8] | None:
        """Frame `index` as RGB uint8 `[h, w, 3]`, at most 160 x 120; None where there is none, or after `close`.

        Raises:
            SourceError: the source cannot be opened or read.
        """
        try:
            with self._lock:
                if self._closing:
                    return None
                if self._source is None:
                    self._source = self._opener()
                self._source.seek(index)
                frame = self._source.read()
            return shrunk(frame.image) if isinstance(frame, Frame) else None
        finally:
            # `close` does not wait for the picture under way.
            if self._closing:
                self._release()

    def close(self) -> None:
        """Give the source back, at once or after the picture under way. Returns at once."""
        self._closing = True
        self._release()

    def _release(self) -> None:
        if self._lock.acquire(blocking=False):
            try:
                source, self._source = self._source, None
                if source is not None:
                    source.close()
            finally:
                self._lock.release()


class Previews(QObject):
    """The thumbnails of one source at a time. Lives in the GUI thread.

    Signal: `arrived` the index whose picture can be had from now on.

    Args:
        opener: makes the second source from the text of the first.
    """

    arrived = Signal(int)

    def __init__(self, parent: QObject | None = None, opener: Opener = open_source) -> None:
        super().__init__(parent)
        self._opener = opener
        self._background = Background("previews", self)
        self._decoder: PreviewDecoder | None = None
        self._pictures: OrderedDict[int, QImage] = OrderedDict()
        self._wished: int | None = None
        self._making: tuple[PreviewDecoder, int] | None = None

    def use(self, text: str | None) -> None:
        """Show frames of the source that `text` names from now on; None: of none."""
        if self._decoder is not None:
            self._decoder.close()
        self._decoder = None if text is None else PreviewDecoder(partial(self._opener, text))
        self._pictures.clear()
        self._wished = None

    def picture(self, index: int) -> QImage | None:
        """The thumbnail of frame `index`, where it is there."""
        if index in self._pictures:
            self._pictures.move_to_end(index)
        return self._pictures.get(index)

    def wish(self, index: int) -> None:
        """Ask for frame `index`. Of several wishes the newest is served; what is there already is not made again."""
        if index in self._pictures or self._decoder is None or self._making == (self._decoder, index):
            self._wished = None
            return
        self._wished = index
        self._serve()

    def forget(self) -> None:
        """Drop the wish that waits."""
        self._wished = None

    def close(self) -> None:
        """End the thread and give back the source."""
        self.use(None)
        self._background.close()

    def _serve(self) -> None:
        decoder, index = self._decoder, self._wished
        if self._making is not None or decoder is None or index is None:
            return
        self._making, self._wished = (decoder, index), None
        self._background.run(
            partial(decoder.picture, index), partial(self._came, decoder, index), partial(self._failed, decoder)
        )

    def _came(self, decoder: PreviewDecoder, index: int, picture: NDArray[np.uint8] | None) -> None:
        self._making = None
        if decoder is self._decoder and picture is not None:
            height, width = picture.shape[:2]
            image = QImage(picture.data, width, height, 3 * width, QImage.Format.Format_RGB888)
            self._pictures[index] = image.copy()
            while len(self._pictures) > KEPT:
                self._pictures.popitem(last=False)
            self.arrived.emit(index)
        self._serve()

    def _failed(self, decoder: PreviewDecoder, error: Exception) -> None:
        self._making = None
        if isinstance(error, LooktwiceError):
            log.info("no previews: %s", error)
        else:
            log.error("no previews", exc_info=error)
        decoder.close()
        if decoder is self._decoder:
            # What failed once is not tried for every move of the pointer.
            self._decoder = None
        self._serve()


def shrunk(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """RGB uint8 `[H, W, 3]` -> the same, contiguous, at most 160 wide and 120 high; never enlarged."""
    height, width = image.shape[:2]
    scale = min(WIDTH / width, HEIGHT / height, 1.0)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.ascontiguousarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)

"""A small live picture of a camera, for choosing among them before anything runs."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.errors import SourceError
from detector.frames.camera import CameraInfo, CameraSource
from detector.frames.camera_capture import DeviceOpener
from detector.frames.camera_modes import CameraMode
from detector.frames.protocol import Frame, Lull

log = logging.getLogger(__name__)

WIDTH = 320
SMALL_MODE = CameraMode(640, 480, 15.0)
# So many a second look alive, and leave the processor to others.
PAUSE_S = 0.08
CLOSE_S = 0.9


class CameraPreview:
    """A camera's picture, 320 pixels wide, in a thread of its own; nothing it meets is ever raised out of that.

    Args:
        on_picture: called from the preview's thread with RGB uint8 `[H, 320, 3]`; the caller's own from then on.
        on_sentence: called from the preview's thread when it cannot show anything, and why; "" when it can again.
        opener: makes the capture from (index, backend); by default OpenCV's.
    """

    def __init__(
        self,
        camera: CameraInfo,
        on_picture: Callable[[NDArray[np.uint8]], None],
        on_sentence: Callable[[str], None],
        opener: DeviceOpener | None = None,
    ) -> None:
        self.camera = camera
        self._on_picture, self._on_sentence, self._opener = on_picture, on_sentence, opener
        self._stop = threading.Event()
        self._told = ""
        self._thread = threading.Thread(target=self._run, name="preview", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End it without waiting: nothing is called any more, but for a call that has begun."""
        self._stop.set()

    def close(self) -> None:
        """End it and wait until the camera is free, for less than a second."""
        self.stop()
        self._thread.join(CLOSE_S)

    def _run(self) -> None:
        try:
            self._show()
        except SourceError as error:
            self._tell(str(error))
        except Exception:
            log.exception("the preview of %s failed", self.camera.name)
            self._tell(f"the camera {self.camera.name} cannot be previewed.")

    def _show(self) -> None:
        source = CameraSource(self.camera.index, SMALL_MODE, self._opener, cancel=self._stop)
        try:
            while not self._stop.is_set():
                frame = source.read()
                if isinstance(frame, Lull):
                    self._tell(frame.sentence)
                    continue
                self._tell("")
                picture = _small(frame)
                if not self._stop.is_set():
                    self._on_picture(picture)
                self._stop.wait(PAUSE_S)
        finally:
            source.close()

    def _tell(self, sentence: str) -> None:
        if sentence != self._told and not self._stop.is_set():
            self._told = sentence
            self._on_sentence(sentence)


def _small(frame: Frame) -> NDArray[np.uint8]:
    width, height = frame.size_wh
    size = (WIDTH, max(1, round(WIDTH * height / width)))
    return np.asarray(cv2.resize(frame.image, size, interpolation=cv2.INTER_AREA), np.uint8)

"""The cameras that are there: looked for again and again while somebody looks, and seen through in small pictures."""

from __future__ import annotations

import contextlib
import logging
from collections import Counter
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from detector.frames import camera as camera_frames
from detector.frames.camera import CameraInfo
from detector.frames.preview import CameraPreview
from gui.background import Background
from gui.start.thumbnails import thumbnail_of

log = logging.getLogger(__name__)

LOOK_AGAIN_MS = 2000
"""From one answer to the next question."""


def camera_text(camera: CameraInfo, cameras: list[CameraInfo]) -> str:
    """What opens this camera: its name, which stays when others are plugged in; its number where names are alike."""
    alike = Counter(other.name.casefold() for other in cameras)
    return f"camera:{camera.name}" if alike[camera.name.casefold()] == 1 else f"camera:{camera.index}"


def find_cameras() -> list[CameraInfo]:
    """The cameras of this computer. Slow: for the background only."""
    return camera_frames.list_cameras()


class CameraWatch(QObject):
    """Looks for cameras between `start` and `stop`.

    Signals: `found` a list of CameraInfo, after every look.
    """

    found = Signal(list)

    def __init__(self, again_ms: int = LOOK_AGAIN_MS, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = Background("cameras", self)
        self._on = False
        self._asking = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(again_ms)
        self._timer.timeout.connect(self._ask)

    def look_every(self, pause_ms: int) -> None:
        """Change the pause from one answer to the next question."""
        self._timer.setInterval(pause_ms)

    @property
    def waits(self) -> bool:
        """Whether it is going to look again."""
        return self._timer.isActive()

    def start(self) -> None:
        self._on = True
        self._ask()

    def stop(self) -> None:
        self._on = False
        self._timer.stop()

    def close(self) -> None:
        self.stop()
        self._background.close()

    def _ask(self) -> None:
        if self._on and not self._asking:
            self._asking = True
            self._background.run(lambda: find_cameras(), self._answered, self._failed)

    def _answered(self, cameras: list[CameraInfo]) -> None:
        self._asking = False
        if self._on:
            self.found.emit(cameras)
            self._timer.start()

    def _failed(self, error: Exception) -> None:
        log.warning("the cameras could not be listed: %s", error)
        self._answered([])


class Previews(QObject):
    """Small live pictures of cameras, each taken in a thread of its own.

    Signals: `image_came` the CameraInfo and a QImage; `sentence_came` the CameraInfo and why there is no picture, ""
    when there is one again.
    """

    image_came = Signal(object, QImage)
    sentence_came = Signal(object, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.open: dict[CameraInfo, CameraPreview] = {}

    def show(self, cameras: list[CameraInfo]) -> None:
        """Look through these cameras and no others. Returns at once; whoever opens a camera waits until it is free."""
        for camera in [camera for camera in self.open if camera not in cameras]:
            self.open.pop(camera).stop()
        for camera in cameras:
            if camera not in self.open:
                self.open[camera] = CameraPreview(camera, partial(self._came, camera), partial(self._told, camera))

    def _came(self, camera: CameraInfo, image: NDArray[np.uint8]) -> None:
        # Called in the preview's thread. Qt may have deleted this object at the program's end; nobody looks any more.
        with contextlib.suppress(RuntimeError):
            self.image_came.emit(camera, thumbnail_of(image))

    def _told(self, camera: CameraInfo, sentence: str) -> None:
        with contextlib.suppress(RuntimeError):
            self.sentence_came.emit(camera, sentence)

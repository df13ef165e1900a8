"""One opened camera by OpenCV: asked for a mode, and honest about what it gives instead."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

import cv2

from detector.frames.camera_modes import USUAL_MODE, CameraMode
from detector.frames.capture import CaptureError, LiveCapture, Picture
from detector.frames.device_locks import DeviceHold, hold_device
from detector.frames.pixels import rgb_from_opencv

# A camera that is starting or shares a busy bus misses single pictures; so many in a row mean that it is gone.
MOST_FAILED_READS = 10
RETRY_PAUSE_S = 0.03
MOST_PLAUSIBLE_FPS = 1000.0
# How long the camera's other user in this window may take to let go of it.
HOLD_PATIENCE_S = 3.0
# Rates are rounded and vary with the light; less than this share of what was asked is worth a sentence.
GOOD_ENOUGH = 0.8
CANNOT_OPEN = "cannot be opened"


class VideoCapture(Protocol):
    """What is used of `cv2.VideoCapture`."""

    def isOpened(self) -> bool: ...

    def read(self) -> tuple[bool, Any]: ...

    def get(self, propId: int, /) -> float: ...

    def set(self, propId: int, value: float, /) -> bool: ...

    def release(self) -> None: ...


DeviceOpener = Callable[[int, int], VideoCapture]


class CameraCapture(LiveCapture):
    """A camera switched on. Nobody else can use it until `close`.

    Args:
        index, backend: OpenCV's. name: for people.
        mode: what to ask for; automatic asks for 1280x720 at 30 frames per second.
        opener: makes the capture from (index, backend); by default `cv2.VideoCapture`.

    Raises:
        CaptureError: it cannot be opened, is taken, or gives no picture.
    """

    def __init__(
        self, index: int, backend: int, name: str, mode: CameraMode, stop: threading.Event, opener: DeviceOpener | None
    ) -> None:
        self.title, self._stop = name, stop
        self._asked = USUAL_MODE if mode.automatic else mode
        self._hold = _hold(index, name, stop)
        self._device: VideoCapture | None = None
        try:
            self._device, self._first = self._switched_on(partial(opener or open_device, index, backend))
        except BaseException:
            self.close()
            raise
        fps = self._device.get(cv2.CAP_PROP_FPS)
        self.fps = fps if 0 < fps < MOST_PLAUSIBLE_FPS else None

    def read(self) -> Picture | None:
        first, self._first = self._first, None
        pixels = first if first is not None else self._grab()
        if pixels is None:
            raise CaptureError(
                f"the camera {spoken(self.title)} gives no more pictures; plug it in again.", "gives no pictures"
            )
        return partial(rgb_from_opencv, pixels)

    def note(self, size_wh: tuple[int, int], fps: float | None) -> str:
        """What the camera gives less than it was asked for, in one sentence."""
        asked = self._asked
        smaller = size_wh[0] < asked.width or size_wh[1] < asked.height
        slower = fps is not None and fps < GOOD_ENOUGH * asked.fps
        if not smaller and not slower:
            return ""
        rate = f" at {fps:.3g}" if fps is not None else ""
        return f"asked for {asked}, the camera gives {size_wh[0]}x{size_wh[1]}{rate}."

    def close(self) -> None:
        device, self._device = self._device, None
        try:
            if device is not None:
                device.release()
        finally:
            self._hold.let_go()

    def _switched_on(self, opener: Callable[[], VideoCapture]) -> tuple[VideoCapture, Any]:
        """The device in the mode asked for, or as it comes where it gives no picture in that, and its first picture."""
        for ask in (True, False):
            self._device = device = opener()
            if not device.isOpened():
                raise CaptureError(
                    f"the camera {spoken(self.title)} cannot be opened; close what else uses it, or plug it in again.",
                    CANNOT_OPEN,
                )
            if ask:
                self._ask(device)
            # The newest picture is wanted, not the oldest of a queue. Not every backend listens.
            device.set(cv2.CAP_PROP_BUFFERSIZE, 1)
            first = self._grab()
            if first is not None:
                return device, first
            device.release()
        raise CaptureError(
            f"the camera {spoken(self.title)} gives no picture; another program may be using it.", "gives no picture"
        )

    def _ask(self, device: VideoCapture) -> None:
        # Uncompressed pictures of this size do not fit through USB 2: many cameras then fall back to five a second.
        device.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        if self._asked.width and self._asked.height:
            device.set(cv2.CAP_PROP_FRAME_WIDTH, self._asked.width)
            device.set(cv2.CAP_PROP_FRAME_HEIGHT, self._asked.height)
        if self._asked.fps:
            device.set(cv2.CAP_PROP_FPS, self._asked.fps)

    def _grab(self) -> Any | None:
        """The next picture as OpenCV has it, or None after several failures in a row."""
        assert self._device is not None
        for attempt in range(MOST_FAILED_READS):
            if attempt and self._stop.wait(RETRY_PAUSE_S):
                break
            good, pixels = self._device.read()
            if good and pixels is not None and pixels.size:
                return pixels
        return None


def spoken(title: str) -> str:
    """What follows "the camera" in a sentence: a camera without a name is called by its number."""
    return title.removeprefix("camera ")


def _hold(index: int, name: str, stop: threading.Event) -> DeviceHold:
    hold = hold_device(index, stop, HOLD_PATIENCE_S)
    if hold is None:
        raise CaptureError(f"the camera {spoken(name)} is in use in this window; close its other use.", "is in use")
    return hold


def open_device(index: int, backend: int) -> VideoCapture:
    device: VideoCapture = cv2.VideoCapture(index, backend)
    return device

"""Webcams by OpenCV, named by cv2-enumerate-cameras."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.errors import SourceError
from detector.frames.pixels import rgb_from_opencv
from detector.frames.protocol import Frame, SourceInfo

log = logging.getLogger(__name__)

# A camera that is starting or shares a busy bus misses single frames; so many in a row mean that it is gone.
MOST_FAILED_READS = 10
RETRY_PAUSE_S = 0.03
MOST_PLAUSIBLE_FPS = 1000.0


class Capture(Protocol):
    """What is used of `cv2.VideoCapture`."""

    def isOpened(self) -> bool: ...

    def read(self) -> tuple[bool, Any]: ...

    def get(self, propId: int, /) -> float: ...

    def set(self, propId: int, value: float, /) -> bool: ...

    def release(self) -> None: ...


Opener = Callable[[int, int], Capture]


@dataclass(frozen=True)
class CameraInfo:
    """A camera of this computer. index and backend are OpenCV's; name is the maker's."""

    index: int
    name: str
    backend: int


class CameraSource:
    """A webcam as a live source. Nobody else can use the camera until `close`.

    Args:
        index_or_name: OpenCV's number, or the camera's name or a part of it that only one camera has.
        mirror: swap left and right, as people expect of their own picture.
        opener: makes the capture from (index, backend); by default `cv2.VideoCapture`.

    Raises:
        SourceError: there is no such camera, or it gives no picture.
    """

    def __init__(self, index_or_name: int | str, mirror: bool = False, opener: Opener | None = None) -> None:
        camera = find_camera(index_or_name)
        self._title = camera.name
        self._mirror = mirror
        self._index = 0
        self._closed = False
        self._capture = (opener or _open_capture)(camera.index, camera.backend)
        if not self._capture.isOpened():
            self._capture.release()
            raise SourceError(f"there is no camera {index_or_name}, or another program uses it; {_whats_there()}")
        # The newest picture is wanted, not the oldest of a queue. Not every backend listens.
        self._capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        self._start_s = time.perf_counter()
        first = self._grab()
        if first is None:
            self.close()
            raise SourceError(f"the camera {self._title} gives no picture; another program may be using it.")
        self._first: NDArray[np.uint8] | None = first
        fps = self._capture.get(cv2.CAP_PROP_FPS)
        self._info = SourceInfo(
            title=self._title,
            kind="camera",
            live=True,
            size_wh=(first.shape[1], first.shape[0]),
            fps=fps if 0 < fps < MOST_PLAUSIBLE_FPS else None,
        )

    @property
    def info(self) -> SourceInfo:
        return self._info

    @property
    def trouble(self) -> str:
        """Always "": a camera gives pictures or breaks."""
        return ""

    def read(self) -> Frame:
        """The next picture; waits for it.

        Raises:
            SourceError: the camera is closed, or gone.
        """
        if self._closed:
            raise SourceError(f"the camera {self._title} is closed; open it again.")
        image, self._first = self._first, None
        if image is None:
            image = self._grab()
        if image is None:
            raise SourceError(f"the camera {self._title} gives no more pictures; plug it in again and reopen it.")
        frame = Frame(image, self._index, time.perf_counter() - self._start_s)
        self._index += 1
        return frame

    def seek(self, index: int) -> None:
        """Always raises SourceError: what a camera has seen is gone."""
        raise SourceError(f"the camera {self._title} is live and cannot be wound to frame {index}.")

    def close(self) -> None:
        self._closed = True
        self._capture.release()

    def _grab(self) -> NDArray[np.uint8] | None:
        """The next picture, or None after several failures in a row."""
        for attempt in range(MOST_FAILED_READS):
            if attempt:
                time.sleep(RETRY_PAUSE_S)
            good, pixels = self._capture.read()
            if good and pixels is not None and pixels.size:
                image = rgb_from_opencv(pixels)
                return np.asarray(cv2.flip(image, 1)) if self._mirror else image
        return None


def list_cameras() -> list[CameraInfo]:
    """The cameras of this computer by index; empty where there are none or nothing here can list them."""
    try:
        import cv2_enumerate_cameras

        usable = set(cv2.videoio_registry.getCameraBackends())
        for backend in cv2_enumerate_cameras.supported_backends:
            if backend not in usable:
                continue
            # Each backend lists the same devices again, under its own numbers: one backend is enough.
            found = cv2_enumerate_cameras.enumerate_cameras(backend)
            if found:
                return sorted((CameraInfo(it.index, it.name, backend) for it in found), key=lambda it: it.index)
    except (ImportError, OSError, RuntimeError, NotImplementedError, AttributeError, cv2.error) as error:
        # Listing is a convenience: cameras open by number all the same.
        log.warning("cameras cannot be listed (%s); open one by its number.", error)
    return []


def find_camera(index_or_name: int | str) -> CameraInfo:
    """The camera of that number or name.

    Raises:
        SourceError: no camera, or more than one, has the name. A number is always accepted.
    """
    cameras = list_cameras()
    if isinstance(index_or_name, int):
        unlisted = CameraInfo(index_or_name, f"camera {index_or_name}", cv2.CAP_ANY)
        return next((camera for camera in cameras if camera.index == index_or_name), unlisted)
    wanted = index_or_name.casefold()
    same = [camera for camera in cameras if camera.name.casefold() == wanted]
    like = same or [camera for camera in cameras if wanted in camera.name.casefold()]
    if not like:
        raise SourceError(f"there is no camera named {index_or_name!r}; {_whats_there(cameras)}")
    if len(like) > 1:
        raise SourceError(f"more than one camera is named {index_or_name!r}; {_whats_there(like)}")
    return like[0]


def _whats_there(cameras: list[CameraInfo] | None = None) -> str:
    listed = list_cameras() if cameras is None else cameras
    if not listed:
        return "plug one in, or open a video file or the sample."
    return "there is " + ", ".join(f"{camera.index} ({camera.name})" for camera in listed) + "."


def _open_capture(index: int, backend: int) -> Capture:
    capture: Capture = cv2.VideoCapture(index, backend)
    return capture

"""Webcams by OpenCV, named by cv2-enumerate-cameras, found again by name when they were unplugged."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass

import cv2

from detector.errors import SourceError
from detector.frames.camera_capture import CANNOT_OPEN, CameraCapture, DeviceOpener, spoken
from detector.frames.camera_modes import AUTOMATIC, CameraMode
from detector.frames.capture import CaptureError, LiveCapture
from detector.frames.reconnecting import Patience, ReconnectingSource, Wording

log = logging.getLogger(__name__)

# Looking whether a camera is listed again costs little, and whoever has just plugged it in is waiting.
CAMERA_PATIENCE = Patience(pauses_s=(0.5, 1.0))


@dataclass(frozen=True)
class CameraInfo:
    """A camera of this computer. index and backend are OpenCV's; name is the maker's."""

    index: int
    name: str
    backend: int


class CameraSource(ReconnectingSource):
    """A webcam as a live source. Nobody else can use the camera until `close`.

    Unplugged while it runs, it is waited for and opened again under its name, whatever number it has by then.

    Args:
        index_or_name: OpenCV's number, or the camera's name or a part of it that only one camera has.
        mode: the resolution and rate to ask for; `info.note` says where the camera gives less.
        opener: makes the capture from (index, backend); by default `cv2.VideoCapture`.
        cancel: set by anybody who does not want it any more while it is being opened.

    Raises:
        SourceError: there is no such camera, or it gives no picture.
    """

    def __init__(
        self,
        index_or_name: int | str,
        mode: CameraMode = AUTOMATIC,
        opener: DeviceOpener | None = None,
        patience: Patience = CAMERA_PATIENCE,
        cancel: threading.Event | None = None,
    ) -> None:
        camera = find_camera(index_or_name)
        self._opener_of_devices, self._mode = opener, mode
        listed = list_cameras()
        self._camera, self._was_listed = camera, camera in listed
        self._alike = {other.index for other in listed if other.name == camera.name} - {camera.index}
        super().__init__("camera", self._open_first_or_again, _wording(camera.name), patience, cancel)

    def _open_first_or_again(self, stop: threading.Event) -> LiveCapture:
        self._camera = camera = self._where_it_is_now()
        try:
            return CameraCapture(camera.index, camera.backend, camera.name, self._mode, stop, self._opener_of_devices)
        except CaptureError as error:
            if self._was_listed or error.what != CANNOT_OPEN:
                raise
            sentence = f"there is no camera {camera.index}, or another program uses it; {_whats_there()}"
            raise CaptureError(sentence, error.what) from error

    def _where_it_is_now(self) -> CameraInfo:
        was = self._camera
        if not self._was_listed:
            # Nothing here lists it, so nothing tells where it went: its number is all there is.
            return was
        # Another camera of the same name that was there from the beginning is not the one that was chosen.
        same = [it for it in list_cameras() if it.name == was.name and it.index not in self._alike]
        if not same:
            raise CaptureError(f"the camera {was.name} is unplugged; plug it in again.", "is unplugged")
        return next((camera for camera in same if camera.index == was.index), same[0])


def _wording(title: str) -> Wording:
    name = spoken(title)
    return Wording(
        f"the camera {name}",
        f"the camera {name} does not answer; close other programs that use it, or plug it in again.",
        lambda _what, _pause_s: f"the camera {name} is unplugged or silent; it goes on when it is back.",
    )


def list_cameras() -> list[CameraInfo]:
    """The cameras of this computer by index; empty where there are none or nothing here can list them. Slow."""
    try:
        return _enumerated()
    except (ImportError, OSError, RuntimeError, NotImplementedError, AttributeError, cv2.error) as error:
        # Listing is a convenience: cameras open by number all the same.
        log.warning("cameras cannot be listed (%s); open one by its number.", error)
    return []


def _enumerated() -> list[CameraInfo]:
    import cv2_enumerate_cameras

    usable = set(cv2.videoio_registry.getCameraBackends())
    for backend in cv2_enumerate_cameras.supported_backends:
        if backend not in usable:
            continue
        # Each backend lists the same devices again, under its own numbers: one backend is enough.
        found = cv2_enumerate_cameras.enumerate_cameras(backend)
        if found:
            return sorted((CameraInfo(it.index, it.name, backend) for it in found), key=lambda it: it.index)
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

"""Cameras that can be plugged in, pulled, and made to hang: stand-ins for OpenCV's captures and the system's list."""

from __future__ import annotations

import threading
import time

import cv2
import numpy as np
import pytest

from detector.frames import camera as camera_module
from detector.frames import camera_capture
from detector.frames.camera import CameraInfo

PATIENCE_S = 60.0
BACKEND = cv2.CAP_V4L2


class StandInCamera:
    """One camera on the desk.

    size_wh, fps: the most it gives, whatever it is asked for. frame_s: real pause before each picture. working: while
    clear, reads hang as a driver does. refuses_modes: gives no picture once a size was asked for. opened: how often it
    was; users: by how many at once, now and at most.
    """

    def __init__(self, name: str, index: int, size_wh: tuple[int, int], fps: float, frame_s: float) -> None:
        self.name, self.index, self.size_wh, self.fps, self.frame_s = name, index, size_wh, fps, frame_s
        self.plugged = True
        self.refuses_modes = False
        self.working = threading.Event()
        self.working.set()
        self.taken_by_others = False
        self.opened = self.users = self.most_users = 0
        self.settings: dict[int, float] = {}
        self.pictures = 0


class StandInCapture:
    """What is used of `cv2.VideoCapture`, for one StandInCamera (None: there is no camera of that number)."""

    def __init__(self, camera: StandInCamera | None, lock: threading.Lock) -> None:
        self.camera, self._lock = camera, lock
        self.open = camera is not None and camera.plugged and not camera.taken_by_others
        self.asked: dict[int, float] = {}
        if self.open:
            with lock:
                camera.opened += 1
                camera.users += 1
                camera.most_users = max(camera.most_users, camera.users)

    def isOpened(self) -> bool:
        return self.open

    def read(self) -> tuple[bool, np.ndarray | None]:
        camera = self.camera
        camera.working.wait()
        time.sleep(camera.frame_s)
        refused = camera.refuses_modes and cv2.CAP_PROP_FRAME_WIDTH in self.asked
        if not self.open or not camera.plugged or refused:
            return False, None
        number = camera.pictures
        camera.pictures += 1
        width, height = camera.size_wh
        picture = np.full((height, width, 3), (number % 256, 100, 200), np.uint8)
        picture[:, width // 2 :] = 0
        return True, picture

    def get(self, what: int) -> float:
        return self.camera.fps if what == cv2.CAP_PROP_FPS and self.camera is not None else 0.0

    def set(self, what: int, value: float) -> bool:
        self.asked[what] = value
        if self.camera is not None:
            self.camera.settings[what] = value
        return True

    def release(self) -> None:
        if self.open:
            with self._lock:
                self.open = False
                self.camera.users -= 1


class CameraDesk:
    """What is plugged into the computer. Takes the place of the system's list and of OpenCV for one test."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cameras: list[StandInCamera] = []
        self._lock = threading.Lock()
        self.listed = 0
        monkeypatch.setattr(camera_module, "_enumerated", self._list)
        monkeypatch.setattr(camera_capture, "open_device", self._open)
        # However slow the machine is, who lets go of a camera is waited for.
        monkeypatch.setattr(camera_capture, "HOLD_PATIENCE_S", PATIENCE_S)

    def plug(
        self, name: str = "HD Webcam", index: int | None = None, size_wh: tuple[int, int] = (64, 48), fps: float = 30.0,
        frame_s: float = 0.01,
    ) -> StandInCamera:  # fmt: skip
        """A new camera, under the lowest free number unless another is given."""
        taken = {camera.index for camera in self.cameras if camera.plugged}
        lowest = next(number for number in range(64) if number not in taken)
        camera = StandInCamera(name, lowest if index is None else index, size_wh, fps, frame_s)
        self.cameras.append(camera)
        return camera

    def unplug(self, camera: StandInCamera) -> None:
        camera.plugged = False

    def replug(self, camera: StandInCamera, index: int | None = None) -> None:
        camera.index = camera.index if index is None else index
        camera.plugged = True

    def wait_until_off(self, camera: StandInCamera) -> None:
        """Wait until nobody uses it any more; a close returns before that where the machine is slow."""
        deadline_s = time.monotonic() + PATIENCE_S
        while camera.users:
            assert time.monotonic() < deadline_s, f"{camera.name} stayed on"
            time.sleep(0.01)

    def free_hanging_cameras(self) -> None:
        """Let every hanging read return, so that no thread outlives its test."""
        for camera in self.cameras:
            camera.working.set()

    def _list(self) -> list[CameraInfo]:
        self.listed += 1
        there = [CameraInfo(camera.index, camera.name, BACKEND) for camera in self.cameras if camera.plugged]
        return sorted(there, key=lambda camera: camera.index)

    def _open(self, index: int, backend: int) -> StandInCapture:
        camera = next((camera for camera in self.cameras if camera.plugged and camera.index == index), None)
        return StandInCapture(camera, self._lock)

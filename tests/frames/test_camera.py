"""Cameras, played by an object that behaves as OpenCV's capture does."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from detector.errors import SourceError
from detector.frames import camera as camera_module
from detector.frames.camera import MOST_FAILED_READS, CameraInfo, CameraSource, find_camera, list_cameras


class FakeCapture:
    """Gives numbered BGR pictures; `script` tells which reads work, then `after` for ever."""

    def __init__(self, script=(), after=True, opened=True, fps=30.0):
        self.script, self.after, self.opened, self.fps = list(script), after, opened, fps
        self.reads = self.released = 0
        self.settings = {}

    def __call__(self, index, backend):
        self.asked = (index, backend)
        return self

    def isOpened(self):
        return self.opened

    def read(self):
        good = self.script.pop(0) if self.script else self.after
        if not good:
            return False, None
        picture = np.zeros((6, 8, 3), np.uint8)
        picture[:, :4] = (self.reads, 100, 200)
        self.reads += 1
        return True, picture

    def get(self, prop):
        return self.fps if prop == cv2.CAP_PROP_FPS else 0.0

    def set(self, prop, value):
        self.settings[prop] = value
        return True

    def release(self):
        self.released += 1


@pytest.fixture(autouse=True)
def cameras(monkeypatch):
    """Two cameras, and no waiting between attempts."""
    listed = [CameraInfo(0, "HD Webcam", 200), CameraInfo(2, "Microscope", 200)]
    monkeypatch.setattr(camera_module, "list_cameras", lambda: listed)
    monkeypatch.setattr(camera_module, "RETRY_PAUSE_S", 0)
    return listed


def test_frames_are_rgb_counted_and_timed():
    source = CameraSource(0, opener=FakeCapture())
    frames = [source.read() for _ in range(4)]
    assert [frame.index for frame in frames] == [0, 1, 2, 3]
    assert [frame.image[0, 0].tolist() for frame in frames] == [[200, 100, number] for number in range(4)]
    times = [frame.time_s for frame in frames]
    assert times == sorted(times)
    assert times[0] >= 0
    source.close()


def test_what_is_told_of_a_camera():
    capture = FakeCapture()
    info = CameraSource(0, opener=capture).info
    assert (info.title, info.kind, info.live, info.seekable) == ("HD Webcam", "camera", True, False)
    assert (info.size_wh, info.fps, info.frame_count) == ((8, 6), 30.0, None)
    assert capture.asked == (0, 200)
    assert capture.settings[cv2.CAP_PROP_BUFFERSIZE] == 1


@pytest.mark.parametrize("fps", [0.0, -1.0, float("nan"), 1e9])
def test_a_rate_that_cannot_be_is_not_told(fps):
    assert CameraSource(0, opener=FakeCapture(fps=fps)).info.fps is None


def test_mirroring_swaps_left_and_right():
    frame = CameraSource(0, mirror=True, opener=FakeCapture()).read()
    assert frame.image[0, -1].tolist() == [200, 100, 0]
    assert frame.image[0, 0].tolist() == [0, 0, 0]
    assert frame.image.flags.c_contiguous


@pytest.mark.parametrize("name", ["Microscope", "microscope", "micro"])
def test_a_camera_is_found_by_name(name):
    capture = FakeCapture()
    assert CameraSource(name, opener=capture).info.title == "Microscope"
    assert capture.asked == (2, 200)


def test_an_unlisted_number_is_tried_all_the_same():
    capture = FakeCapture()
    assert CameraSource(7, opener=capture).info.title == "camera 7"
    assert capture.asked == (7, cv2.CAP_ANY)


def test_an_unknown_name_is_told_with_what_there_is():
    with pytest.raises(SourceError, match=r"no camera named 'Telescope'; there is 0 \(HD Webcam\), 2 \(Microscope\)\."):
        find_camera("Telescope")


def test_two_cameras_of_one_name_must_be_told_apart(cameras):
    cameras.append(CameraInfo(4, "HD Webcam", 200))
    with pytest.raises(SourceError, match=r"more than one camera .* 0 \(HD Webcam\), 4 \(HD Webcam\)"):
        find_camera("HD Webcam")


def test_no_camera(cameras):
    cameras.clear()
    capture = FakeCapture(opened=False)
    with pytest.raises(SourceError, match="there is no camera 0"):
        CameraSource(0, opener=capture)
    assert capture.released == 1


def test_a_camera_without_a_picture_is_given_back():
    capture = FakeCapture(after=False)
    with pytest.raises(SourceError, match="HD Webcam gives no picture"):
        CameraSource(0, opener=capture)
    assert capture.released == 1


def test_single_missed_reads_do_not_matter():
    missed = [False] * (MOST_FAILED_READS - 1)
    source = CameraSource(0, opener=FakeCapture(script=[*missed, True, *missed, True]))
    assert [source.read().index, source.read().index] == [0, 1]


def test_a_camera_gone_is_named():
    source = CameraSource(0, opener=FakeCapture(script=[True, True], after=False))
    source.read()
    source.read()
    with pytest.raises(SourceError, match="HD Webcam gives no more pictures"):
        source.read()
    source.close()


def test_a_camera_cannot_be_wound():
    with pytest.raises(SourceError, match="HD Webcam is live"):
        CameraSource(0, opener=FakeCapture()).seek(3)


def test_a_closed_camera_says_so_and_closes_twice():
    source = CameraSource(0, opener=FakeCapture())
    source.close()
    source.close()
    with pytest.raises(SourceError, match="is closed"):
        source.read()


def enumerator(by_backend, failure=None):
    """Stands for the package cv2_enumerate_cameras."""

    def enumerate_cameras(backend):
        if failure is not None:
            raise failure
        return [SimpleNamespace(index=index, name=name) for index, name in by_backend[backend]]

    return SimpleNamespace(supported_backends=tuple(by_backend), enumerate_cameras=enumerate_cameras)


def test_each_camera_is_listed_once_by_a_backend_that_opencv_has(monkeypatch):
    devices = [(2, "Microscope"), (0, "HD Webcam")]
    fake = enumerator({cv2.CAP_GSTREAMER: devices, cv2.CAP_V4L2: devices})
    monkeypatch.setitem(sys.modules, "cv2_enumerate_cameras", fake)
    monkeypatch.setattr(cv2.videoio_registry, "getCameraBackends", lambda: [cv2.CAP_V4L2])
    assert list_cameras() == [CameraInfo(0, "HD Webcam", cv2.CAP_V4L2), CameraInfo(2, "Microscope", cv2.CAP_V4L2)]


@pytest.mark.parametrize("failure", [OSError("no bus"), RuntimeError("no COM"), NotImplementedError("no backend")])
def test_failing_to_list_cameras_is_no_failure(monkeypatch, caplog, failure):
    fake = enumerator({cv2.CAP_V4L2: []}, failure)
    monkeypatch.setitem(sys.modules, "cv2_enumerate_cameras", fake)
    monkeypatch.setattr(cv2.videoio_registry, "getCameraBackends", lambda: [cv2.CAP_V4L2])
    assert list_cameras() == []
    assert str(failure) in caplog.text


def test_without_the_package_no_camera_is_listed(monkeypatch, caplog):
    monkeypatch.setitem(sys.modules, "cv2_enumerate_cameras", None)
    assert list_cameras() == []
    assert "cannot be listed" in caplog.text

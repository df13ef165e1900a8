"""Listing cameras by cv2-enumerate-cameras, and finding one by number or name."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import cv2
import pytest

from detector.errors import SourceError
from detector.frames.camera import CameraInfo, find_camera, list_cameras
from tests.frames.camera_desk import BACKEND, CameraDesk


@pytest.fixture
def desk(monkeypatch):
    desk = CameraDesk(monkeypatch)
    desk.plug("HD Webcam", 0)
    desk.plug("Microscope", 2)
    return desk


@pytest.mark.parametrize("name", ["Microscope", "microscope", "micro", 2])
def test_a_camera_is_found_by_name_or_number(desk, name):
    assert find_camera(name) == CameraInfo(2, "Microscope", BACKEND)


def test_an_unlisted_number_is_accepted_all_the_same(desk):
    assert find_camera(7) == CameraInfo(7, "camera 7", cv2.CAP_ANY)


def test_an_unknown_name_is_told_with_what_there_is(desk):
    with pytest.raises(SourceError, match=r"no camera named 'Telescope'; there is 0 \(HD Webcam\), 2 \(Microscope\)\."):
        find_camera("Telescope")


def test_an_unknown_name_without_any_camera(desk):
    desk.cameras.clear()
    with pytest.raises(SourceError, match="no camera named 'Telescope'; plug one in"):
        find_camera("Telescope")


def test_two_cameras_of_one_name_must_be_told_apart(desk):
    desk.plug("HD Webcam", 4)
    with pytest.raises(SourceError, match=r"more than one camera .* 0 \(HD Webcam\), 4 \(HD Webcam\)"):
        find_camera("HD Webcam")


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

"""Small live pictures of cameras."""

from __future__ import annotations

import threading

import pytest

from detector.frames.camera import CameraInfo, CameraSource, list_cameras
from detector.frames.preview import CameraPreview
from tests.frames.camera_desk import BACKEND, CameraDesk

PATIENCE_S = 60.0


@pytest.fixture
def desk(monkeypatch):
    desk = CameraDesk(monkeypatch)
    yield desk
    desk.free_hanging_cameras()


class Watcher:
    """Keeps what a preview tells."""

    def __init__(self):
        self.changed = threading.Condition()
        self.pictures, self.sentences = [], []

    def picture(self, image):
        with self.changed:
            self.pictures.append(image)
            self.changed.notify_all()

    def sentence(self, text):
        with self.changed:
            self.sentences.append(text)
            self.changed.notify_all()

    def wait(self, condition):
        with self.changed:
            assert self.changed.wait_for(condition, PATIENCE_S)


def test_pictures_are_small_and_keep_coming(desk):
    camera = desk.plug(size_wh=(640, 480))
    watcher = Watcher()
    preview = CameraPreview(list_cameras()[0], watcher.picture, watcher.sentence)
    watcher.wait(lambda: len(watcher.pictures) >= 3)
    preview.close()
    assert watcher.pictures[0].shape == (240, 320, 3)
    assert watcher.pictures[0][0, 0].tolist()[:2] == [200, 100]
    assert watcher.sentences == []
    desk.wait_until_off(camera)


def test_what_is_wrong_is_said_and_not_raised(desk):
    watcher = Watcher()
    preview = CameraPreview(CameraInfo(5, "Gone", BACKEND), watcher.picture, watcher.sentence)
    watcher.wait(lambda: watcher.sentences)
    assert "there is no camera 5" in watcher.sentences[0]
    preview.close()


def test_a_listener_that_fails_does_not_leave_the_camera_on(desk, caplog):
    camera = desk.plug()

    def fails(_image):
        raise RuntimeError("no canvas")

    watcher = Watcher()
    preview = CameraPreview(list_cameras()[0], fails, watcher.sentence)
    watcher.wait(lambda: watcher.sentences)
    assert "cannot be previewed" in watcher.sentences[0]
    assert "no canvas" in caplog.text
    preview.close()
    desk.wait_until_off(camera)


def test_pulling_the_camera_is_said_and_over_when_it_is_back(desk):
    camera = desk.plug()
    watcher = Watcher()
    preview = CameraPreview(list_cameras()[0], watcher.picture, watcher.sentence)
    watcher.wait(lambda: watcher.pictures)
    desk.unplug(camera)
    watcher.wait(lambda: watcher.sentences)
    assert "unplugged" in watcher.sentences[0]
    desk.replug(camera)
    watcher.wait(lambda: watcher.sentences[-1] == "")
    preview.close()


def test_the_running_source_gets_the_camera_once_the_preview_is_stopped(desk):
    camera = desk.plug()
    watcher = Watcher()
    preview = CameraPreview(list_cameras()[0], watcher.picture, watcher.sentence)
    watcher.wait(lambda: watcher.pictures)
    preview.stop()
    source = CameraSource(0)
    assert camera.most_users == 1
    source.close()
    preview.close()


def test_a_hanging_camera_does_not_hold_up_closing(desk):
    camera = desk.plug()
    camera.working.clear()
    preview = CameraPreview(list_cameras()[0], Watcher().picture, Watcher().sentence)
    preview.close()

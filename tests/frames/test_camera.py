"""Cameras, played by stand-ins that can be plugged in, pulled, and made to hang."""

from __future__ import annotations

import threading
import time
from itertools import pairwise

import cv2
import pytest

from detector.errors import SourceError
from detector.frames import CameraMode, Lull, open_source
from detector.frames.camera import CameraSource
from detector.frames.camera_capture import MOST_FAILED_READS, CameraCapture
from detector.frames.protocol import Frame, frames_of
from detector.frames.reconnecting import Patience
from tests.frames.camera_desk import CameraDesk

PATIENCE_S = 60.0
QUICK = Patience(pauses_s=(0.05,), wait_s=0.02)
GONE = Lull("the camera HD Webcam is unplugged or silent; it goes on when it is back.")


@pytest.fixture
def desk(monkeypatch):
    desk = CameraDesk(monkeypatch)
    yield desk
    desk.free_hanging_cameras()


def read_until(source, good):
    deadline_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline_s:
        got = source.read()
        if good(got):
            return got
    raise AssertionError("it never came")


def a_frame(got):
    return isinstance(got, Frame)


def test_frames_are_rgb_counted_and_timed(desk):
    desk.plug()
    before_s = time.monotonic()
    source = CameraSource(0)
    frames = frames_of(source)
    got = [next(frames) for _ in range(4)]
    for earlier, later in pairwise(got):
        assert earlier.index < later.index
        assert earlier.time_s <= later.time_s
        assert earlier.taken_s <= later.taken_s
    assert before_s <= got[0].taken_s <= time.monotonic()
    assert got[0].index == 0
    assert got[0].image[0, 0].tolist() == [200, 100, 0]
    assert got[0].image[0, -1].tolist() == [0, 0, 0]
    source.close()


def test_what_is_told_of_a_camera(desk):
    desk.plug(size_wh=(1280, 720), frame_s=1 / 30)
    source = CameraSource(0)
    info = source.info
    assert (info.title, info.kind, info.live, info.seekable) == ("HD Webcam", "camera", True, False)
    assert (info.size_wh, info.fps, info.frame_count, info.note) == ((1280, 720), 30.0, None, "")
    source.close()


@pytest.mark.parametrize("fps", [0.0, -1.0, float("nan"), 1e9])
def test_a_rate_that_cannot_be_is_not_told(desk, fps):
    desk.plug(fps=fps)
    source = CameraSource(0)
    assert source.info.fps is None
    source.close()


def test_a_camera_is_asked_for_compressed_pictures_of_a_usual_size(desk):
    camera = desk.plug()
    CameraSource(0).close()
    assert camera.settings == {
        cv2.CAP_PROP_FOURCC: cv2.VideoWriter.fourcc(*"MJPG"),
        cv2.CAP_PROP_FRAME_WIDTH: 1280,
        cv2.CAP_PROP_FRAME_HEIGHT: 720,
        cv2.CAP_PROP_FPS: 30,
        cv2.CAP_PROP_BUFFERSIZE: 1,
    }


def test_a_camera_is_asked_for_the_chosen_mode(desk):
    camera = desk.plug(size_wh=(1920, 1080), frame_s=0)
    source = open_source("camera", CameraMode(1920, 1080, 30))
    assert camera.settings[cv2.CAP_PROP_FRAME_WIDTH] == 1920
    assert camera.settings[cv2.CAP_PROP_FRAME_HEIGHT] == 1080
    assert source.info.note == ""
    source.close()


@pytest.mark.parametrize(
    ("asked", "gives", "fps", "note"),
    [
        (CameraMode(64, 48, 9), (32, 24), 5, "asked for 64x48 at 9 frames per second, the camera gives 32x24 at 5."),
        (CameraMode(), (640, 480), 30, "asked for 1280x720 at 30 frames per second, the camera gives 640x480 at 30."),
        (CameraMode(640, 480), (320, 240), 30.0, "asked for 640x480, the camera gives 320x240 at 30."),
        (CameraMode(0, 0, 60), (640, 480), 7.5, "asked for 60 frames per second, the camera gives 640x480 at 7.5."),
        (CameraMode(640, 480, 30), (640, 480), 25.0, ""),
        (CameraMode(640, 480, 30), (1280, 720), 30.0, ""),
        (CameraMode(1280, 720, 30), (1280, 720), 0.0, ""),
    ],
)  # fmt: skip
def test_less_than_was_asked_for_is_told(desk, asked, gives, fps, note):
    desk.plug(size_wh=gives, fps=fps)
    source = CameraSource(0, asked)
    assert source.info.note == note
    source.close()


def test_a_camera_that_gives_nothing_in_the_asked_mode_is_taken_as_it_comes(desk):
    camera = desk.plug()
    camera.refuses_modes = True
    source = CameraSource(0)
    assert source.info.size_wh == (64, 48)
    assert (camera.opened, camera.most_users) == (2, 1)
    source.close()


def test_no_camera(desk):
    with pytest.raises(SourceError, match="there is no camera 63, or another program uses it; plug one in"):
        CameraSource(63)


def test_a_camera_that_another_program_uses(desk):
    desk.plug().taken_by_others = True
    with pytest.raises(SourceError, match="the camera HD Webcam cannot be opened; close what else uses it"):
        CameraSource("HD Webcam")


def test_a_camera_without_a_picture_is_given_back(desk):
    camera = desk.plug()
    opener = DeadCapture.of(desk)
    with pytest.raises(SourceError, match="HD Webcam gives no picture"):
        CameraSource(0, opener=opener)
    desk.wait_until_off(camera)


class DeadCapture:
    """A capture of a camera on the desk that misses pictures as `missing` tells, for ever where that is None."""

    @staticmethod
    def of(desk, missing=None):
        left = [missing]

        def opener(index, backend):
            capture = desk._open(index, backend)
            real = capture.read

            def read():
                if left[0] is None:
                    return False, None
                if left[0] > 0:
                    left[0] -= 1
                    return False, None
                return real()

            capture.read = read
            return capture

        return opener


def test_single_missed_reads_do_not_matter(desk):
    desk.plug()
    stop = threading.Event()
    capture = CameraCapture(
        0, cv2.CAP_V4L2, "HD Webcam", CameraMode(), stop, DeadCapture.of(desk, MOST_FAILED_READS - 1)
    )
    assert capture.read()().shape == (48, 64, 3)
    capture.close()


def test_pulled_and_plugged_in_again_under_another_number(desk):
    camera = desk.plug()
    source = CameraSource(0, patience=QUICK)
    seen = read_until(source, a_frame).index
    desk.unplug(camera)
    read_until(source, lambda got: got == GONE)
    desk.plug("Microscope", camera.index)
    listed = desk.listed
    read_until(source, lambda got: desk.listed > listed)
    assert source.read() == GONE
    desk.replug(camera, index=3)
    back = read_until(source, a_frame)
    assert back.index > seen
    assert desk.cameras[1].opened == 0, "another camera was taken for it"
    assert camera.most_users == 1
    source.close()
    desk.wait_until_off(camera)


def test_of_two_alike_the_one_at_its_old_place_is_opened_again(desk):
    other = desk.plug("HD Webcam", 0)
    camera = desk.plug("HD Webcam", 2)
    source = CameraSource(2, patience=QUICK)
    source.read()
    desk.unplug(camera)
    read_until(source, lambda got: got == GONE)
    listed = desk.listed
    read_until(source, lambda got: desk.listed > listed + 1)
    desk.replug(camera)
    read_until(source, a_frame)
    source.close()
    assert (other.opened, camera.opened) == (0, 2)


def test_a_hanging_camera_does_not_keep_its_reader(desk):
    camera = desk.plug()
    source = CameraSource(0, patience=Patience(pauses_s=(0.05,), stall_s=0.1, wait_s=0.02))
    camera.working.clear()
    read_until(source, lambda got: got == GONE)
    camera.working.set()
    read_until(source, a_frame)
    source.close()


def test_a_camera_cannot_be_wound_and_closes_twice(desk):
    desk.plug()
    source = CameraSource(0)
    with pytest.raises(SourceError, match="HD Webcam is live"):
        source.seek(3)
    source.close()
    source.close()
    with pytest.raises(SourceError, match="is closed"):
        source.read()


def test_a_camera_is_used_by_one_at_a_time(desk):
    camera = desk.plug()
    first = CameraSource(0)
    threading.Timer(0.1, first.close).start()
    second = CameraSource(0)
    assert second.read().index == 0
    assert camera.most_users == 1
    second.close()


def test_a_camera_that_is_kept_is_in_use(desk, monkeypatch):
    monkeypatch.setattr("detector.frames.camera_capture.HOLD_PATIENCE_S", 0.05)
    desk.plug()
    first = CameraSource(0)
    with pytest.raises(SourceError, match="the camera HD Webcam is in use in this window"):
        CameraSource(0)
    first.close()


def test_a_camera_whose_user_hangs_and_has_left_is_taken_over(desk, monkeypatch):
    monkeypatch.setattr("detector.frames.camera_capture.HOLD_PATIENCE_S", 0.05)
    camera = desk.plug()
    first = CameraSource(0)
    camera.working.clear()
    first.close()
    camera.working.set()
    second = CameraSource(0)
    second.close()

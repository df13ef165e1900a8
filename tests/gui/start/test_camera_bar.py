"""The camera's choices in the toolbar, and that they are remembered by its name."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QAction
from pytestqt.qtbot import QtBot

from detector.frames.camera_modes import CameraMode
from detector.frames.protocol import SourceInfo
from gui.panels.camera import MOST_CAMERAS, SIZES, SPEEDS, CameraBar, parse_habits, written_habits
from gui.settings import CAMERA_HABITS, SettingsStore
from gui.values import CameraHabits
from tests.gui.start.conftest import AskedSession

WEBCAM = SourceInfo("HD Webcam", "camera", True, (1280, 720), 30.0, note="it gives less.")
VIDEO = SourceInfo("clip.mp4", "video", False, (64, 48))


@pytest.fixture
def bar(session: AskedSession, actions: dict[str, QAction], store: SettingsStore, qtbot: QtBot) -> CameraBar:
    made = CameraBar(session, actions, store)
    qtbot.addWidget(made)
    made.show()
    return made


def run(session: AskedSession, info: SourceInfo, text: str) -> None:
    session.playback.opened(info, text)
    session.source_opened.emit(info)


def choose(bar: CameraBar, size: tuple[int, int], fps: float) -> None:
    bar.resolutions.setCurrentIndex(SIZES.index(size))
    bar.rates.setCurrentIndex(SPEEDS.index(fps))
    bar.rates.activated.emit(bar.rates.currentIndex())


def test_it_is_there_only_while_a_camera_runs(
    bar: CameraBar, session: AskedSession, actions: dict[str, QAction]
) -> None:
    assert not bar.inner.isVisible()
    assert not actions["mirror"].isEnabled()
    run(session, WEBCAM, "camera:HD Webcam")
    assert bar.inner.isVisible()
    assert actions["mirror"].isEnabled()
    run(session, VIDEO, "/clip.mp4")
    assert not bar.inner.isVisible()
    run(session, WEBCAM, "camera:HD Webcam")
    session.playback.closed()
    session.source_closed.emit()
    assert not bar.inner.isVisible()
    assert not actions["mirror"].isEnabled()


def test_it_says_what_the_camera_really_gives(bar: CameraBar, session: AskedSession) -> None:
    run(session, WEBCAM, "camera:HD Webcam")
    assert bar.given.text() == "1280 x 720, 30 fps"
    assert bar.given.toolTip() == "it gives less."
    session.playback.learned(SourceInfo("HD Webcam", "camera", True, (640, 480), 14.98))
    session.playback_changed.emit()
    assert bar.given.text() == "640 x 480, 14.98 fps"


def test_a_mode_is_asked_for_and_remembered_by_name(bar: CameraBar, session: AskedSession) -> None:
    run(session, WEBCAM, "camera:HD Webcam")
    choose(bar, (640, 480), 15.0)
    mode = CameraMode(640, 480, 15.0)
    assert session.requests == [("mode", mode)]
    assert session.habits("camera:HD Webcam") == CameraHabits(mode, False)
    assert session.habits("camera:Another") == CameraHabits()
    assert session.habits("/clip.mp4") == CameraHabits()


def test_mirroring_is_remembered_by_name(
    bar: CameraBar, session: AskedSession, actions: dict[str, QAction], store: SettingsStore
) -> None:
    run(session, WEBCAM, "camera:HD Webcam")
    actions["mirror"].trigger()
    assert session.requests == [("mirror", True)]
    run(session, SourceInfo("Other", "camera", True, (8, 6)), "camera:Other")
    assert not actions["mirror"].isChecked()
    assert session.requests[-1] == ("mirror", False)
    run(session, WEBCAM, "camera:HD Webcam")
    assert actions["mirror"].isChecked()
    assert session.requests[-1] == ("mirror", True)
    assert parse_habits(store.get(CAMERA_HABITS))["HD Webcam"].mirror


def test_a_camera_asked_for_by_number_gets_its_mode_once_its_name_is_known(
    bar: CameraBar, session: AskedSession, store: SettingsStore
) -> None:
    mode = CameraMode(640, 480, 15.0)
    store.put(CAMERA_HABITS, written_habits({"HD Webcam": CameraHabits(mode, False)}))
    run(session, WEBCAM, "camera:0")
    assert session.requests == [("mode", mode)]
    # Opened anew in that mode, it is content.
    run(session, WEBCAM, "camera:0")
    assert session.requests == [("mode", mode)]
    assert session.habits("camera:0").mode == mode


@pytest.mark.parametrize(
    "raw",
    [
        "", "7", "[]", '{"a": 3}', '{"a": {"width": "x"}}', "{" * 9,
        '{"a": {"width": -1, "height": 0, "fps": 0, "mirror": true}}',
        '{"a": {"width": 1, "height": 1, "fps": 1e999, "mirror": true}}',
    ],
)  # fmt: skip
def test_rubbish_is_nothing_remembered(raw: str) -> None:
    assert parse_habits(raw) == {}


def test_only_the_cameras_used_last_are_kept() -> None:
    many = {f"camera {number}": CameraHabits(CameraMode(), True) for number in range(MOST_CAMERAS + 9)}
    kept = parse_habits(written_habits(many))
    assert len(kept) == MOST_CAMERAS
    assert f"camera {MOST_CAMERAS + 8}" in kept

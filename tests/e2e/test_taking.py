"""Taking it with you, in the real window: snapshots, the clipboard, recordings."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtGui import QGuiApplication, QImage
from pytestqt.qtbot import QtBot

from detector.drawing import annotate
from gui.main_window import MainWindow
from gui.settings import CAPTURE_FOLDER, SettingsStore
from tests.e2e.hands import stand_on, wait
from tests.recording.made import rows_in, times_in

FRAME = 30
"""A frame of the sample with a person on it."""


@pytest.fixture
def settings(settings: SettingsStore, tmp_path: Path) -> SettingsStore:
    settings.put(CAPTURE_FOLDER, str(tmp_path / "captures"))
    return settings


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "captures"


def files(folder: Path, pattern: str) -> list[Path]:
    return sorted(folder.glob(pattern)) if folder.is_dir() else []


def pixels(path: Path) -> np.ndarray:
    return cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)


def frames_recorded(window: MainWindow) -> int:
    take = window.capture.recordings.take
    return take.recorder.progress().frames if take is not None and take.recorder is not None else 0


def test_a_snapshot_has_the_frames_pixels_with_and_without_boxes(
    running: MainWindow, folder: Path, qtbot: QtBot
) -> None:
    saved: list[Path] = []
    running.capture.saved.connect(saved.append)
    stand_on(qtbot, running, FRAME)
    drawn = running.session.current
    running.commands["snapshot"].trigger()
    wait(qtbot, lambda: len(saved) == 1)
    running.capture.set_boxes(False)
    bare = running.session.current
    running.commands["snapshot"].trigger()
    wait(qtbot, lambda: len(saved) == 2)
    assert (pixels(saved[0]) == annotate(drawn.frame.image, drawn.detections, drawn.class_names)).all()
    assert (pixels(saved[0]) != drawn.frame.image).any()
    assert (pixels(saved[1]) == bare.frame.image).all()
    assert files(folder, "*") == sorted(saved)


def test_the_clipboard_gets_the_whole_frame(running: MainWindow, qtbot: QtBot) -> None:
    QGuiApplication.clipboard().clear()
    shown = running.session.current
    running.commands["copy_picture"].trigger()
    wait(qtbot, lambda: not QGuiApplication.clipboard().image().isNull())
    image = QGuiApplication.clipboard().image().convertToFormat(QImage.Format.Format_RGB888)
    width, height = shown.frame.size_wh
    assert (image.width(), image.height()) == (width, height)
    data = np.frombuffer(image.constBits(), np.uint8).reshape(height, image.bytesPerLine())[:, : 3 * width]
    assert (data.reshape(height, width, 3) == annotate(shown.frame.image, shown.detections, shown.class_names)).all()


def test_the_sample_is_recorded_as_video_and_table(running: MainWindow, folder: Path, qtbot: QtBot) -> None:
    running.commands["record"].trigger()
    wait(qtbot, lambda: frames_recorded(running) >= 10)
    assert running.commands["record"].isChecked()
    assert not running.capture_light.isHidden()
    running.commands["record"].trigger()
    wait(qtbot, lambda: not running.capture.recordings.unfinished)
    (video,) = files(folder, "*.mp4")
    times = times_in(video)
    assert len(times) >= 10
    assert times[0] == 0
    assert times == sorted(times)
    rows = rows_in(video.with_suffix(".csv"))
    assert "person" in {row["class"] for row in rows}
    assert all(min(abs(float(row["video_s"]) - time) for time in times) < 2e-3 for row in rows)


def test_the_seconds_before_the_button_are_there(running: MainWindow, folder: Path, qtbot: QtBot) -> None:
    running.capture.set_pre_roll(10)
    wait(qtbot, lambda: running.capture.recordings.feed.held_s > 0.3)
    held_s = running.capture.recordings.feed.held_s
    running.session.set_playing(False)
    running.commands["record"].trigger()
    wait(qtbot, lambda: frames_recorded(running) >= 3)
    running.commands["record"].trigger()
    wait(qtbot, lambda: not running.capture.recordings.unfinished)
    (video,) = files(folder, "*.mp4")
    assert times_in(video)[-1] >= held_s - 1e-3


def test_closing_the_window_while_recording_leaves_finished_files(
    running: MainWindow, folder: Path, qtbot: QtBot
) -> None:
    running.commands["record"].trigger()
    wait(qtbot, lambda: frames_recorded(running) >= 5)
    running.close()
    assert sorted(path.suffixes for path in folder.iterdir()) == [[".csv"], [".mp4"]]
    assert len(times_in(files(folder, "*.mp4")[0])) >= 5


def test_another_source_ends_the_recording_and_says_so(
    running: MainWindow, folder: Path, make_video, qtbot: QtBot
) -> None:
    running.commands["record"].trigger()
    wait(qtbot, lambda: frames_recorded(running) >= 3)
    running.session.open(str(make_video()))
    wait(qtbot, lambda: "ended with its source" in running.capture_note.details.text())
    assert not running.commands["record"].isChecked()
    assert len(files(folder, "*.mp4")) == 1


def test_a_folder_that_is_a_file_is_told_in_the_banner(running: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / "captures").write_text("in the way")
    running.commands["snapshot"].trigger()
    wait(qtbot, lambda: str(tmp_path / "captures") in running.banner.text)
    running.banner.close_all()
    running.commands["record"].trigger()
    wait(qtbot, lambda: str(tmp_path / "captures") in running.banner.text)
    wait(qtbot, lambda: not running.commands["record"].isChecked())
    assert (tmp_path / "captures").read_text() == "in the way"

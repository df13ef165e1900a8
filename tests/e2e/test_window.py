"""What a person does with the window, with real frames and the shipped weights."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QDockWidget
from pytestqt.qtbot import QtBot

from detector.detections import Detections
from detector.detector import Detector, ModelInfo
from detector.errors import OptionError
from detector.frames import Frame
from detector.pipeline.results import RunningModel
from gui import session as session_module
from gui.app import run_window, settle_display
from gui.canvas.frame_view import BACKGROUND
from gui.main_window import MainWindow
from gui.settings import SCORE, SettingsStore
from gui.values import ModelChoice, ShownFrame
from tests.e2e.hands import PATIENCE_MS, stand_on, wait
from tests.pipeline.fakes import NumberedSource

ROOT = Path(__file__).parents[2]
FRAME = 30
"""A frame of the sample with a person on it."""


def labels(window: MainWindow) -> set[str]:
    shown = window.session.current
    return {shown.class_names[label] for label in shown.detections.labels} if shown else set()


def test_the_sample_shows_a_person_with_a_box_over_the_frame(running: MainWindow, qtbot: QtBot) -> None:
    stand_on(qtbot, running, FRAME)
    assert "person" in labels(running)
    picture = running.canvas.grab().toImage()
    colours = {picture.pixelColor(x, y).rgb() for x in range(0, picture.width(), 3) for y in range(0, 400, 3)}
    assert len(colours) > 100, "the canvas shows no photograph"
    assert BACKGROUND.rgb() in colours


def test_sliders_act_on_a_paused_frame_without_the_network(
    running: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_on(qtbot, running, FRAME)
    assert "person" in labels(running)

    def refuse(*_: object) -> None:
        raise AssertionError("the network ran for a slider")

    monkeypatch.setattr(Detector, "predict", refuse)
    frame = running.session.current.frame.index
    before = len(running.session.current.detections)
    running.detections_panel.score.slider.setValue(3)
    many = len(running.session.current.detections)
    running.detections_panel.nms.slider.setValue(100)
    unmerged = len(running.session.current.detections)
    running.detections_panel.score.slider.setValue(100)
    assert before < many < unmerged
    assert len(running.session.current.detections) == 0
    assert running.session.current.frame.index == frame
    running.commands["reset_view"].trigger()
    assert len(running.session.current.detections) == before


def test_pause_step_and_seek_are_exact(running: MainWindow, qtbot: QtBot, make_video: Callable[..., Path]) -> None:
    running.session.open(str(make_video(frames=40)))
    wait(qtbot, lambda: running.session.playback.ended)
    assert running.session.current.frame.index == 39
    running.session.seek(17)
    wait(qtbot, lambda: running.session.current.frame.index == 17)
    assert abs(int(running.session.current.frame.image.mean()) - 68) <= 3
    running.commands["step"].trigger()
    wait(qtbot, lambda: running.session.current.frame.index == 18)
    running.commands["step_back"].trigger()
    wait(qtbot, lambda: running.session.current.frame.index == 17)
    # Time for a few frames, had it gone on; on a busy machine it has less to show, and still must not move.
    qtbot.wait(150)
    assert running.session.current.frame.index == 17, "a paused clip moved"
    running.transport.slider.setValue(5)
    wait(qtbot, lambda: running.session.current.frame.index == 5)
    assert "frame 6/40" in running.transport.position.text()
    running.commands["play"].trigger()
    wait(qtbot, lambda: running.session.playback.ended)


def plays_to_the_end(window: MainWindow, qtbot: QtBot) -> None:
    """Press play after the end: it begins again and ends again. Heard, not looked for: a short clip is soon over."""
    playback, ended = window.session.playback, []

    def hear() -> None:
        ended.append(playback.ended)

    window.session.playback_changed.connect(hear)
    window.commands["play"].trigger()
    assert playback.playing
    wait(qtbot, lambda: False in ended and playback.ended)
    window.session.playback_changed.disconnect(hear)


def test_play_after_the_end_begins_again(running: MainWindow, qtbot: QtBot, make_video: Callable[..., Path]) -> None:
    running.session.open(str(make_video(frames=10)))
    wait(qtbot, lambda: running.session.playback.ended)
    plays_to_the_end(running, qtbot)


def test_a_camera_opens_after_a_clip_has_ended(
    running: MainWindow, qtbot: QtBot, make_video: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    running.session.open(str(make_video(frames=8)))
    wait(qtbot, lambda: running.session.playback.ended)
    live = NumberedSource(None, live=True, wait_s=0.02)
    monkeypatch.setattr(session_module, "open_source", lambda *_: live)
    running.session.open("camera:0")
    wait(qtbot, lambda: running.session.current.frame.size_wh == (48, 32))
    shown = running.session.current.frame.index
    wait(qtbot, lambda: running.session.current.frame.index > shown + 3)
    assert running.session.playback.playing
    assert not running.banner.isVisible()
    running.commands["stop"].trigger()
    assert live.closed.wait(20)
    assert running.canvas.shown is None
    assert not running.commands["play"].isEnabled()


def test_the_last_frame_is_shown_and_the_end_is_kept(
    running: MainWindow, qtbot: QtBot, make_video: Callable[..., Path]
) -> None:
    clip = str(make_video(frames=12))
    for _ in range(6):
        running.session.runner.set_speed(0)
        with qtbot.waitSignal(running.session.source_opened, timeout=PATIENCE_MS):
            running.session.open(clip)
        wait(qtbot, lambda: running.session.playback.ended)
        qtbot.wait(60)
        assert running.session.playback.ended
        assert running.session.current.frame.index == 11
        plays_to_the_end(running, qtbot)


def test_a_failed_open_leaves_a_paused_clip_paused(
    running: MainWindow, qtbot: QtBot, make_video: Callable[..., Path]
) -> None:
    running.session.open(str(make_video(frames=60)))
    wait(qtbot, lambda: running.session.current.frame.size_wh == (160, 96))
    running.session.set_playing(False)
    running.session.seek(17)
    wait(qtbot, lambda: running.session.current.frame.index == 17)
    running.session.open("gone.mp4")
    wait(qtbot, running.banner.isVisible)
    qtbot.wait(100)
    assert running.session.current.frame.index == 17
    assert not running.session.playback.playing


def test_the_picture_is_never_that_of_another_frame(window: MainWindow, qtbot: QtBot) -> None:
    model = RunningModel(ModelInfo("m", ("thing",), 32, Path("none")), 32, "fake", "f32", "CPU x1")
    for gray in range(0, 250, 5):
        # As many frames as an unpainted window may miss: their memory is used again by later ones.
        for passing in (gray + 1, gray + 2, gray):
            frame = Frame(np.full((90, 120, 3), passing, np.uint8), passing, 0.0)
            window.canvas.show_frame(ShownFrame(frame, None, Detections.empty(), model))
        picture = window.canvas.grab().toImage()
        assert picture.pixelColor(picture.width() // 2, picture.height() // 2).red() == gray


def test_a_focused_list_keeps_its_keys(running: MainWindow, qtbot: QtBot) -> None:
    running.activateWindow()
    panel = running.detections_panel
    panel.classes.setFocus()
    panel.classes.setCurrentIndex(panel.classes.index_of("dog"))
    qtbot.keyClick(panel.classes, Qt.Key.Key_Space)
    assert not running.session.selection.shows("dog")
    assert running.session.playback.playing, "space paused the film instead"


def test_panels_come_back_and_the_key_sheet_lies_beside_the_frame(running: MainWindow, qtbot: QtBot) -> None:
    dock = running.detections_panel.parentWidget()
    dock.close()
    assert not running.commands["panel"].isChecked()
    running.commands["panel"].trigger()
    assert dock.isVisible()
    running.commands["keys"].trigger()
    sheet = running.findChild(QDockWidget, "keys_dock")
    assert sheet.isVisible()
    assert not sheet.geometry().intersects(running.centralWidget().geometry())


def test_switching_source_and_model_shows_only_the_new(
    running: MainWindow, qtbot: QtBot, make_video: Callable[..., Path]
) -> None:
    clip = make_video()
    for _ in range(4):
        running.session.open(str(clip))
        running.session.open("sample")
    wait(qtbot, lambda: running.session.current.frame.size_wh == (640, 360))
    running.model_bar.sizes.setCurrentText("256")
    running.model_bar.apply()
    wait(qtbot, lambda: running.session.model is not None and running.session.model.size == 256)
    wait(qtbot, lambda: running.session.current.model is not None and running.session.current.model.size == 256)
    assert "256" in running.status_line.text()
    assert not running.banner.isVisible()


def test_photographs_and_folders_open(running: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    folder = tmp_path / "photographs \N{CAT FACE}"
    folder.mkdir()
    for index in range(3):
        picture = np.full((40 + index, 60, 3), 50 * index, np.uint8)
        cv2.imencode(".png", picture)[1].tofile(folder / f"photo {index}.png")
    running.session.open(str(folder))
    wait(qtbot, lambda: running.session.current.frame.name == "photo 0.png")
    running.session.set_playing(False)
    running.session.seek(2)
    wait(qtbot, lambda: running.session.current.frame.size_wh == (60, 42))
    running.session.open(str(folder / "photo 1.png"))
    wait(qtbot, lambda: running.session.current.frame.size_wh == (60, 41))


@pytest.mark.parametrize("size", [(1, 1), (8192, 4320)])
def test_tiny_and_huge_frames(running: MainWindow, qtbot: QtBot, tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "frame.jpg"
    cv2.imencode(".jpg", np.full((size[1], size[0], 3), 90, np.uint8))[1].tofile(path)
    running.session.open(str(path))
    wait(qtbot, lambda: running.session.current.frame.size_wh == size)
    wait(qtbot, lambda: running.session.current.candidates is not None)
    assert not running.canvas.grab().isNull()
    assert not running.banner.isVisible()


def test_a_dropped_file_is_opened(running: MainWindow, qtbot: QtBot, make_video: Callable[..., Path]) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(make_video("dropped.mp4")))])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    # Qt hands a drop to what took the drag before.
    QApplication.sendEvent(running, QDragEnterEvent(QPoint(50, 50), copy, data, left, none))
    QApplication.sendEvent(running, QDropEvent(QPointF(50, 50), copy, data, left, none))
    wait(qtbot, lambda: running.session.current.frame.size_wh == (160, 96))
    assert "dropped.mp4" in running.windowTitle()


def test_zoom_keeps_the_point_under_the_pointer(running: MainWindow, qtbot: QtBot) -> None:
    canvas = running.canvas
    at = QPointF(100, 120)
    before = canvas.transform.to_frame(at.x(), at.y())
    wheel = QWheelEvent(
        at, canvas.mapToGlobal(at), QPoint(), QPoint(0, 240), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(canvas, wheel)
    assert canvas.transform.to_frame(at.x(), at.y()) == pytest.approx(before)
    running.commands["zoom_one"].trigger()
    assert canvas.transform.scale * canvas.devicePixelRatioF() == pytest.approx(1.0)
    running.commands["zoom_fit"].trigger()
    corner = canvas.transform.to_view(0, 0)
    assert min(corner) >= -1e-6


def test_the_status_line_tells_what_runs(running: MainWindow, qtbot: QtBot) -> None:
    wait(qtbot, lambda: running.session.bridge.meter.rates().frames_per_s > 0)
    running.status_line.refresh()
    assert "FPS" in running.status_line.text()
    model = running.session.model
    assert f"{model.engine} {model.precision}" in running.status_line.text()
    assert model.device in running.status_line.text()


def test_settings_come_back_and_rubbish_does_not(window: MainWindow, settings: SettingsStore) -> None:
    window.session.set_score(0.6)
    window.close()
    assert settings.get(SCORE) == pytest.approx(0.6)
    settings.store.setValue(SCORE.key, "rubbish")
    settings.store.setValue("window/geometry", "rubbish")
    assert settings.get(SCORE) == SCORE.default
    again = MainWindow(settings)
    assert again.session.default_score
    again.close()


def test_the_unattended_run_refuses_a_folder_it_cannot_make(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    file = tmp_path / "file"
    file.write_text("")
    assert run_window(["--frames", "3", "--screenshot", str(file / "deep" / "window.png")]) == 2
    assert "deep" in capsys.readouterr().err
    assert not [t.name for t in threading.enumerate() if t.name in ("lane", "reader")]


def test_a_stopped_unattended_run_leaves_partial_files_and_says_so(tmp_path: Path) -> None:
    table = tmp_path / "detections.csv"
    command = [sys.executable, str(ROOT / "main.py"), "--frames", "5000", "--detections", str(table), "--score", "0.2"]
    started = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    partial = tmp_path / "detections.part.csv"
    deadline_s = time.monotonic() + 120
    while not (partial.exists() and partial.read_text().count("\n") > 2):
        assert time.monotonic() < deadline_s
        time.sleep(0.05)
    started.send_signal(signal.SIGTERM)
    _, said = started.communicate(timeout=60)
    assert started.returncode == 130
    assert "stopped" in said
    assert partial.exists()
    assert not table.exists()


def test_without_a_display_the_window_says_so_and_an_unattended_run_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    with pytest.raises(OptionError, match="no display"):
        settle_display(unattended=False)
    monkeypatch.setenv("QT_QPA_PLATFORM", "")
    settle_display(unattended=True)
    assert os.environ["QT_QPA_PLATFORM"] == "offscreen"


def run_main(*words: str) -> subprocess.CompletedProcess[str]:
    """The program as a person starts it. (An application that has quit cannot run again in the tests' process.)"""
    command = [sys.executable, str(ROOT / "main.py"), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)


def test_the_unattended_run_leaves_screenshot_and_detections(tmp_path: Path) -> None:
    screenshot, table = tmp_path / "out" / "window.png", tmp_path / "out" / "detections.csv"
    words = ["--source", "sample", "--frames", "25", "--score", "0.3"]
    done = run_main(*words, "--screenshot", str(screenshot), "--detections", str(table))
    assert done.returncode == 0, done.stderr
    assert cv2.imread(str(screenshot)).shape[0] > 300
    rows = list(csv.DictReader(table.open()))
    assert any(row["class"] == "person" for row in rows)
    assert all(float(row["score"]) >= 0.3 for row in rows)


def test_the_unattended_run_says_what_is_wrong(tmp_path: Path) -> None:
    table = tmp_path / "detections.json"
    done = run_main("--source", str(tmp_path / "gone.mp4"), "--frames", "5", "--detections", str(table))
    assert done.returncode == 2
    assert "gone.mp4" in done.stderr
    assert json.loads(table.read_text())["detections"] == []


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--score", "1.5"], "1.5"),
        (["--size", "0"], "input size"),
        (["--frames", "0"], "--frames"),
        (["--screenshot", "a.png"], "--frames"),
        (["--frames", "3", "--detections", "a.txt"], "a.txt"),
        (["--model", "vgg-yolo-voc2"], "vgg-yolo-voc20"),
        (["--model", "gone.safetensors"], "gone.safetensors"),
    ],
)
def test_wrong_options_are_refused(words: list[str], named: str, capsys: pytest.CaptureFixture) -> None:
    assert run_window(words) == 2
    assert named in capsys.readouterr().err


def test_a_new_choice_of_model_is_remembered(running: MainWindow, settings: SettingsStore) -> None:
    running.session.choose_model(ModelChoice("vgg-yolo-voc20", 256, "f32"))
    running.close()
    assert settings.store.value("model/input_size") == 256

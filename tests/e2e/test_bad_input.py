"""Whatever is wrong is named in the banner, and the window goes on."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from pytestqt.qtbot import QtBot

import weights
from detector.frames.camera import CameraSource
from detector.weights_file import read_weights, write_weights
from gui import session as session_module
from gui.main_window import MainWindow
from gui.values import ModelChoice
from tests.e2e.conftest import has_boxes
from tests.e2e.hands import wait
from tests.small_disk import disk_that_takes


def goes_on(window: MainWindow, qtbot: QtBot) -> None:
    """The sample still brings frames with boxes."""
    answered = window.session.bridge.answered
    window.session.open("sample")
    wait(qtbot, lambda: window.session.bridge.answered > answered and has_boxes(window))


def sound_only(path: Path) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.int16), format="s16", layout="mono")
        frame.sample_rate = 8000
        for packet in [*stream.encode(frame), *stream.encode()]:
            container.mux(packet)
    return path


def bad_source(kind: str, folder: Path, make_video: Callable[..., Path]) -> Path:
    path = folder / f"{kind}.mp4"
    if kind == "zero-byte":
        path.write_bytes(b"")
    elif kind == "rubbish":
        path.write_bytes(os.urandom(5000))
    elif kind == "truncated":
        whole = make_video("whole.mp4", frames=60).read_bytes()
        path.write_bytes(whole[: len(whole) // 3])
    elif kind == "sound":
        return sound_only(folder / "sound.wav")
    elif kind == "empty-folder":
        path = folder / kind
        path.mkdir()
    elif kind == "text":
        path = folder / "text.txt"
        path.write_text("no video at all")
    return path


@pytest.mark.parametrize("kind", ["missing", "zero-byte", "rubbish", "truncated", "sound", "empty-folder", "text"])
def test_bad_sources(
    running: MainWindow, qtbot: QtBot, tmp_path: Path, make_video: Callable[..., Path], kind: str
) -> None:
    path = bad_source(kind, tmp_path, make_video)
    running.session.open(str(path))
    wait(qtbot, running.banner.isVisible)
    assert path.name in running.banner.text
    assert running.session.playback.text == "sample", "the running source went away"
    assert running.banner.text.count(". ") == 0, "more than one sentence"
    goes_on(running, qtbot)
    wait(qtbot, lambda: not running.banner.isVisible())


def test_no_camera(running: MainWindow, qtbot: QtBot) -> None:
    running.session.open("camera:63")
    wait(qtbot, running.banner.isVisible)
    assert "63" in running.banner.text
    goes_on(running, qtbot)


class DyingCapture:
    """A camera that is pulled out after ten frames."""

    def __init__(self) -> None:
        self.frames = 0

    def isOpened(self) -> bool:
        return True

    def read(self) -> tuple[bool, np.ndarray | None]:
        self.frames += 1
        return (True, np.full((48, 64, 3), 100, np.uint8)) if self.frames <= 10 else (False, None)

    def get(self, _what: int) -> float:
        return 0.0

    def set(self, _what: int, _value: float) -> bool:
        return True

    def release(self) -> None:
        pass


def test_a_camera_that_goes_mid_run(running: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_module, "open_source", lambda *_: CameraSource(0, opener=lambda *_args: DyingCapture()))
    running.session.open("camera:0")
    wait(qtbot, lambda: running.session.current.frame.size_wh == (64, 48))
    wait(qtbot, running.banner.isVisible)
    assert "camera" in running.banner.text
    assert running.session.playback.info is not None, "it is waited for, as it may come back"
    monkeypatch.undo()
    goes_on(running, qtbot)


def bad_weights(kind: str, folder: Path) -> Path:
    good = weights.path("vgg-yolo-voc20.safetensors")
    path = folder / f"{kind}.safetensors"
    data = bytearray(good.read_bytes())
    if kind == "truncated":
        path.write_bytes(data[: len(data) // 2])
    elif kind == "altered":
        data[-100] ^= 0xFF
        path.write_bytes(data)
    elif kind == "rubbish":
        path.write_bytes(os.urandom(1000))
    elif kind == "other-shape":
        arrays, card = read_weights(good)
        arrays["head.distances.bias"] = np.zeros(7, np.float16)
        write_weights(path, arrays, card)
    elif kind == "other-architecture":
        arrays, card = read_weights(good)
        write_weights(path, arrays, replace(card, backbone_name="vgg19"))
    return path


@pytest.mark.parametrize("kind", ["missing", "truncated", "altered", "rubbish", "other-shape", "other-architecture"])
def test_bad_weights_keep_the_running_model(running: MainWindow, qtbot: QtBot, tmp_path: Path, kind: str) -> None:
    path = bad_weights(kind, tmp_path)
    running.session.choose_model(ModelChoice(str(path)))
    wait(qtbot, running.banner.isVisible)
    assert path.name in running.banner.text
    answered = running.session.bridge.answered
    wait(qtbot, lambda: running.session.bridge.answered > answered + 3)
    assert running.session.model.info.name == "vgg-yolo-voc20"
    assert running.model_bar.choice.name == "vgg-yolo-voc20", "the box names a model that does not answer"


def test_missing_weights_at_the_start_are_told_and_frames_pass_without_boxes(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, make_video: Callable[..., Path]
) -> None:
    window.session.choose_model(ModelChoice(str(tmp_path / "gone.safetensors")))
    window.session.open(str(make_video(frames=20)))
    wait(qtbot, lambda: window.session.playback.ended)
    assert "gone.safetensors" in window.banner.text, "the opened source wiped the message away"
    assert window.session.current.frame.index == 19
    window.session.choose_model(ModelChoice("vgg-yolo-voc20"))
    wait(qtbot, lambda: window.session.current.candidates is not None)
    assert not window.banner.isVisible()


def test_a_bad_source_at_the_start_stays_told_when_the_model_is_ready(window: MainWindow, qtbot: QtBot) -> None:
    window.session.choose_model(ModelChoice("vgg-yolo-voc20"))
    window.session.open("gone.mp4")
    wait(qtbot, lambda: window.session.model is not None)
    wait(qtbot, lambda: "gone.mp4" in window.banner.text)
    qtbot.wait(50)
    assert window.banner.isVisible()


def test_a_clip_that_is_cut_off_says_so_at_its_end(
    running: MainWindow, qtbot: QtBot, make_video: Callable[..., Path], tmp_path: Path
) -> None:
    whole = make_video("whole.avi", frames=200).read_bytes()
    cut = tmp_path / "cut.avi"
    cut.write_bytes(whole[: len(whole) // 2])
    running.session.runner.set_speed(0)
    running.session.open(str(cut))
    wait(qtbot, lambda: running.session.playback.ended)
    wait(qtbot, running.banner.isVisible)
    assert "cut.avi" in running.banner.text


def test_unknown_model_name(running: MainWindow, qtbot: QtBot) -> None:
    running.session.choose_model(ModelChoice("vgg-yolo-voc21"))
    wait(qtbot, running.banner.isVisible)
    assert "did you mean vgg-yolo-voc20" in running.banner.text


def test_a_snapshot_on_a_full_disk_says_so_and_leaves_the_old_one(
    running: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    path = tmp_path / "frame.png"
    running.capture.save_to(path)
    wait(qtbot, path.exists)
    before = path.read_bytes()
    with disk_that_takes(1000):
        running.capture.save_to(path)
        wait(qtbot, lambda: "frame.png" in running.banner.text)
    assert path.read_bytes() == before
    assert list(tmp_path.glob(".*part")) == []

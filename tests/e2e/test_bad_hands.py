"""Whatever a hand does to the window and its sources: nothing hangs, nothing is lost, the banner offers a way out."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from benchmarks.deeds.events import drop
from detector.registry import load_detector
from gui import session as session_module
from gui.main_window import MainWindow
from gui.remembered_model import remembered_choice
from gui.settings import CAPTURE_FOLDER, KEYS, SettingsStore
from gui.settings_file import open_settings
from gui.values import ModelChoice
from tests.e2e.hands import click, wait
from tests.e2e.materials import write_clip, write_folder
from tests.frames.camera_desk import CameraDesk
from tests.frames.mjpeg_server import MjpegServer
from tests.recording.made import times_in

MODEL = "vgg-yolo-voc20"
SMALL_SIZE = 64


@pytest.fixture
def settings(settings: SettingsStore, tmp_path: Path) -> SettingsStore:
    settings.put(CAPTURE_FOLDER, str(tmp_path / "captures"))
    return settings


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch, qtbot: QtBot) -> Iterator[CameraDesk]:
    """To be asked for before the window, which is closed while its cameras still stand in."""
    made = CameraDesk(monkeypatch)
    yield made
    made.free_hanging_cameras()
    wait(qtbot, lambda: all(camera.users == 0 for camera in made.cameras))


@pytest.fixture
def server() -> Iterator[MjpegServer]:
    with MjpegServer(frame_s=0.02) as made:
        yield made


def threads(*names: str) -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name in names]


def pipeline_threads() -> list[str]:
    """Those of ours that must not outlive a window."""
    return threads("lane", "reader", "device")


def answered(window: MainWindow, text: str) -> bool:
    """Whether what is on the screen is the answer for a frame of this source."""
    current = window.session.current
    return window.session.playback.text == text and current is not None and current.candidates is not None


def start(window: MainWindow) -> None:
    window.session.choose_model(ModelChoice(MODEL, SMALL_SIZE))


class SlowModel:
    """Stands before the loading of models: none is loaded before `go`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.go, self.begun = threading.Event(), threading.Event()
        monkeypatch.setattr(session_module, "load_detector", self._load)

    def _load(self, *arguments: object, **words: object) -> object:
        self.begun.set()
        assert self.go.wait(120)
        return load_detector(*arguments, **words)


@pytest.fixture
def slow_model(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowModel]:
    made = SlowModel(monkeypatch)
    yield made
    made.go.set()


# While something is under way


def test_clicking_while_the_model_loads(slow_model: SlowModel, window: MainWindow, qtbot: QtBot) -> None:
    start(window)
    wait(qtbot, slow_model.begun.is_set)
    window.session.open("sample")
    wait(qtbot, lambda: window.session.current is not None)
    for name in ("raw_boxes", "grid", "step", "preset_2", "copy", "next_box", "score_up", "undo", "snapshot", "play"):
        window.commands[name].trigger()
        QApplication.processEvents()
    click(window.canvas)
    for size in (96, 128, SMALL_SIZE):
        window.session.choose_model(ModelChoice(MODEL, size))
    window.session.set_playing(True)
    slow_model.go.set()
    wait(qtbot, lambda: answered(window, "sample") and window.session.model.size == SMALL_SIZE)
    assert window.banner.sentence("model") == ""


def test_the_last_of_ten_sources_wins(
    desk: CameraDesk, server: MjpegServer, window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    desk.plug("Webcam")
    start(window)
    window.session.open("sample")
    wait(qtbot, lambda: answered(window, "sample"))
    clip, last = write_clip(tmp_path / "clip.mp4", 30), write_clip(tmp_path / "last.mp4", 30)
    gone = str(tmp_path / "gone.mp4")
    texts = ["camera:0", clip, server.address, gone, "sample", "camera:Webcam", server.address, clip, gone, last]
    for text in texts:
        window.session.open(text)
    wait(qtbot, lambda: answered(window, last))
    wait(qtbot, lambda: not threads("device"))
    assert window.session.playback.text == last
    assert len(threads("lane", "reader")) == 2
    assert window.banner.sentence("source") == "", "a source that was superseded is told as missing"


def test_ten_sources_whose_last_is_missing_end_with_one_sentence_and_a_way_out(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    start(window)
    for number in range(10):
        window.session.open(str(tmp_path / f"gone {number}.mp4"))
    wait(qtbot, window.banner.isVisible)
    assert "gone 9.mp4" in window.banner.text
    assert "\n" not in window.banner.text
    next(it for it in window.banner.ways("source") if it.text() == "Sample").click()
    wait(qtbot, lambda: answered(window, "sample"))
    assert not window.banner.isVisible()


# Closing at a bad time


def test_closing_while_recording_leaves_a_whole_file(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    start(window)
    window.session.open("sample")
    wait(qtbot, lambda: answered(window, "sample"))
    window.commands["record"].trigger()
    wait(
        qtbot,
        lambda: window.capture.recordings.take is not None and window.capture.recordings.take.recorder is not None,
    )
    recorder = window.capture.recordings.take.recorder
    wait(qtbot, lambda: recorder.progress().frames >= 3)
    window.close()
    (video,) = (tmp_path / "captures").glob("*.mp4")
    assert len(times_in(video)) >= 3
    assert list((tmp_path / "captures").glob("*.part*")) == []


def test_closing_while_a_stream_is_opened_that_never_answers(
    server: MjpegServer, window: MainWindow, qtbot: QtBot
) -> None:
    server.answering.clear()
    window.session.open(server.address)
    wait(qtbot, lambda: server.connections > 0)
    window.close()
    assert not threads("lane", "reader")


def test_closing_while_a_model_loads(slow_model: SlowModel, window: MainWindow, qtbot: QtBot) -> None:
    start(window)
    window.session.open("sample")
    wait(qtbot, lambda: slow_model.begun.is_set() and window.session.current is not None)
    window.close()
    assert not threads("lane", "reader")


def test_closing_while_a_camera_hangs(desk: CameraDesk, window: MainWindow, qtbot: QtBot) -> None:
    camera = desk.plug("Stuck")
    window.session.open("camera:Stuck")
    wait(qtbot, lambda: window.session.current is not None)
    camera.working.clear()
    window.close()
    assert not threads("lane", "reader")


def test_closing_twice(window: MainWindow, qtbot: QtBot) -> None:
    window.session.open("sample")
    wait(qtbot, lambda: window.session.current is not None)
    window.close()
    window.close()
    assert not pipeline_threads()


# What comes in


@pytest.mark.parametrize("name", ["notes.txt", "letter.pdf", "clip.mp4", "noextension"])
def test_a_text_dropped_into_the_window_is_told_with_ways_out(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, name: str
) -> None:
    start(window)
    window.session.open("sample")
    wait(qtbot, lambda: answered(window, "sample"))
    path = tmp_path / name
    path.write_text("Dear window, this is no video.\n" * 10)
    drop(window, str(path))
    wait(qtbot, window.banner.isVisible)
    assert name in window.banner.text
    assert len(window.banner.ways("source")) >= 2
    assert window.session.playback.text == "sample", "what ran before was given up"
    click(next(it for it in window.banner.ways("source") if it.text() == "Sample"))
    wait(qtbot, lambda: not window.banner.isVisible())


@pytest.mark.parametrize(
    "name", ["with spaces and \U0001f436.mp4", "\u00fcml\u00e4ut & 100%.mp4", "#1 ?.mp4", "-o.mp4"]
)
def test_strange_names_of_clips(window: MainWindow, qtbot: QtBot, tmp_path: Path, name: str) -> None:
    start(window)
    path = write_clip(tmp_path / name, 12)
    drop(window, path)
    wait(qtbot, lambda: answered(window, path))
    assert window.windowTitle() == f"{name} - Looktwice"


def test_a_path_of_three_hundred_characters(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    start(window)
    folder = tmp_path / ("a long name \U0001f4c1 " * 9) / ("and one more " * 12) / "in summer"
    path = write_folder(folder)
    assert len(path) > 300
    before = window.width()
    drop(window, path)
    wait(qtbot, lambda: answered(window, path))
    assert window.width() == before
    window.resize(800, 600)
    QApplication.processEvents()
    assert window.width() == 800, "a long name makes the window wide"


def test_a_name_too_long_for_the_disk_is_told(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    window.resize(800, 600)
    window.session.open(str(tmp_path / ("n" * 300 + ".mp4")))
    wait(qtbot, window.banner.isVisible)
    QApplication.processEvents()
    assert window.width() == 800
    assert window.banner.ways("source")


# Cameras


def test_a_camera_that_is_pulled_is_waited_for_and_comes_back_by_itself(
    desk: CameraDesk, window: MainWindow, qtbot: QtBot
) -> None:
    start(window)
    camera = desk.plug("HD Webcam")
    window.session.open("camera:HD Webcam")
    wait(qtbot, lambda: answered(window, "camera:HD Webcam"))
    desk.unplug(camera)
    wait(qtbot, lambda: "HD Webcam" in window.banner.sentence("waiting"))
    assert window.banner.isVisible()
    assert [way.text() for way in window.banner.ways("waiting")] == ["Close source"]
    seen = camera.pictures
    # It may come back under another number.
    desk.replug(camera, index=3)
    wait(qtbot, lambda: window.banner.sentence("waiting") == "" and camera.pictures > seen)
    before = window.session.current.frame.index
    wait(qtbot, lambda: window.session.current.frame.index > before)


def test_a_camera_that_is_pulled_can_be_closed_in_the_banner(
    desk: CameraDesk, window: MainWindow, qtbot: QtBot
) -> None:
    camera = desk.plug("HD Webcam")
    window.session.open("camera:HD Webcam")
    wait(qtbot, lambda: window.session.current is not None)
    desk.unplug(camera)
    wait(qtbot, lambda: bool(window.banner.ways("waiting")))
    window.banner.ways("waiting")[0].click()
    wait(qtbot, window.start_page.isVisible)
    assert window.banner.text == ""


def test_a_camera_opened_twice_out_of_its_preview_has_one_user(
    desk: CameraDesk, window: MainWindow, qtbot: QtBot
) -> None:
    camera = desk.plug("HD Webcam")
    window.start_page.shelf.watch.look_every(50)
    cards = window.start_page.shelf.cards
    wait(qtbot, lambda: any(card.has_image for card in cards.values()))
    start(window)
    (card,) = cards.values()
    click(card)
    click(card)
    wait(qtbot, lambda: answered(window, "camera:HD Webcam"))
    assert camera.most_users == 1
    assert window.banner.sentence("source") == ""
    window.commands["home"].trigger()
    wait(qtbot, lambda: camera.users == 1 and bool(window.start_page.shelf.previews.open))
    assert camera.most_users == 1


# Settings, screens


RUBBISH = """[view]
score=NaN
nms_iou=-7
line_px=a lot
labels=@Invalid()
[choose]
selection="{\\"score\\": \\"high\\", \\"hidden\\": 7}"
presets=[[[[
[application]
keys="{\\"play\\": [\\"Nonsense+K\\"], \\"warp_drive\\": [\\"Ctrl+O\\"], \\"grid\\": 5}"
appearance=plaid
language=xx
version=99.0
[model]
name=no-such-model
input_size=-1
precision=f8
files={}
[sources]
recent="[1, {\\"text\\": 3}, null]"
cameras="[]"
[window]
geometry=@ByteArray(rubbish)
layout=@ByteArray(\\xff\\xff)
[future]
holograms=true
"""


def test_settings_full_of_rubbish_and_of_another_version(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "rubbish.ini"
    path.write_text(RUBBISH)
    opened = open_settings(path, version="0.1.0")
    window = MainWindow(opened.store, path=path)
    window.show()
    window.session.choose_model(remembered_choice(opened.store))
    window.session.open("sample")
    wait(qtbot, lambda: answered(window, "sample"))
    assert window.banner.sentence("model") == ""
    assert window.width() >= window.minimumWidth()
    window.close()
    window.deleteLater()
    kept = open_settings(path, version="0.1.0").store
    assert "warp_drive" in kept.get(KEYS), "what another version knows was thrown away"
    assert str(kept.store.value("future/holograms")) == "true"


def test_a_settings_file_that_is_no_such_thing_is_put_aside_and_told(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "settings.ini"
    path.write_bytes(bytes(range(256)) * 40)
    opened = open_settings(path, version="0.1.0")
    assert "damaged" in opened.sentence
    window = MainWindow(opened.store, path=path)
    window.show()
    window.troubles.say("settings", opened.sentence)
    assert window.banner.isVisible()
    assert window.banner.ways("settings")
    window.close()
    window.deleteLater()
    assert (tmp_path / "settings.ini.damaged").read_bytes() == bytes(range(256)) * 40


def test_everything_on_a_small_screen_with_banner_and_panels(window: MainWindow, qtbot: QtBot) -> None:
    window.resize(800, 600)
    start(window)
    window.session.open("sample")
    wait(qtbot, lambda: answered(window, "sample"))
    window.session.open("/nowhere/" + "a long name " * 20 + ".mp4")
    wait(qtbot, window.banner.isVisible)
    for name in ("display", "captures", "keys", "performance", "log"):
        window.commands[name].setChecked(True)
        QApplication.processEvents()
        assert (window.width(), window.height()) == (800, 600), f"{name} makes the window larger"
        assert window.canvas.height() >= 120, f"{name} leaves the frame no room"
        assert window.transport.isVisible()

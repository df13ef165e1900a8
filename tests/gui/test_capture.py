from __future__ import annotations

import threading
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtGui import QGuiApplication, QImage
from pytestqt.qtbot import QtBot

from detector.drawing import annotate
from detector.recording import Progress
from detector.video_files import VideoWriter
from gui import capture as capture_module
from gui import capture_files
from gui.capture_files import default_folder, progress_text, size_text, time_text
from gui.settings import CAPTURE_BOXES, CAPTURE_FOLDER, PRE_ROLL_S, UNTOLD_RECORDING, MemoryStore, SettingsStore
from tests.gui.capturing import Desk, desk
from tests.recording.made import rows_in, times_in

__all__ = ["desk"]


def picture(path: Path) -> np.ndarray:
    return cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)


def paused(desk: Desk) -> None:
    desk.play()
    desk.session.set_playing(False)


def test_a_snapshot_is_the_frame_with_its_boxes_and_never_replaces_one(desk: Desk) -> None:
    desk.play()
    shown = desk.session.current
    desk.actions["snapshot"].trigger()
    desk.actions["snapshot"].trigger()
    desk.wait(lambda: len(desk.saved) == 2)
    with_boxes = annotate(shown.frame.image, shown.detections, shown.class_names)
    assert (with_boxes != shown.frame.image).any()
    assert desk.saved[0] != desk.saved[1]
    for path in desk.saved:
        assert path.parent == desk.folder
        assert (picture(path) == with_boxes).all()
    assert sorted(desk.folder.iterdir()) == sorted(desk.saved), "something half-written is left"
    desk.capture.set_boxes(False)
    shown = desk.session.current
    desk.capture.snapshot()
    desk.wait(lambda: len(desk.saved) == 3)
    assert (picture(desk.saved[2]) == shown.frame.image).all()
    assert desk.settings.get(CAPTURE_BOXES) is False


def test_the_frame_goes_onto_the_clipboard_in_full_resolution(desk: Desk) -> None:
    desk.play()
    shown = desk.session.current
    desk.actions["copy_picture"].trigger()
    desk.wait(lambda: any("Copied" in told for told in desk.told))
    image = QGuiApplication.clipboard().image().convertToFormat(QImage.Format.Format_RGB888)
    assert (image.width(), image.height()) == shown.frame.size_wh
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    pixels = pixels[:, : 3 * image.width()].reshape(image.height(), image.width(), 3)
    assert (pixels == annotate(shown.frame.image, shown.detections, shown.class_names)).all()


def test_a_place_can_be_chosen_for_the_frame_of_that_moment(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.play()
    asked: list[tuple] = []
    monkeypatch.setattr(capture_module, "save_file", lambda *words: asked.append(words))
    before = desk.session.current
    desk.capture.choose_snapshot()
    desk.session.seek(1500)
    desk.wait(lambda: desk.session.current.frame.index >= 1500)
    _parent, _title, folder, name, _filters, on_path = asked[0]
    assert folder == str(desk.folder)
    assert name.endswith(".png")
    path = desk.folder.parent / "mine.png"
    path.write_bytes(b"old")
    on_path(path)
    desk.wait(lambda: desk.saved == [path])
    assert (picture(path) == annotate(before.frame.image, before.detections, before.class_names)).all()


def test_without_a_frame_there_is_a_sentence(desk: Desk) -> None:
    for name in ("snapshot", "snapshot_as", "copy_picture", "record"):
        desk.actions[name].trigger()
    assert [topic for topic, _ in desk.troubles] == 4 * ["nothing"]
    assert all("open a source" in sentence for _, sentence in desk.troubles)
    assert not desk.actions["record"].isChecked()
    assert not desk.capture.recording


def test_a_recording_has_video_and_table_and_says_so(desk: Desk) -> None:
    desk.play()
    changes: list[bool] = []
    desk.capture.recording_changed.connect(changes.append)
    desk.actions["record"].trigger()
    assert desk.actions["record"].isChecked()
    desk.wait(lambda: desk.recorded() >= 10)
    desk.actions["record"].trigger()
    assert not desk.actions["record"].isChecked()
    desk.wait(lambda: len(desk.saved) == 1)
    assert changes == [True, False]
    video = desk.saved[0]
    frames = len(times_in(video))
    assert frames >= 10
    rows = rows_in(video.with_suffix(".csv"))
    assert len(rows) == frames
    indexes = [int(row["frame"]) for row in rows]
    assert indexes == list(range(indexes[0], indexes[0] + frames)), "a frame is missing"
    assert [kept.path for kept in desk.kept] == [video]
    assert f"{frames} frames" in desk.kept[0].details
    assert desk.told == [], "it is told once"
    assert desk.troubles == []


def test_pre_roll_begins_before_the_button(desk: Desk) -> None:
    desk.capture.set_pre_roll(10)
    assert desk.settings.get(PRE_ROLL_S) == 10
    desk.play()
    desk.wait(lambda: desk.session.current.frame.index >= 20)
    at = desk.session.current.frame.index
    desk.capture.start_recording()
    desk.wait(lambda: desk.recorded() >= 20)
    desk.capture.stop_recording()
    desk.wait(lambda: len(desk.saved) == 1)
    assert int(rows_in(desk.saved[0].with_suffix(".csv"))[0]["frame"]) <= at - 20


def step(desk: Desk) -> int:
    """Step once; the index of the frame that comes, which the recorder has by then."""
    before = desk.session.current.frame.index
    desk.session.step(1)
    desk.wait(lambda: desk.session.current.frame.index > before)
    return desk.session.current.frame.index


def recorded_frames(desk: Desk) -> list[int]:
    desk.capture.stop_recording()
    desk.wait(lambda: len(desk.saved) == 1)
    return [int(row["frame"]) for row in rows_in(desk.saved[0].with_suffix(".csv"))]


def test_a_paused_frame_is_recorded_and_pausing_ends_nothing(desk: Desk) -> None:
    paused(desk)
    desk.capture.start_recording()
    desk.wait(lambda: desk.recorded() >= 1)
    stepped = step(desk)
    assert desk.capture.recording
    frames = recorded_frames(desk)
    assert frames[0] < stepped
    assert stepped in frames
    assert len(times_in(desk.saved[0])) == len(frames)


def test_the_thresholds_of_the_moment_hold_for_the_recording(desk: Desk) -> None:
    paused(desk)
    desk.capture.start_recording()
    desk.wait(lambda: desk.recorded() >= 1)
    desk.session.set_score(0.95)
    step(desk)
    hidden = step(desk)
    desk.session.set_score(0.3)
    step(desk)
    seen = step(desk)
    frames = recorded_frames(desk)
    assert seen in frames
    assert hidden not in frames


def test_another_source_ends_the_recording_and_none_of_its_frames_are_in_it(desk: Desk) -> None:
    desk.play()
    desk.capture.start_recording()
    desk.wait(lambda: desk.recorded() >= 3)
    desk.play()
    desk.wait(lambda: len(desk.saved) == 1)
    assert not desk.capture.recording
    assert "ended with its source" in desk.kept[-1].details
    rows = rows_in(desk.saved[0].with_suffix(".csv"))
    assert {row["source"] for row in rows} == {"numbered 0"}
    indexes = [int(row["frame"]) for row in rows]
    assert indexes == sorted(indexes)
    desk.capture.start_recording()
    desk.wait(lambda: desk.recorded() >= 3)
    desk.session.stop()
    desk.wait(lambda: len(desk.saved) == 2)
    assert {row["source"] for row in rows_in(desk.saved[1].with_suffix(".csv"))} == {"numbered 1"}


def test_pressing_twice_at_once_leaves_a_whole_file(desk: Desk) -> None:
    desk.play()
    for _ in range(6):
        desk.actions["record"].trigger()
    desk.wait(lambda: not desk.capture.recordings.unfinished)
    assert not desk.capture.recording
    for path in desk.folder.iterdir():
        assert ".part" not in path.name
        assert path.suffix == ".csv" or len(times_in(path)) >= 1
    assert desk.troubles == []


def test_closing_finishes_the_recording(desk: Desk) -> None:
    desk.play()
    desk.capture.start_recording()
    desk.wait(lambda: desk.recorded() >= 3)
    desk.close()
    names = sorted(path.suffixes for path in desk.folder.iterdir())
    assert names == [[".csv"], [".mp4"]]
    video = next(desk.folder.glob("*.mp4"))
    assert len(times_in(video)) == len(rows_in(video.with_suffix(".csv"))) >= 3


def test_what_was_recorded_until_the_end_is_told_at_the_next_start(
    desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.play()
    desk.capture.start_recording()
    desk.wait(lambda: desk.recorded() >= 3)
    desk.close()
    (video,) = desk.folder.glob("*.mp4")
    assert desk.settings.get(UNTOLD_RECORDING) == str(video)
    again = Desk(qtbot, desk.folder, monkeypatch, desk.settings)
    again.wait(lambda: len(again.kept) == 1)
    assert again.kept[0].path == video
    assert "when the window was closed" in again.kept[0].details
    assert desk.settings.get(UNTOLD_RECORDING) == "", "it is told once"
    again.close()
    assert desk.settings.get(UNTOLD_RECORDING) == ""


def test_a_recording_that_is_gone_by_the_next_start_is_not_told(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = SettingsStore(MemoryStore())
    settings.put(UNTOLD_RECORDING, str(tmp_path / "gone.mp4"))
    desk = Desk(qtbot, tmp_path, monkeypatch, settings)
    looked: list[object] = []
    desk.capture.look(looked.append, looked.append)  # asked after it, answered after it
    desk.wait(lambda: len(looked) == 1)
    assert desk.kept == []
    desk.close()


def test_closing_does_not_lose_a_snapshot_that_waits(desk: Desk) -> None:
    paused(desk)
    desk.capture.snapshot()
    desk.close()
    assert len(list(desk.folder.glob("*.png"))) == 1


def test_closing_does_not_wait_for_a_disk_that_hangs(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    gate, busy = threading.Event(), threading.Event()
    monkeypatch.setattr(VideoWriter, "write", lambda *_: (busy.set(), gate.wait(60)))
    desk.play()
    desk.capture.start_recording()
    desk.wait(busy.is_set)
    recorder = desk.capture.recordings.take.recorder
    desk.capture.close(timeout_s=0.05)
    assert not recorder.join(0)
    gate.set()
    assert recorder.join(60)


def test_a_folder_that_is_a_file_is_told_and_another_one_offered(desk: Desk, tmp_path: Path) -> None:
    paused(desk)
    offered: list[Path] = []
    desk.capture.fallback_found.connect(offered.append)
    (tmp_path / "file").write_text("")
    desk.settings.put(CAPTURE_FOLDER, str(tmp_path / "file"))
    desk.capture.read_settings()
    desk.capture.snapshot()
    desk.capture.start_recording()
    desk.wait(lambda: len(desk.troubles) == 2 and len(offered) >= 1)
    assert [topic for topic, _ in desk.troubles] == ["snapshot", "record"]
    assert all(str(tmp_path / "file") in sentence for _, sentence in desk.troubles)
    assert not desk.capture.recording
    assert not desk.actions["record"].isChecked()
    over: list[str] = []
    desk.capture.trouble_over.connect(over.append)
    desk.capture.set_folder(tmp_path / "other")
    desk.wait(lambda: desk.capture.options.folder == tmp_path / "other")
    assert set(over) == {"snapshot", "record"}
    desk.capture.snapshot()
    desk.wait(lambda: len(desk.saved) == 1)


def test_a_folder_that_cannot_be_used_is_not_taken(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    desk.capture.set_folder(tmp_path / "file")
    desk.wait(lambda: len(desk.troubles) == 1)
    assert desk.capture.options.folder == desk.folder


def test_little_room_is_told_before_the_recording(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capture_files, "room_bytes", lambda _: 150 * 2**20)
    desk.play()
    desk.capture.start_recording()
    desk.wait(lambda: len(desk.troubles) == 1)
    assert desk.troubles[0][0] == "record"
    assert "157.3 MB" in desk.troubles[0][1]
    assert desk.capture.recording


def test_an_encoder_that_fails_ends_the_recording_with_a_sentence(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ValueError("broken encoder")

    monkeypatch.setattr(VideoWriter, "write", fail)
    desk.play()
    desk.capture.start_recording()
    desk.wait(lambda: len(desk.troubles) == 1)
    assert "broken encoder" in desk.troubles[0][1]
    assert not desk.capture.recording
    assert not desk.actions["record"].isChecked()


def test_what_a_crash_left_is_told_at_the_start(qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "captures"
    folder.mkdir()
    (folder / "clip-2026-11-23-101112.part.mp4").write_bytes(b"film")
    desk = Desk(qtbot, folder, monkeypatch)
    desk.wait(lambda: len(desk.told) == 1)
    assert str(folder / "clip-2026-11-23-101112.mp4") in desk.told[0]
    desk.close()


def test_the_folder_is_opened_as_the_system_does(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(
        capture_module.QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()) or False
    )
    desk.actions["open_captures"].trigger()
    desk.wait(lambda: len(opened) == 1)
    assert opened == [str(desk.folder)]
    assert desk.folder.is_dir()
    desk.wait(lambda: len(desk.told) == 1)


def test_sizes_and_times_read_well() -> None:
    assert [size_text(n) for n in (12, 4100, 4_100_000, 5_200_000_000)] == ["12 B", "4.1 KB", "4.1 MB", "5.2 GB"]
    assert [time_text(s) for s in (0, 12.9, 75, 3675)] == ["00:00", "00:12", "01:15", "1:01:15"]
    assert default_folder().name == "Looktwice"


@pytest.mark.parametrize(
    ("so_far", "words"),
    [
        (Progress(0, 0.0, 88), "00:00, 0 frames"),
        (Progress(1, 0.04, 88), "00:00, 1 frame"),
        (Progress(61, 2.4, 88), "00:02, 61 frames"),
        (Progress(75, 3.0, 41_300), "00:03, 41.3 KB"),
    ],
)
def test_a_size_is_told_only_when_there_is_film(so_far: Progress, words: str) -> None:
    assert progress_text(so_far) == words


def test_what_is_said_of_a_recording_names_its_table(desk: Desk) -> None:
    desk.play()
    for table in (True, False):
        desk.capture.set_table(table)
        desk.capture.start_recording()
        desk.wait(lambda: desk.recorded() >= 3)
        desk.capture.stop_recording()
        desk.wait(lambda: not desk.capture.recordings.unfinished)
    with_table, without = desk.kept
    assert with_table.details.endswith(f"Its table is {with_table.path.with_suffix('.csv').name}.")
    assert ".csv" not in without.details

"""What was opened lately: kept, bounded, without passwords, and safe against rubbish."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QSettings
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from detector.detections import Detections
from detector.frames.protocol import Frame, SourceInfo, SourceKind
from gui.settings import RECENT_SOURCES, SettingsStore
from gui.start.recent import MOST_RECENT, RecentLook, RecentSources, lasting_text, parse
from gui.start.thumbnails import SIZE, thumbnail_of
from gui.values import ShownFrame
from tests.e2e.hands import wait
from tests.gui.start.conftest import AskedSession


def info(title: str = "clip.mp4", kind: SourceKind = "video") -> SourceInfo:
    return SourceInfo(title, kind, kind in ("camera", "stream"), (8, 6))


def picture(value: int = 90) -> QImage:
    return thumbnail_of(np.full((60, 80, 3), value, np.uint8))


@pytest.fixture
def ini(tmp_path: Path) -> SettingsStore:
    return SettingsStore(QSettings(str(tmp_path / "recent.ini"), QSettings.Format.IniFormat))


@pytest.fixture
def recent(ini: SettingsStore, tmp_path: Path, qtbot: QtBot) -> RecentSources:
    return RecentSources(ini, tmp_path / "pictures")


def looks(recent: RecentSources, qtbot: QtBot) -> list[RecentLook]:
    answers: list[list[RecentLook]] = []
    recent.look(answers.append)
    wait(qtbot, lambda: bool(answers))
    return answers[0]


def test_the_newest_comes_first_and_each_source_once(recent: RecentSources) -> None:
    for name in ("/a.mp4", "/b.mp4", "/a.mp4"):
        recent.add(name, info(name), picture())
    assert [item.text for item in recent.items] == ["/a.mp4", "/b.mp4"]


def test_it_is_kept_with_pictures_for_another_window(
    recent: RecentSources, ini: SettingsStore, tmp_path: Path, qtbot: QtBot
) -> None:
    clip = tmp_path / "clip, 1.mp4"
    clip.write_bytes(b"")
    recent.add(str(clip), info(clip.name), picture(200))
    assert looks(recent, qtbot)[0].image.pixelColor(5, 5).red() == pytest.approx(200, abs=4)
    again = RecentSources(ini, tmp_path / "pictures")
    (look,) = looks(again, qtbot)
    assert look.source == recent.items[0]
    assert look.there
    assert not look.image.isNull()


def test_the_list_and_its_pictures_are_bounded(recent: RecentSources, qtbot: QtBot) -> None:
    for number in range(MOST_RECENT + 5):
        recent.add(f"/{number}.mp4", info(str(number)), picture())
    assert len(looks(recent, qtbot)) == MOST_RECENT
    wait(qtbot, lambda: len(list(recent.folder.iterdir())) == MOST_RECENT)
    assert {path.name for path in recent.folder.iterdir()} == {item.thumbnail for item in recent.items}


@pytest.mark.parametrize("at_once", [True, False])
def test_what_is_put_back_has_its_picture_again(recent: RecentSources, qtbot: QtBot, at_once: bool) -> None:
    recent.add("/a.mp4", info("a"), picture(200))
    recent.add("/b.mp4", info("b"), picture(30))
    wait(qtbot, lambda: len(list(recent.folder.glob("*.jpg"))) == 2)
    recent.remove("/a.mp4")
    assert recent.removed is not None
    if not at_once:
        wait(qtbot, lambda: len(list(recent.folder.glob("*.jpg"))) == 1)
    recent.put_back()
    assert [item.text for item in recent.items] == ["/b.mp4", "/a.mp4"]
    assert recent.removed is None
    wait(qtbot, lambda: not looks(recent, qtbot)[1].image.isNull())
    assert looks(recent, qtbot)[1].image.pixelColor(5, 5).red() == pytest.approx(200, abs=4)


def test_what_came_anew_meanwhile_is_not_there_twice(recent: RecentSources, qtbot: QtBot) -> None:
    for name in ("/a.mp4", "/b.mp4"):
        recent.add(name, info(name), picture())
    recent.remove("/a.mp4")
    recent.add("/a.mp4", info("/a.mp4"), picture())
    recent.put_back()
    assert [item.text for item in recent.items] == ["/a.mp4", "/b.mp4"]
    recent.remove("/b.mp4")
    recent.clear()
    recent.put_back()
    assert recent.items == []


def test_removing_and_clearing_delete_pictures_only(recent: RecentSources, tmp_path: Path, qtbot: QtBot) -> None:
    clips = [tmp_path / f"{number}.mp4" for number in range(3)]
    for clip in clips:
        clip.write_bytes(b"kept")
        recent.add(str(clip), info(clip.name), picture())
    recent.remove(str(clips[1]))
    assert [item.title for item in recent.items] == ["2.mp4", "0.mp4"]
    wait(qtbot, lambda: len(list(recent.folder.glob("*.jpg"))) == 2)
    recent.clear()
    assert recent.items == []
    wait(qtbot, lambda: not list(recent.folder.iterdir()))
    assert all(clip.read_bytes() == b"kept" for clip in clips)


def test_a_missing_file_is_told(recent: RecentSources, tmp_path: Path, qtbot: QtBot) -> None:
    recent.add(str(tmp_path / "gone.mp4"), info(), picture())
    assert not looks(recent, qtbot)[0].there


def test_a_folder_that_cannot_be_written_costs_only_the_pictures(
    ini: SettingsStore, tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "file").write_bytes(b"")
    recent = RecentSources(ini, tmp_path / "file" / "pictures")
    recent.add(str(tmp_path / "file"), info(), picture())
    (look,) = looks(recent, qtbot)
    assert look.image.isNull()
    assert look.there


def test_what_is_remembered_opens_the_same_another_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert lasting_text("camera:0", info("HD Webcam", "camera")) == "camera:HD Webcam"
    assert lasting_text("clip.mp4", info()) == str(tmp_path / "clip.mp4")
    address = lasting_text("rtsp://me:secret@host/live", info("host", "stream"))
    assert address == "rtsp://host/live"


def test_no_password_reaches_the_settings(recent: RecentSources, ini: SettingsStore) -> None:
    recent.add("rtsp://me:secret@host/live", info("host", "stream"), picture())
    assert "host/live" in ini.get(RECENT_SOURCES)
    assert "secret" not in ini.get(RECENT_SOURCES)


@pytest.mark.parametrize(
    "raw", ["", "nonsense", "{}", "[1, null, {}]", '[{"text": 3}]', "[" * 5000, '[{"text": "a", "kind": "bomb"}]']
)
def test_rubbish_is_an_empty_list(raw: str) -> None:
    assert parse(raw) == []


def test_good_rows_survive_rubbish_and_no_picture_leaves_the_folder() -> None:
    good = {"text": "/a.mp4", "title": "a", "kind": "video", "opened_at": "x", "thumbnail": "1.jpg"}
    rows = [good, {**good, "text": "/b.mp4", "thumbnail": "../../etc/passwd"}, 7]
    assert [item.text for item in parse(json.dumps(rows))] == ["/a.mp4"]


def test_a_source_is_remembered_with_its_first_frame(recent: RecentSources, session: AskedSession) -> None:
    recent.watch(session)
    shown = ShownFrame(Frame(np.zeros((6, 8, 3), np.uint8), 0, 0.0), None, Detections.empty(), None)
    session.shown.emit(shown)
    assert recent.items == []
    session.playback.opened(info(), "/clip.mp4")
    session.source_opened.emit(info())
    assert recent.items == []
    session.shown.emit(shown)
    assert [item.text for item in recent.items] == ["/clip.mp4"]
    opened_at = recent.items[0]
    session.shown.emit(shown)
    assert recent.items[0] is opened_at


def test_the_sample_needs_no_remembering(recent: RecentSources) -> None:
    recent.add("sample", info("Sample", "sample"), picture())
    assert recent.items == []


@pytest.mark.parametrize("size_wh", [(1, 1), (3840, 2160), (5, 4000), (4000, 5), (641, 359)])
def test_thumbnails_of_any_frame_are_small(size_wh: tuple[int, int], qtbot: QtBot) -> None:
    made = thumbnail_of(np.full((size_wh[1], size_wh[0], 3), (250, 10, 20), np.uint8))
    assert 0 < made.width() <= SIZE.width()
    assert 0 < made.height() <= SIZE.height()
    assert made.pixelColor(0, 0).red() > 240

"""The start page: cameras that come and go, previews that end in time, recent sources, addresses, keys."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from detector.frames.camera import CameraInfo
from detector.frames.protocol import SourceInfo
from gui.settings import LIVE_PREVIEWS, SettingsStore
from gui.start.cameras import camera_text
from gui.start.card import Card
from gui.start.page import StartPage, when
from gui.start.thumbnails import thumbnail_of
from tests.e2e.hands import click, key, wait
from tests.frames.camera_desk import CameraDesk
from tests.gui.start.conftest import AskedSession


@pytest.fixture
def page(
    session: AskedSession, actions: dict[str, QAction], store: SettingsStore, desk: CameraDesk, qtbot: QtBot
) -> Iterator[StartPage]:
    made = StartPage(session, actions, store)
    made.shelf.watch.look_every(20)
    qtbot.addWidget(made)
    made.resize(800, 560)
    yield made
    made.shut()
    wait(qtbot, lambda: all(camera.users == 0 for camera in desk.cameras))


def camera_cards(page: StartPage) -> dict[str, Card]:
    return {card.source_text: card for card in page.shelf.cards.values()}


def add_file(page: StartPage, path: Path) -> None:
    image = thumbnail_of(np.full((9, 16, 3), 120, np.uint8))
    page.recent.add(str(path), SourceInfo(path.name, "video", False, (16, 9)), image)


def test_without_cameras_it_says_what_to_do(page: StartPage, qtbot: QtBot) -> None:
    assert "Looking" in page.shelf.empty.text()
    page.show()
    wait(qtbot, lambda: "Plug one in" in page.shelf.empty.text())
    assert page.shelf.empty.isVisible()


def test_cameras_come_and_go_with_live_pictures(page: StartPage, desk: CameraDesk, qtbot: QtBot) -> None:
    first = desk.plug("HD Webcam")
    page.show()
    wait(qtbot, lambda: "camera:HD Webcam" in camera_cards(page))
    wait(qtbot, lambda: camera_cards(page)["camera:HD Webcam"].has_image)
    desk.plug("Second")
    wait(qtbot, lambda: "camera:Second" in camera_cards(page))
    desk.unplug(first)
    wait(qtbot, lambda: list(camera_cards(page)) == ["camera:Second"])
    assert not page.shelf.empty.isVisible()


def test_one_click_opens_a_camera_and_ends_the_previews(
    page: StartPage, desk: CameraDesk, session: AskedSession, qtbot: QtBot
) -> None:
    camera = desk.plug("HD Webcam")
    page.show()
    wait(qtbot, lambda: camera.users == 1)
    click(camera_cards(page)["camera:HD Webcam"])
    assert session.requests == [("open", "camera:HD Webcam")]
    wait(qtbot, lambda: camera.users == 0)
    # Also what the page goes on to find is left alone.
    listed = desk.listed
    wait(qtbot, lambda: desk.listed > listed + 2)
    assert not page.shelf.previews.open
    session.trouble.emit("source", "another program uses it")
    wait(qtbot, lambda: camera.users == 1)


def test_a_source_that_runs_keeps_the_previews_away(
    page: StartPage, desk: CameraDesk, session: AskedSession, qtbot: QtBot
) -> None:
    desk.plug("HD Webcam")
    page.show()
    wait(qtbot, lambda: bool(page.shelf.previews.open))
    session.open("camera:HD Webcam")
    session.playback.opened(SourceInfo("HD Webcam", "camera", True, (64, 48)), "camera:HD Webcam")
    session.trouble_over.emit("source")
    assert not page.shelf.previews.open
    session.playback.closed()
    session.source_closed.emit()
    assert page.shelf.previews.open


def test_a_hidden_page_touches_no_camera(page: StartPage, desk: CameraDesk, qtbot: QtBot) -> None:
    camera = desk.plug("HD Webcam")
    page.show()
    wait(qtbot, lambda: camera.users == 1)
    page.hide()
    wait(qtbot, lambda: camera.users == 0)
    assert not page.shelf.watch.waits
    page.show()
    wait(qtbot, lambda: camera.users == 1)


def test_previews_can_be_switched_off_for_good(
    page: StartPage, desk: CameraDesk, store: SettingsStore, qtbot: QtBot
) -> None:
    camera = desk.plug("HD Webcam")
    page.show()
    wait(qtbot, lambda: bool(camera_cards(page)) and camera_cards(page)["camera:HD Webcam"].has_image)
    page.shelf.live.click()
    assert not camera_cards(page)["camera:HD Webcam"].has_image
    assert store.get(LIVE_PREVIEWS) is False
    wait(qtbot, lambda: camera.users == 0)
    listed = desk.listed
    wait(qtbot, lambda: desk.listed > listed + 2)
    assert not page.shelf.previews.open


def test_a_camera_in_use_elsewhere_is_told_on_its_card(page: StartPage, desk: CameraDesk, qtbot: QtBot) -> None:
    desk.plug("HD Webcam").taken_by_others = True
    page.show()
    wait(qtbot, lambda: bool(camera_cards(page)))
    card = camera_cards(page)["camera:HD Webcam"]
    wait(qtbot, lambda: "No picture now" in card.accessibleName())
    assert "HD Webcam" in card.accessibleDescription()


def test_cameras_of_one_name_are_told_apart_by_number() -> None:
    one, two, other = (CameraInfo(0, "Cam", 0), CameraInfo(1, "cam", 0), CameraInfo(2, "Other", 0))
    cameras = [one, two, other]
    assert [camera_text(camera, cameras) for camera in cameras] == ["camera:0", "camera:1", "camera:Other"]


def test_recent_sources_open_are_told_missing_and_can_be_removed(
    page: StartPage, session: AskedSession, tmp_path: Path, qtbot: QtBot
) -> None:
    there, gone = tmp_path / "there.mp4", tmp_path / "gone.mp4"
    there.write_bytes(b"")
    page.show()
    assert not page.recent_part.isVisible()
    for path in (there, gone):
        add_file(page, path)
    wait(qtbot, lambda: list(page.cards) == [str(gone), str(there)])
    assert page.cards[str(gone)].missing
    assert not page.cards[str(there)].missing
    click(page.cards[str(there)])
    assert session.requests == [("open", str(there))]
    click(page.cards[str(gone)].remove_button)
    wait(qtbot, lambda: list(page.cards) == [str(there)])
    key(page.cards[str(there)], Qt.Key.Key_Delete)
    wait(qtbot, lambda: not page.cards)
    assert not page.clear_button.isVisible()
    assert there.exists()


def test_what_was_removed_by_mistake_is_put_back_where_it_was(page: StartPage, tmp_path: Path, qtbot: QtBot) -> None:
    paths = [tmp_path / f"{name} & more.mp4" for name in "abc"]
    page.show()
    for path in paths:
        add_file(page, path)
    before = [str(path) for path in reversed(paths)]
    wait(qtbot, lambda: list(page.cards) == before)
    assert not page.put_back_button.isVisible()
    for gone in (before[1], before[0]):
        click(page.cards[gone].remove_button)
        wait(qtbot, lambda gone=gone: gone not in page.cards)
    assert page.put_back_button.text() == "Put back c && more.mp4"
    click(page.put_back_button)
    wait(qtbot, lambda: list(page.cards) == [before[0], before[2]])
    assert not page.put_back_button.isVisible()


def test_the_last_one_removed_can_be_put_back_until_the_page_is_left(
    page: StartPage, tmp_path: Path, qtbot: QtBot
) -> None:
    page.show()
    add_file(page, tmp_path / "only.mp4")
    wait(qtbot, lambda: len(page.cards) == 1)
    key(next(iter(page.cards.values())), Qt.Key.Key_Delete)
    wait(qtbot, page.put_back_button.isVisible)
    click(page.put_back_button)
    wait(qtbot, lambda: len(page.cards) == 1)
    key(next(iter(page.cards.values())), Qt.Key.Key_Delete)
    wait(qtbot, page.put_back_button.isVisible)
    page.hide()
    page.show()
    wait(qtbot, lambda: not page.recent_part.isVisible())
    assert page.recent.items == []


def test_the_newest_source_stands_first_also_when_it_was_there_before(
    page: StartPage, tmp_path: Path, qtbot: QtBot
) -> None:
    page.show()
    for name in ("a", "b", "a"):
        add_file(page, tmp_path / name)
    first, second = str(tmp_path / "a"), str(tmp_path / "b")
    wait(qtbot, lambda: list(page.cards) == [first, second])
    wait(qtbot, lambda: page.cards[first].x() < page.cards[second].x())


def test_the_sample_and_the_files_are_actions(page: StartPage, actions: dict[str, QAction], qtbot: QtBot) -> None:
    triggered: list[str] = []
    names = ("open_file", "open_folder", "open_sample")
    for name in names:
        actions[name].triggered.connect(lambda _=False, name=name: triggered.append(name))
    page.show()
    for button in page.openers:
        if button.defaultAction().objectName() in names:
            click(button)
    assert triggered == list(names)


def test_a_wrong_address_is_told_in_place_and_a_good_one_opened(
    page: StartPage, actions: dict[str, QAction], session: AskedSession, qtbot: QtBot
) -> None:
    page.show()
    assert not page.address.isVisible()
    actions["open_stream"].trigger()
    assert page.address.isVisible()
    page.address.line.setText("rtsp:/typo")
    key(page.address.line, Qt.Key.Key_Return)
    assert page.address.error.isVisible()
    assert session.requests == [("cancel_opening",)], "what was asked for before is not wanted any more"
    session.requests.clear()
    page.address.line.setText(" rtsp://me:secret@host/live ")
    key(page.address.line, Qt.Key.Key_Return)
    assert session.requests == [("open", "rtsp://me:secret@host/live")]
    assert not page.address.error.isVisible()
    session.trouble.emit("source", "nobody answers at rtsp://host/live.")
    assert page.address.error.text() == "Nobody answers at rtsp://host/live."
    assert page.address.answers
    # What another source has to say is not about this address.
    page.address.line.textEdited.emit("x")
    session.open("broken.mp4")
    assert not page.address.answers
    session.trouble.emit("source", "the file is broken.")
    assert not page.address.error.isVisible()
    key(page.address.line, Qt.Key.Key_Escape)
    assert not page.address.isVisible()


def test_a_password_does_not_stay_in_the_line(
    page: StartPage, actions: dict[str, QAction], session: AskedSession
) -> None:
    page.show()
    actions["open_stream"].trigger()
    page.address.line.setText("rtsp://me:secret@host/live")
    page.address.open()
    session.source_opened.emit(SourceInfo("host", "stream", True, (8, 6)))
    assert page.address.line.text() == ""


def test_enter_opens_and_arrows_go_from_row_to_row(
    page: StartPage, desk: CameraDesk, session: AskedSession, tmp_path: Path, qtbot: QtBot
) -> None:
    desk.plug("HD Webcam")
    page.show()
    add_file(page, tmp_path / "a")
    wait(qtbot, lambda: bool(page.shelf.cards) and bool(page.cards))
    camera, file = next(iter(page.shelf.cards.values())), page.cards[str(tmp_path / "a")]
    wait(qtbot, lambda: camera.isVisible() and file.isVisible() and file.mapTo(page, file.rect().center()).y() > 300)
    places: list[object] = []
    camera.setFocus()
    for _ in range(2):
        key(page.focusWidget() or camera, Qt.Key.Key_Down)
        places.append(page.focusWidget())
    assert file in places
    key(file, Qt.Key.Key_Up)
    assert page.focusWidget() is not file
    key(camera, Qt.Key.Key_Return)
    assert session.requests == [("open", "camera:HD Webcam")]


def test_it_fits_small_and_large_windows(page: StartPage, tmp_path: Path, qtbot: QtBot) -> None:
    for number in range(12):
        add_file(page, tmp_path / str(number))
    page.show()
    wait(qtbot, lambda: len(page.cards) == 12)
    for width in (500, 800, 1900):
        page.resize(width, 500)
        wait(qtbot, lambda: all(card.width() == card.sizeHint().width() for card in page.cards.values()))
        QApplication.sendPostedEvents()
        assert page.content.width() <= page.viewport().width()
        assert all(card.geometry().right() <= page.recent_place.width() for card in page.cards.values())


def test_times_are_said_as_people_say_them() -> None:
    now = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    assert when(now.isoformat(), now) == "Today 12:00"
    assert when((now - timedelta(days=1)).isoformat(), now) == "Yesterday 12:00"
    assert when((now - timedelta(days=9)).isoformat(), now) == "2026-02-21"
    assert when("rubbish", now) == ""

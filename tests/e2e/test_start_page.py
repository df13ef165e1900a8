"""From the start page to boxes: real session, pipeline and weights behind the page, the menu and the camera bar."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gui.main_window import MainWindow
from gui.settings import SettingsStore
from gui.start.card import Card
from gui.values import ModelChoice
from tests.e2e.hands import click, key, wait
from tests.frames.camera_desk import CameraDesk


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[CameraDesk]:
    made = CameraDesk(monkeypatch)
    yield made
    made.free_hanging_cameras()


@pytest.fixture
def make_window(settings: SettingsStore, desk: CameraDesk, qtbot: QtBot) -> Iterator[Callable[[], MainWindow]]:
    made: list[MainWindow] = []

    def make() -> MainWindow:
        window = MainWindow(settings)
        window.start_page.shelf.watch.look_every(50)
        window.session.choose_model(ModelChoice("vgg-yolo-voc20"))
        window.show()
        made.append(window)
        return window

    yield make
    for window in made:
        window.close()
        window.deleteLater()
    wait(qtbot, lambda: all(camera.users == 0 for camera in desk.cameras))


def has_boxes(window: MainWindow) -> bool:
    current = window.session.current
    return current is not None and len(current.detections) > 0


def has_answers(window: MainWindow) -> bool:
    current = window.session.current
    return current is not None and current.candidates is not None


def camera_card(window: MainWindow, text: str) -> Card | None:
    return next((card for card in window.start_page.shelf.cards.values() if card.source_text == text), None)


def test_the_sample_opens_with_one_click_and_boxes_come(make_window: Callable[[], MainWindow], qtbot: QtBot) -> None:
    window = make_window()
    opener = next(it for it in window.start_page.openers if it.defaultAction().objectName() == "open_sample")
    click(opener)
    wait(qtbot, lambda: has_boxes(window))
    assert not window.start_page.isVisible()
    window.commands["home"].trigger()
    assert window.start_page.isVisible()


def test_a_camera_is_seen_opened_by_one_click_and_given_back(
    make_window: Callable[[], MainWindow], desk: CameraDesk, qtbot: QtBot
) -> None:
    window = make_window()
    wait(qtbot, lambda: "Plug one in" in window.start_page.shelf.empty.text())
    camera = desk.plug("HD Webcam", size_wh=(320, 240))
    wait(qtbot, lambda: camera_card(window, "camera:HD Webcam") is not None)
    card = camera_card(window, "camera:HD Webcam")
    assert card is not None
    wait(qtbot, lambda: card.has_image)
    click(card)
    wait(qtbot, lambda: has_answers(window))
    assert camera.most_users == 1
    assert window.camera_bar.inner.isVisible()
    assert window.camera_bar.given.text().startswith("320 x 240")
    assert window.source_button.text() == "HD Webcam"
    window.commands["home"].trigger()
    # The page's preview takes over what the session has given back.
    wait(qtbot, lambda: bool(window.start_page.shelf.previews.open) and card.has_image)
    assert camera.most_users == 1


def test_a_camera_that_is_pulled_leaves_the_page(
    make_window: Callable[[], MainWindow], desk: CameraDesk, qtbot: QtBot
) -> None:
    first, _second = desk.plug("First"), desk.plug("Second")
    window = make_window()
    wait(qtbot, lambda: len(window.start_page.shelf.cards) == 2)
    desk.unplug(first)
    wait(qtbot, lambda: [card.source_text for card in window.start_page.shelf.cards.values()] == ["camera:Second"])


def test_what_was_opened_is_there_in_the_next_window(
    make_window: Callable[[], MainWindow], make_video: Callable[..., Path], qtbot: QtBot
) -> None:
    clip = make_video("a clip.mp4")
    window = make_window()
    window.session.open(str(clip))
    wait(qtbot, lambda: [item.title for item in window.start_page.recent.items] == ["a clip.mp4"])
    wait(qtbot, lambda: bool(list(window.start_page.recent.folder.glob("*.jpg"))))
    again = make_window()
    wait(qtbot, lambda: str(clip) in again.start_page.cards)
    card = again.start_page.cards[str(clip)]
    assert card.has_image
    key(card, Qt.Key.Key_Return)
    wait(qtbot, lambda: has_answers(again))


def test_a_stream_nobody_serves_is_told_below_its_address(make_window: Callable[[], MainWindow], qtbot: QtBot) -> None:
    window = make_window()
    window.commands["open_stream"].trigger()
    field = window.start_page.address
    field.line.setText("http:/typo")
    key(field.line, Qt.Key.Key_Return)
    assert field.error.isVisible()
    # Port 1 of this computer: nobody listens, which is known at once.
    field.line.setText("http://127.0.0.1:1/video")
    key(field.line, Qt.Key.Key_Return)
    assert not field.error.isVisible()
    wait(qtbot, field.error.isVisible)
    assert "127.0.0.1:1" in field.error.text()
    assert window.start_page.isVisible()


def test_opening_that_takes_long_can_be_given_up(
    make_window: Callable[[], MainWindow], desk: CameraDesk, qtbot: QtBot
) -> None:
    camera = desk.plug("Stuck")
    window = make_window()
    window.start_page.shelf.live.setChecked(False)
    wait(qtbot, lambda: camera.users == 0)
    camera.working.clear()
    window.session.open("camera:Stuck")
    wait(qtbot, window.opening_strip.source.isVisible)
    assert "Stuck" in window.opening_strip.source.text.text()
    click(window.opening_strip.source.button)
    assert not window.opening_strip.source.isVisible()
    assert window.start_page.isVisible()
    click(next(it for it in window.start_page.openers if it.defaultAction().objectName() == "open_sample"))
    wait(qtbot, lambda: has_boxes(window))
    desk.free_hanging_cameras()

"""The source menu in the toolbar."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction, QImage, QKeyEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from detector.frames.protocol import SourceInfo
from gui.file_chooser import chooser_of
from gui.panels.banner import Banner
from gui.panels.sources import WIDEST_TITLE, SourceButton
from gui.settings import LAST_FOLDER, SettingsStore
from gui.start.address import StreamPanel
from gui.start.page import StartPage
from gui.start.recent import RecentSources
from tests.e2e.hands import click, key, wait
from tests.frames.camera_desk import CameraDesk
from tests.gui.start.conftest import AskedSession


@pytest.fixture
def recent(store: SettingsStore) -> RecentSources:
    return RecentSources(store)


@pytest.fixture
def button(
    session: AskedSession,
    actions: dict[str, QAction],
    store: SettingsStore,
    recent: RecentSources,
    owner: QWidget,
    desk: CameraDesk,
) -> Iterator[SourceButton]:
    made = SourceButton(session, actions, store, recent, owner)
    owner.resize(700, 400)
    owner.show()
    yield made
    made.menu_of_sources.close()
    if (chooser := chooser_of(owner)) is not None:
        chooser.close()
    made.shut()


def texts(button: SourceButton) -> list[str]:
    return [action.text() for action in button.menu_of_sources.actions() if action.text()]


def test_the_menu_opens_at_once_and_cameras_come_into_it(
    button: SourceButton, desk: CameraDesk, session: AskedSession, qtbot: QtBot
) -> None:
    desk.plug("HD Webcam")
    desk.plug("Black & White")
    button.click()
    assert button.menu_of_sources.isVisible()
    assert texts(button)[0].startswith("Looking")
    wait(qtbot, lambda: texts(button)[:2] == ["HD Webcam", "Black && White"])
    button.menu_of_sources.actions()[1].trigger()
    assert session.requests == [("open", "camera:Black & White")]


def test_cameras_are_listed_anew_each_time(button: SourceButton, desk: CameraDesk, qtbot: QtBot) -> None:
    camera = desk.plug("HD Webcam")
    button.fill()
    wait(qtbot, lambda: texts(button)[0] == "HD Webcam")
    desk.unplug(camera)
    button.fill()
    wait(qtbot, lambda: texts(button)[0] == "No camera found")
    assert not button.menu_of_sources.actions()[0].isEnabled()


def test_recent_sources_open_from_the_menu(button: SourceButton, recent: RecentSources, session: AskedSession) -> None:
    assert not button.recent_menu.isEnabled()
    recent.add("/clip.mp4", SourceInfo("clip.mp4", "video", False, (8, 6)), QImage())
    assert button.recent_menu.isEnabled()
    button.recent_menu.popup(button.below)
    button.recent_menu.actions()[0].trigger()
    assert session.requests == [("open", "/clip.mp4")]
    button.recent_menu.actions()[-1].trigger()
    assert recent.items == []
    button.recent_menu.close()


def test_the_actions_open_what_they_say(
    button: SourceButton, actions: dict[str, QAction], session: AskedSession
) -> None:
    for name in ("open_camera", "open_sample", "home"):
        actions[name].trigger()
    assert session.requests == [("open", "camera:0"), ("open", "sample"), ("stop",)]


def test_a_chosen_file_opens_and_its_folder_is_remembered(
    button: SourceButton,
    actions: dict[str, QAction],
    owner: QWidget,
    session: AskedSession,
    store: SettingsStore,
    tmp_path: Path,
) -> None:
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"")
    actions["open_file"].trigger()
    chooser = chooser_of(owner)
    assert chooser is not None
    line = chooser.findChild(QLineEdit, "fileNameEdit")
    assert isinstance(line, QLineEdit)
    line.setText(str(clip))
    chooser.accept()
    assert session.requests == [("open", str(clip))]
    assert store.get(LAST_FOLDER) == str(tmp_path)


def test_the_button_shows_what_runs_and_stays_narrow(button: SourceButton, session: AskedSession) -> None:
    title = "a very long name " * 9
    session.source_opened.emit(SourceInfo(title, "video", False, (8, 6)))
    assert title in button.toolTip()
    assert button.fontMetrics().horizontalAdvance(button.text()) <= WIDEST_TITLE
    session.source_closed.emit()
    assert button.text() == "Source"


def test_what_is_being_opened_is_named_at_once_and_taken_back_where_it_fails(
    button: SourceButton, session: AskedSession
) -> None:
    session.source_opening.emit("camera:HD Webcam")
    assert button.text() == "HD Webcam ..."
    session.trouble.emit("model", "Of something else.")
    assert button.text() == "HD Webcam ..."
    session.trouble.emit("source", "It is gone.")
    assert button.text() == "Source"

    info = SourceInfo("clip.mp4", "video", False, (8, 6))
    session.playback.opened(info, "/films/clip.mp4")
    session.source_opened.emit(info)
    session.source_opening.emit("/films/other.mp4")
    assert (button.text(), button.toolTip()) == ("other.mp4 ...", "Opening other.mp4 ...")
    session.trouble_over.emit("source")
    assert button.text() == "clip.mp4"
    assert "choose another source" in button.toolTip()


def test_a_stream_is_asked_for_in_a_panel_that_blocks_nothing(
    button: SourceButton, actions: dict[str, QAction], owner: QWidget, session: AskedSession
) -> None:
    actions["open_stream"].trigger()
    panel = owner.findChild(StreamPanel)
    assert isinstance(panel, StreamPanel)
    assert panel.isVisible()
    assert owner.rect().contains(panel.geometry())
    panel.field.line.setText("no address")
    key(panel.field.line, Qt.Key.Key_Return)
    assert panel.field.error.isVisible()
    panel.field.line.setText("http://host/video")
    key(panel.field.line, Qt.Key.Key_Return)
    assert session.requests[-1] == ("open", "http://host/video")
    assert panel.isVisible()
    session.source_opened.emit(SourceInfo("host", "stream", True, (8, 6)))
    assert not panel.isVisible()
    actions["open_stream"].trigger()
    key(panel.field.line, Qt.Key.Key_Escape)
    assert not panel.isVisible()


@pytest.fixture
def panel(button: SourceButton, actions: dict[str, QAction], owner: QWidget) -> StreamPanel:
    """The open panel, with a stretch of the window beside it."""
    beside = QWidget(owner)
    beside.setObjectName("beside")
    beside.setGeometry(0, 300, 700, 100)
    beside.show()
    actions["open_stream"].trigger()
    panel = owner.findChild(StreamPanel)
    assert isinstance(panel, StreamPanel)
    return panel


def test_the_panel_grows_with_its_message_and_shrinks_again(panel: StreamPanel, qtbot: QtBot) -> None:
    field = panel.field
    line_height, height = field.line.height(), panel.height()
    field.line.setText("hello " * 30)
    key(field.line, Qt.Key.Key_Return)
    wait(qtbot, lambda: panel.height() > height)
    assert field.line.height() == line_height
    assert field.button.height() >= field.button.minimumSizeHint().height()
    assert field.error.height() >= field.error.heightForWidth(field.error.width())
    assert field.error.height() > 2 * field.error.fontMetrics().height(), "a sentence of more than two lines"
    assert panel.rect().contains(field.geometry())
    field.line.clear()
    field.line.textEdited.emit("")
    wait(qtbot, lambda: panel.height() == height)


def test_esc_closes_the_panel_before_a_shortcut_of_the_window_takes_it(panel: StreamPanel) -> None:
    asked = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier)
    asked.ignore()
    QApplication.sendEvent(panel.field.line, asked)
    assert asked.isAccepted()
    key(panel.field.line, Qt.Key.Key_Return)
    assert panel.field.error.isVisible()
    key(panel.field.button, Qt.Key.Key_Escape)
    assert not panel.isVisible()


def test_a_click_beside_the_panel_closes_it(panel: StreamPanel, owner: QWidget) -> None:
    click(panel.field.line)
    click(panel)
    assert panel.isVisible()
    beside = owner.findChild(QWidget, "beside")
    assert isinstance(beside, QWidget)
    click(beside)
    assert not panel.isVisible()


def test_the_panel_goes_when_something_else_is_opened_or_closed(
    panel: StreamPanel, actions: dict[str, QAction], session: AskedSession
) -> None:
    session.open("/clip.mp4")
    assert not panel.isVisible()
    actions["open_stream"].trigger()
    assert panel.isVisible()
    session.source_closed.emit()
    assert not panel.isVisible()


def test_the_panel_leaves_the_banner_to_be_read(panel: StreamPanel, owner: QWidget, qtbot: QtBot) -> None:
    top = panel.y()
    panel.leave()
    banner = Banner(owner)
    banner.setGeometry(0, 40, 700, 60)
    panel.come(*owner.findChildren(SourceButton), banner)
    assert panel.y() == top
    banner.say("model", "it is damaged.")
    wait(qtbot, lambda: panel.y() > banner.geometry().bottom())
    banner.close_all()
    wait(qtbot, lambda: panel.y() == top)


def test_on_the_start_page_its_own_line_asks(
    button: SourceButton,
    actions: dict[str, QAction],
    owner: QWidget,
    session: AskedSession,
    store: SettingsStore,
) -> None:
    page = StartPage(session, actions, store, owner)
    page.show()
    actions["open_stream"].trigger()
    assert page.address.isVisible()
    assert not owner.findChildren(StreamPanel)
    page.shut()

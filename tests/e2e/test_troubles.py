"""The banner says what happened and offers the way out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from gui.main_window import MainWindow
from gui.values import ModelChoice
from tests.e2e.conftest import has_boxes
from tests.e2e.hands import click, key, wait


def way(window: MainWindow, topic: str, text: str) -> QPushButton:
    return next(button for button in window.banner.ways(topic) if button.text() == text)


COPY, MOVE = Qt.DropAction.CopyAction, Qt.DropAction.MoveAction
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def drag_over(window: MainWindow, data: QMimeData) -> bool:
    """Come over the window with this; whether it may be dropped. `data` has to outlive the drag."""
    entered = QDragEnterEvent(QPoint(50, 50), COPY | MOVE, data, LEFT, NONE)
    # Qt hands it on accepted or not; a widget has to say.
    entered.ignore()
    QApplication.sendEvent(window, entered)
    assert not entered.isAccepted() or entered.dropAction() == COPY
    return entered.isAccepted()


def drop(window: MainWindow, url: QUrl) -> None:
    data = QMimeData()
    data.setUrls([url])
    assert drag_over(window, data)
    dropped = QDropEvent(QPointF(50, 50), COPY | MOVE, data, LEFT, NONE)
    dropped.setDropAction(MOVE)
    QApplication.sendEvent(window, dropped)
    assert dropped.isAccepted()
    assert dropped.dropAction() == COPY, "a file that is moved may be taken away where it came from"


def test_what_may_be_dropped_is_shown_over_the_whole_window_and_named(window: MainWindow) -> None:
    sign = window.drop_target.sign
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile("/videos/my clip.mp4")])
    before = window.grab().toImage().pixelColor(2, 200)
    assert drag_over(window, data)
    assert sign.isVisible()
    assert sign.geometry() == window.rect()
    assert sign.text == "Drop to open my clip.mp4"
    assert window.grab().toImage().pixelColor(2, 200) != before
    window.resize(window.width() - 40, window.height() - 40)
    assert sign.geometry() == window.rect()
    QApplication.sendEvent(window, QDragLeaveEvent())
    assert not sign.isVisible()
    assert window.session.asked == ""


def test_what_cannot_be_opened_is_not_offered(window: MainWindow) -> None:
    data = QMimeData()
    data.setText("some words")
    assert not drag_over(window, data)
    assert not window.drop_target.sign.isVisible()


def test_a_text_file_dropped_is_refused_with_ways_out_that_work(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("no video")
    window.session.choose_model(ModelChoice("vgg-yolo-voc20"))
    drop(window, QUrl.fromLocalFile(str(notes)))
    assert not window.drop_target.sign.isVisible()
    wait(qtbot, lambda: "notes.txt" in window.banner.text)
    ways = [button.text() for button in window.banner.ways("source")]
    assert ways == ["Open file...", "Sample"], "trying again makes no film of it"
    click(way(window, "source", "Sample"))
    wait(qtbot, lambda: has_boxes(window))
    assert window.banner.text == ""
    assert window.stack.currentWidget() is window.viewer


def test_trying_again_opens_what_was_asked_for(
    window: MainWindow, qtbot: QtBot, make_video: Callable[..., Path], tmp_path: Path
) -> None:
    missing = tmp_path / "later.mp4"
    window.session.open(str(missing))
    wait(qtbot, lambda: "later.mp4" in window.banner.text)
    make_video("now.mp4").rename(missing)
    click(way(window, "source", "Try again"))
    wait(qtbot, lambda: window.session.playback.info is not None)
    assert window.session.playback.info.title == "later.mp4"
    wait(qtbot, lambda: window.banner.text == "")


def test_without_any_model_the_built_in_one_is_a_click_away(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "broken.safetensors"
    path.write_bytes(b"no weights")
    window.session.choose_model(ModelChoice(str(path)))
    wait(qtbot, lambda: "broken.safetensors" in window.banner.text)
    click(way(window, "model", "Use the built-in model"))
    wait(qtbot, lambda: window.session.model is not None)
    wait(qtbot, lambda: window.banner.text == "")


def test_a_stream_that_cannot_be_opened_is_told_once_and_a_new_mistake_takes_its_place(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    window.session.open(str(tmp_path / "gone.mp4"))
    wait(qtbot, lambda: "gone.mp4" in window.banner.text)
    window.commands["open_stream"].trigger()
    field = window.start_page.address
    # Port 1 of this computer: nobody listens, which is known at once.
    field.line.setText("http://127.0.0.1:1/video")
    key(field.line, Qt.Key.Key_Return)
    assert window.banner.text == "", "what went wrong before is over"
    wait(qtbot, field.error.isVisible)
    assert "127.0.0.1:1" in field.error.text()
    assert window.banner.text == "", "it is told twice"
    assert field.error.text()[0].isupper()
    field.line.setText("hello")
    key(field.line, Qt.Key.Key_Return)
    assert "hello, is no address" in field.error.text()
    assert window.banner.text == ""
    window.session.open(str(tmp_path / "gone.mp4"))
    assert not field.error.isVisible(), "the old mistake stands beside the new one"
    wait(qtbot, lambda: "gone.mp4" in window.banner.text)
    field.line.setText("hello")
    key(field.line, Qt.Key.Key_Return)
    assert window.banner.text == "", "two mistakes are told at once"


def test_a_stream_whose_field_was_put_away_is_told_in_the_banner(window: MainWindow, qtbot: QtBot) -> None:
    window.commands["open_stream"].trigger()
    field = window.start_page.address
    field.line.setText("http://127.0.0.1:1/video")
    key(field.line, Qt.Key.Key_Return)
    key(field.line, Qt.Key.Key_Escape)
    assert not field.isVisible()
    wait(qtbot, lambda: "127.0.0.1:1" in window.banner.text)


def test_closing_the_source_leads_to_the_start_page(running: MainWindow, qtbot: QtBot) -> None:
    running.commands["stop"].trigger()
    wait(qtbot, lambda: running.stack.currentWidget() is running.start_page)
    assert running.session.playback.info is None
    assert running.windowTitle() == "Looktwice"


def test_a_snapshot_of_nothing_offers_something_to_look_at(window: MainWindow, qtbot: QtBot) -> None:
    for deed in ("snapshot", "record"):
        window.commands[deed].trigger()
        assert "open a source first" in window.banner.text
        click(way(window, "nothing", "Sample"))
        wait(qtbot, lambda: window.session.playback.info is not None)
        assert window.banner.text == ""
        window.commands["stop"].trigger()

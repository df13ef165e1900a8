from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from gui.dropping import DropTarget, dropped_source


def of(*urls: str, text: str = "") -> str:
    data = QMimeData()
    if urls:
        data.setUrls([QUrl(url) for url in urls])
    if text:
        data.setText(text)
    return dropped_source(data)


def test_the_first_file_counts(tmp_path: Path) -> None:
    path = tmp_path / "a clip \N{CAT FACE}.mp4"
    assert of(QUrl.fromLocalFile(str(path)).toString(), "file:///other.mp4") == str(path)


def test_an_address_stays_one() -> None:
    assert of("rtsp://camera.local/stream") == "rtsp://camera.local/stream"
    assert of(text="http://camera.local/video ") == "http://camera.local/video"


def test_words_are_no_source() -> None:
    assert of(text="some words") == ""
    assert of(text="http://one\nhttp://two") == ""
    assert of() == ""


COPY, MOVE, LINK = Qt.DropAction.CopyAction, Qt.DropAction.MoveAction, Qt.DropAction.LinkAction
OFFERS = [(COPY | MOVE, COPY), (LINK, LINK), (LINK | MOVE, LINK), (MOVE, Qt.DropAction.IgnoreAction)]


@pytest.mark.parametrize(("offered", "answered"), OFFERS)
def test_what_is_dropped_is_never_moved(qtbot: QtBot, offered: Qt.DropAction, answered: Qt.DropAction) -> None:
    window, opened = QWidget(), []
    qtbot.addWidget(window)
    target = DropTarget(window, opened.append)
    data = QMimeData()
    data.setUrls([QUrl("rtsp://camera.local/stream")])
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    entered = QDragEnterEvent(QPoint(5, 5), offered, data, left, none)
    entered.ignore()
    QApplication.sendEvent(window, entered)
    assert entered.isAccepted()
    assert target.sign.text == "Drop to open rtsp://camera.local/stream"
    dropped = QDropEvent(QPointF(5, 5), offered, data, left, none)
    QApplication.sendEvent(window, dropped)
    assert dropped.isAccepted()
    assert dropped.dropAction() == answered
    assert opened == ["rtsp://camera.local/stream"]
    assert target.sign.isHidden()

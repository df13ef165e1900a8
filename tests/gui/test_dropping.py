from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QUrl

from gui.dropping import dropped_source


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

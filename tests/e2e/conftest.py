"""The real window with the shipped weights, driven offscreen."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from PySide6.QtCore import QEvent, QSettings
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.main_window import MainWindow
from gui.settings import SettingsStore
from gui.values import ModelChoice
from tests.e2e.hands import PATIENCE_MS


@pytest.fixture
def settings(tmp_path: Path) -> SettingsStore:
    return SettingsStore(QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat))


@pytest.fixture
def window(qtbot: QtBot, settings: SettingsStore) -> Iterator[MainWindow]:
    """An open window without source or model."""
    window = MainWindow(settings)
    # Closing joins the pipeline's threads, so qtbot need not close it again.
    window.show()
    qtbot.waitExposed(window)
    yield window
    window.close()
    window.deleteLater()
    # Now, not when the next window is already there.
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert not [t.name for t in threading.enumerate() if t.name in ("lane", "reader")]


@pytest.fixture
def running(window: MainWindow, qtbot: QtBot) -> MainWindow:
    """A window playing the sample with boxes on it."""
    window.session.open("sample")
    window.session.choose_model(ModelChoice("vgg-yolo-voc20"))
    qtbot.waitUntil(lambda: has_boxes(window), timeout=PATIENCE_MS)
    return window


def has_boxes(window: MainWindow) -> bool:
    current = window.session.current
    return current is not None and len(current.detections) > 0


@pytest.fixture
def make_video(tmp_path: Path) -> Callable[..., Path]:
    """A small MPEG-4 video whose frames carry their index as gray value."""

    def make(name: str = "clip.mp4", frames: int = 30, size: tuple[int, int] = (160, 96)) -> Path:
        path = tmp_path / name
        with av.open(str(path), "w") as container:
            stream = container.add_stream("mpeg4", rate=30)
            stream.width, stream.height, stream.pix_fmt = size[0], size[1], "yuv420p"
            for index in range(frames):
                image = np.full((size[1], size[0], 3), min(4 * index, 255), np.uint8)
                for packet in stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")):
                    container.mux(packet)
            for packet in stream.encode():
                container.mux(packet)
        return path

    return make

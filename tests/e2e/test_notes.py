"""What comes for a while moves nothing: saved frames, recordings, a model that loads. Each is told in one place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from detector.registry import model_info
from gui.main_window import MainWindow
from gui.settings import CAPTURE_FOLDER, SettingsStore
from gui.values import ModelChoice
from tests.e2e.hands import click, leave, middle, move, stand_on, wait

NAME = "vgg-yolo-voc20"


@pytest.fixture
def settings(settings: SettingsStore, tmp_path: Path) -> SettingsStore:
    settings.put(CAPTURE_FOLDER, str(tmp_path / "captures"))
    return settings


def place(window: MainWindow, widget: QWidget) -> QRect:
    return QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())


def places(window: MainWindow) -> dict[str, QRect]:
    """Where everything stands that a pointer may be about to hit."""
    labels = window.status_line.labels.items()
    told = {name: label for name, label in labels if label.isVisible()}
    parts: dict[str, QWidget] = {"canvas": window.canvas, "transport": window.transport, "page": window.start_page}
    return {name: place(window, widget) for name, widget in {**told, **parts}.items() if widget.isVisible()}


def telling(window: MainWindow, text: str) -> list[QLabel]:
    """Labels on the screen that say this."""
    labels = window.findChildren(QLabel)
    return [label for label in labels if label.isVisible() and text in (label.accessibleName() + label.text())]


def test_a_snapshot_is_told_once_with_its_folder_below_the_button_and_moves_nothing(
    running: MainWindow, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path] = []
    monkeypatch.setattr(running.capture, "open_path", opened.append)
    stand_on(qtbot, running, 30)
    running.status_line.refresh()
    before = places(running)
    running.commands["snapshot"].trigger()
    note = running.capture_note
    wait(qtbot, note.isVisible)
    running.status_line.refresh()
    assert places(running) == before
    (saved,) = (tmp_path / "captures").glob("*.png")
    assert note.what.whole == f"Saved {saved.name}"
    assert str(saved.parent) in note.where.whole
    assert len(telling(running, saved.name)) == 1
    assert place(running, running.canvas).contains(place(running, note))
    assert note.mapTo(running, QPoint(0, 0)).y() < running.canvas.mapTo(running, middle(running.canvas).toPoint()).y()
    click(note.folder_button)
    assert opened == [saved.parent]


def test_the_way_to_the_folder_stays_under_the_pointer(running: MainWindow, qtbot: QtBot) -> None:
    note = running.capture_note
    note._timer.setInterval(1)
    running.commands["snapshot"].trigger()
    move(note, middle(note))
    running.commands["snapshot"].trigger()
    wait(qtbot, lambda: not note.isHidden())
    for _ in range(3):
        with qtbot.waitSignal(note._timer.timeout, timeout=60_000):
            pass
    assert note.isVisible()
    leave(note)
    wait(qtbot, note.isHidden)
    assert running.notes.isHidden()


def test_a_recording_is_told_once_and_moves_no_figure(running: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    session = running.session
    stand_on(qtbot, running, 30)
    running.status_line.refresh()
    before = places(running)
    running.commands["record"].trigger()
    wait(qtbot, lambda: "paused" in running.capture_light.text())
    assert running.capture_light.isVisible()
    assert places(running) == before
    session.step(1)
    running.commands["record"].trigger()
    note = running.capture_note
    wait(qtbot, lambda: note.isVisible() and note.what.whole.endswith(".mp4"))
    assert not running.capture_light.isVisible()
    assert places(running) == before
    (video,) = (tmp_path / "captures").glob("*.mp4")
    assert len(telling(running, video.name)) == 1
    assert "frames" in note.details.text()


def test_what_was_recorded_when_the_window_closed_is_told_by_the_next_one(
    running: MainWindow, settings: SettingsStore, tmp_path: Path, qtbot: QtBot
) -> None:
    running.commands["record"].trigger()
    wait(qtbot, lambda: "Recording 00:" in running.capture_light.text())
    running.close()
    (video,) = (tmp_path / "captures").glob("*.mp4")
    again = MainWindow(settings)
    again.show()
    wait(qtbot, again.capture_note.isVisible)
    assert again.capture_note.what.whole == f"Saved {video.name}"
    assert "when the window was closed" in again.capture_note.details.text()
    assert place(again, again.start_page).contains(place(again, again.capture_note))
    again.close()
    again.deleteLater()


def test_loading_is_told_in_one_place_and_moves_neither_page_nor_sliders(window: MainWindow, qtbot: QtBot) -> None:
    score = model_info(NAME).default_score
    assert window.detections_panel.score.slider.value() == round(100 * score)
    before = places(window)
    row = window.opening_strip.model
    row._timer.setInterval(0)
    seen: list[tuple[dict[str, QRect], int, str, float]] = []

    def look() -> None:
        told = len(telling(window, "Loading the model"))
        seen.append((places(window), told, row.button.text(), window.session.selection.score))

    row._timer.timeout.connect(look)
    window.session.choose_model(ModelChoice(NAME))
    wait(qtbot, lambda: window.session.model is not None)
    assert seen == [(before, 1, "Stop loading", score)]
    assert not row.isVisible()
    assert window.session.selection.score == score


def test_stopping_to_load_is_a_button_with_its_name(
    window: MainWindow, qtbot: QtBot, make_video: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped: list[bool] = []
    row = window.opening_strip.model
    row._cancel = lambda: stopped.append(True)
    row._timer.setInterval(0)
    window.session.model_loading.emit("far-away")
    wait(qtbot, row.isVisible)
    assert row.text.whole == "Loading the model far-away ..."
    assert row.button.text() == "Stop loading"
    click(row.button)
    assert stopped == [True]
    assert window.notes.isHidden()

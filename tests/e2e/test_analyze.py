"""Analyses in the real window, with the shipped weights: begin, cancel, go on, look at, close meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPointF, Qt
from pytestqt.qtbot import QtBot

from detector.analysis.folder import ResultFolder
from detector.analysis.journal import Journal
from gui import settings as keys
from gui.analysis.lane_painting import GUTTER, STRIP
from gui.main_window import MainWindow
from gui.settings import SettingsStore
from gui.values import ModelChoice
from tests.e2e.hands import click, key, stand_on, wait

SIZE = 128
"""Of the network's input: what is found does not matter here."""


@pytest.fixture
def settings(settings: SettingsStore, tmp_path: Path) -> SettingsStore:
    settings.put(keys.ANALYSIS_FOLDER, str(tmp_path / "results"))
    settings.put(keys.CAPTURE_FOLDER, str(tmp_path / "captures"))
    return settings


@pytest.fixture
def ready(window: MainWindow, qtbot: QtBot) -> MainWindow:
    """A window that stands on a frame of the sample, with a small model."""
    window.session.choose_model(ModelChoice("vgg-yolo-voc20", SIZE))
    window.session.open("sample")
    wait(qtbot, lambda: window.session.model is not None and window.session.current is not None)
    stand_on(qtbot, window, 60)
    return window


def begin(window: MainWindow, qtbot: QtBot, every: int = 3) -> None:
    """Press what a hand would press."""
    window.commands["analyze"].trigger()
    sheet = window.analysis_desk.sheet
    assert sheet is not None
    sheet.sheet.frames.setCurrentIndex(every)
    wait(qtbot, sheet.start.isVisible)
    click(sheet.start)


def finished(window: MainWindow) -> bool:
    analysing = window.analysis_desk.analysing
    results = analysing.results
    return analysing.run is None and results is not None and results.finished and results.page_is_there


def test_an_analysis_from_the_button_to_the_frame(ready: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    window = ready
    begin(window, qtbot)
    window.commands["play"].trigger()
    answered = window.session.bridge.answered
    wait(qtbot, lambda: finished(window))
    assert window.session.bridge.answered > answered, "playing went on meanwhile"
    assert window.banner.text == ""
    journal = Journal(ResultFolder(tmp_path / "results" / "sample"))
    assert (journal.head.settings.every, journal.head.settings.size) == (10, SIZE)
    assert [stored.index for stored in journal.frames()] == list(range(0, 600, 10))
    timeline = window.analysis_desk.timeline
    assert timeline is not None
    assert timeline.isVisible()
    view = timeline.view
    wait(qtbot, lambda: bool(view.lanes))
    lane = view.lanes[0]
    first = window.analysis_desk.analysing.results
    assert first is not None
    index = first.presence.first_within(lane.label, 0, 599)
    assert index is not None
    view.zoom(40, view.scale.x_of(index + 0.5))
    at = QPointF(GUTTER + view.scale.x_of(index + 0.5), view.top_of(lane.label) + STRIP)
    click(view.viewport(), at)
    wait(qtbot, lambda: window.session.playback.index == index and not window.session.playback.playing)
    key(view, Qt.Key.Key_0)
    assert view.scale.fits


def test_what_was_cancelled_goes_on_and_is_the_same(ready: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    window = ready
    analysing = window.analysis_desk.analysing
    begin(window, qtbot, every=2)
    wait(qtbot, lambda: analysing.results is not None and len(analysing.results.presence) > 5)
    window.commands["cancel_analysis"].trigger()
    wait(qtbot, lambda: analysing.run is None)
    folder = ResultFolder(tmp_path / "results" / "sample")
    assert folder.unfinished_journal.is_file()
    assert not folder.csv.exists()
    sheet = window.analysis_desk.sheet
    assert sheet is not None
    wait(qtbot, sheet.go_on.isVisible)
    click(sheet.go_on)
    wait(qtbot, lambda: finished(window))
    cut_off = folder.journal.read_bytes()
    analysing.set_root(tmp_path / "again")
    begin(window, qtbot, every=2)
    again = ResultFolder(tmp_path / "again" / "sample")
    wait(qtbot, again.page.is_file)
    assert again.journal.read_bytes() == cut_off


def test_a_video_that_was_analysed_before_shows_its_results(
    ready: MainWindow, qtbot: QtBot, make_video: Callable[..., Path]
) -> None:
    window = ready
    window.commands["timeline"].setChecked(True)
    window.session.open(str(make_video(frames=40)))
    wait(qtbot, lambda: window.session.playback.text.endswith("clip.mp4"))
    begin(window, qtbot, every=0)
    wait(qtbot, lambda: finished(window))
    text = window.session.playback.text
    window.session.stop()
    assert window.analysis_desk.analysing.results is None
    window.session.open(text)
    wait(qtbot, lambda: finished(window))
    results = window.analysis_desk.analysing.results
    assert results is not None
    assert len(results.presence) == 40


def test_stored_boxes_lie_over_their_frame(ready: MainWindow, qtbot: QtBot) -> None:
    window = ready
    begin(window, qtbot)
    wait(qtbot, lambda: finished(window))
    stand_on(qtbot, window, 60)
    window.commands["stored"].setChecked(True)

    def stored() -> bool:
        scene = window.canvas.scene()
        return scene is not None and scene.stored is not None and scene.stored.index == 60

    wait(qtbot, stored)
    stand_on(qtbot, window, 61)
    assert not stored(), "that frame was not analysed"
    window.commands["stored"].setChecked(False)
    stand_on(qtbot, window, 60)
    assert not stored()


def test_a_window_that_is_closed_meanwhile_leaves_what_can_be_gone_on_with(
    ready: MainWindow, settings: SettingsStore, qtbot: QtBot, tmp_path: Path
) -> None:
    window = ready
    analysing = window.analysis_desk.analysing
    begin(window, qtbot, every=2)
    wait(qtbot, lambda: analysing.run is not None and analysing.run.progress is not None)
    run = analysing.run
    assert run is not None
    window.close()
    assert run.over.is_set()
    folder = ResultFolder(tmp_path / "results" / "sample")
    assert not folder.journal.exists()
    assert len(list(Journal(folder).frames())) > 0
    next_window = MainWindow(settings)
    next_window.show()
    qtbot.waitExposed(next_window)
    assert "The analysis of sample was stopped after" in next_window.banner.text
    next_window.session.choose_model(ModelChoice("vgg-yolo-voc20", SIZE))
    wait(qtbot, lambda: next_window.session.model is not None)
    (go_on,) = next_window.banner.ways("analysis left")
    click(go_on)
    wait(qtbot, lambda: finished(next_window))
    assert next_window.banner.text == ""
    next_window.close()
    next_window.deleteLater()


def test_a_folder_that_takes_nothing_is_told_with_a_way_out(ready: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    window = ready
    (tmp_path / "file").write_text("no folder")
    window.analysis_desk.analysing.set_root(tmp_path / "file")
    begin(window, qtbot)
    wait(qtbot, lambda: window.banner.text != "")
    assert window.banner.text.count(".") >= 1
    assert str(tmp_path / "file") in window.banner.text
    assert [button.text() for button in window.banner.ways("analysis")] == ["Another folder..."]
    assert window.analysis_desk.analysing.run is None


def test_without_a_source_there_is_nothing_to_analyse(window: MainWindow) -> None:
    assert not window.commands["analyze"].isEnabled()
    window.commands["analysis"].setChecked(True)
    sheet = window.analysis_desk.sheet
    assert sheet is not None
    assert not sheet.start.isEnabled()

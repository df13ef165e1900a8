"""What the window tells of itself: how fast it is, what runs, and what went wrong."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from gui.exceptions import ExceptionGuard
from gui.log_store import LogStore
from gui.main_window import MainWindow
from gui.panels.performance import PerformancePanel
from gui.performance_history import PARTS
from gui.reporting import ReportPanel
from tests.e2e.hands import wait


@pytest.fixture
def store() -> Iterator[LogStore]:
    store = LogStore()
    store.install()
    yield store
    store.uninstall()


@pytest.fixture
def report(running: MainWindow, store: LogStore, qtbot: QtBot) -> ReportPanel:
    panel = ReportPanel(running.session, running.canvas, store, running.settings)
    qtbot.addWidget(panel)
    return panel


def made(panel: ReportPanel, qtbot: QtBot) -> str:
    """A new report's text."""
    panel.text.clear()
    panel.refresh()
    wait(qtbot, lambda: panel.text.toPlainText() != "")
    return panel.text.toPlainText()


def test_the_status_line_tells_figures_engine_and_precision(running: MainWindow, qtbot: QtBot) -> None:
    line, session = running.status_line, running.session
    wait(qtbot, lambda: "net " in line.labels["net"].text())
    assert session.model is not None
    assert line.labels["engine"].text() == f"{session.model.engine} {session.model.precision}"
    assert line.labels["device"].text() == session.model.device
    assert line.labels["fps"].text().endswith(" FPS")
    line.resize(800, line.height())
    for name in ("fps", "net", "drops", "engine"):
        assert line.labels[name].isVisible(), name


def test_the_performance_panel_fills_while_the_sample_plays(running: MainWindow, qtbot: QtBot) -> None:
    panel = PerformancePanel(running.session, running.canvas)
    qtbot.addWidget(panel)
    panel.show()
    wait(qtbot, lambda: panel.table.item(PARTS.index("net"), 0).text() not in ("-", "0.0"))
    assert panel.history.frames_counted > 0
    running.session.set_playing(False)
    wait(qtbot, lambda: panel.history.samples[-1].frames_per_s is None)
    panel.refresh()
    assert "paused" in panel.facts.text()


def test_the_report_names_what_runs_and_no_folder_password_or_address(
    running: MainWindow, report: ReportPanel, qtbot: QtBot, make_video: Callable[..., Path], tmp_path: Path
) -> None:
    running.session.open(str(make_video("holiday.mp4")))
    wait(qtbot, lambda: running.session.playback.info is not None and running.session.playback.info.kind == "video")
    log = logging.getLogger("detector.tests")
    log.warning("%s is damaged", tmp_path / "holiday.mp4")
    log.warning("cannot reach rtsp://me:secret@camera.local/live")
    log.warning("%s is gone", Path.home() / "clip.mp4")
    text = made(report, qtbot)
    assert running.session.model is not None
    for fact in ("vgg-yolo-voc20", running.session.model.engine, running.session.model.precision, "160 x 96", "torch"):
        assert fact in text, fact
    for private in (str(Path.home()), str(tmp_path), "secret", "camera.local"):
        assert private not in text, private
    assert "is damaged" in text


def test_the_report_is_copied_and_saved_as_shown(report: ReportPanel, qtbot: QtBot, tmp_path: Path) -> None:
    text = made(report, qtbot)
    report.copy.click()
    assert QGuiApplication.clipboard().text() == text
    report.save_to(tmp_path / "report.md")
    wait(qtbot, lambda: "Saved" in report.told.text())
    assert (tmp_path / "report.md").read_text(encoding="utf-8") == text
    report.save_to(tmp_path / "nowhere" / "report.md")
    wait(qtbot, lambda: "could not be saved" in report.told.text())


def test_an_exception_in_a_slot_shows_the_banner_and_stands_in_the_report(
    running: MainWindow, report: ReportPanel, qtbot: QtBot
) -> None:
    def boom() -> None:
        raise RuntimeError("a deliberate mistake")

    guard = ExceptionGuard(running)
    guard.went_wrong.connect(lambda sentence: running.banner.say("inside", sentence))
    guard.install()
    try:
        QTimer.singleShot(0, boom)
        wait(qtbot, lambda: "a deliberate mistake" in running.banner.text)
    finally:
        guard.uninstall()
    assert running.banner.isVisible()
    assert "RuntimeError: a deliberate mistake" in made(report, qtbot)
    answered = running.session.bridge.answered
    wait(qtbot, lambda: running.session.bridge.answered > answered)

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import cast

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from detector.analysis.progress import Progress
from gui.actions import build_actions
from gui.analysis.progress_view import figures_text, found_text, left_text
from gui.capture import Capture
from gui.panels.analysis import AnalysisPanel
from gui.settings import ANALYSIS_TRACK
from gui.values import ModelChoice
from tests.e2e.hands import PATIENCE_MS
from tests.gui.analysis.conftest import CLIP, Desk
from tests.gui.choosing import give_model
from tests.gui.standing import CAMERA


class Opens:
    """In place of what opens files in the system's programs."""

    def __init__(self) -> None:
        self.opened: list[str] = []

    def open_path(self, path: object) -> None:
        self.opened.append(str(path))


@pytest.fixture
def opens() -> Opens:
    return Opens()


@pytest.fixture
def panel(desk: Desk, opens: Opens, qtbot: QtBot) -> Iterator[AnalysisPanel]:
    window = QWidget()
    give_model(desk.session)
    actions = build_actions(window)
    panel = AnalysisPanel(desk.analysing, desk.session, desk.settings, actions, cast(Capture, opens), window)
    window.show()
    qtbot.waitExposed(window)
    yield panel
    window.close()
    window.deleteLater()


def test_the_sheet_says_what_would_be_done(desk: Desk, panel: AnalysisPanel) -> None:
    assert not panel.start.isEnabled()
    desk.opens(desk.clip())
    assert panel.start.isEnabled()
    assert (panel.sheet.model.whole, panel.sheet.selection.whole) == ("fake, 320 px", "score 0.40, all classes")
    desk.session.set_score(0.6)
    desk.session.set_class_shown("car", False)
    assert panel.sheet.selection.whole == "score 0.60, 3 of 4 classes"
    desk.session.choice = ModelChoice("fake", 96, "f32", "torch")
    order = panel.sheet.task().order
    assert (order.model, order.size, order.precision, order.engine) == ("fake", 96, "f32", "torch")
    assert (order.score, order.classes, order.every, order.fps) == (0.6, ("person", "dog", "cat"), 1, None)


@pytest.mark.parametrize(
    ("row", "asked"), [(0, (1, None)), (1, (2, None)), (3, (10, None)), (5, (1, 10.0)), (7, (1, 1.0))]
)
def test_fewer_frames(desk: Desk, panel: AnalysisPanel, row: int, asked: tuple[int, float | None]) -> None:
    desk.opens(desk.clip())
    panel.sheet.frames.setCurrentIndex(row)
    order = panel.sheet.task().order
    assert (order.every, order.fps) == asked


def test_only_what_lies_between_the_marks(desk: Desk, panel: AnalysisPanel) -> None:
    desk.opens(desk.clip())
    assert not panel.sheet.between.isEnabled()
    assert panel.sheet.range_s() == (0.0, None)
    desk.session.set_range(25, 49)
    assert panel.sheet.between.isChecked()
    assert panel.sheet.between.text() == "Only 00:01.000 to 00:01.960"
    order = panel.sheet.task().order
    assert (order.from_s, order.to_s) == (1.0, 2.0)
    panel.sheet.between.setChecked(False)
    assert panel.sheet.range_s() == (0.0, None)
    desk.session.set_range(None, 49)
    assert panel.sheet.between.text() == "Only the start to 00:01.960"
    desk.session.set_range(None, None)
    assert panel.sheet.between.text() == "Only between the marks"


def test_choices_are_remembered(desk: Desk, panel: AnalysisPanel) -> None:
    panel.sheet.track.setChecked(False)
    assert not desk.settings.get(ANALYSIS_TRACK)
    desk.opens(desk.clip())
    assert not panel.sheet.task().track


def test_photographs_make_no_film(desk: Desk, panel: AnalysisPanel) -> None:
    panel.sheet.film.setChecked(True)
    desk.opens(desk.clip(), replace(CLIP, kind="images"))
    assert panel.sheet.film.isHidden()
    assert not panel.sheet.task().annotate


def test_a_camera_is_told_why_not(desk: Desk, panel: AnalysisPanel) -> None:
    desk.opens("camera", CAMERA)
    assert not panel.start.isEnabled()
    assert panel.hindrance.isVisible()
    assert panel.hindrance.text().startswith("A camera never ends")
    assert panel.start.toolTip() == panel.hindrance.text()


def test_from_start_to_results(desk: Desk, panel: AnalysisPanel, opens: Opens, qtbot: QtBot) -> None:
    desk.opens(desk.clip())
    assert panel.results.isHidden()
    panel.start.click()
    assert panel.progress.isVisible()
    assert not panel.sheet.isVisible()
    assert not panel.start.isVisible()
    desk.worker.let(40)
    qtbot.waitUntil(lambda: panel.progress.bar.value() == 40, timeout=PATIENCE_MS)
    assert panel.progress.bar.maximum() == 100
    assert panel.progress.figures.text() == "40 of 100 frames, 50.0 a second, 00:01 left"
    assert panel.progress.found.text() == "dog 40"
    desk.worker.let(60)
    qtbot.waitUntil(
        lambda: panel.state.text() == "100 frames were analysed." and desk.analysing.run is None, timeout=PATIENCE_MS
    )
    assert not panel.progress.isVisible()
    assert panel.start.isVisible()
    assert not panel.go_on.isVisible()
    panel.open_folder.click()
    assert opens.opened == [str(desk.root / "walk")]
    assert not panel.open_page.isEnabled(), "there is none"


def test_what_was_cancelled_can_be_gone_on_with(desk: Desk, panel: AnalysisPanel, qtbot: QtBot) -> None:
    desk.opens(desk.clip())
    panel.start.click()
    desk.worker.let(40)
    qtbot.waitUntil(
        lambda: desk.analysing.results is not None and len(desk.analysing.results.presence) == 40, timeout=PATIENCE_MS
    )
    desk.analysing.set_paused(True)
    assert "is held" in panel.progress.title.whole
    desk.analysing.cancel()
    assert "Ending" in panel.progress.title.whole
    qtbot.waitUntil(lambda: panel.go_on.isVisible(), timeout=PATIENCE_MS)
    assert panel.state.text() == "40 frames were analysed, then it was ended."
    desk.worker.let(60)
    panel.go_on.click()
    qtbot.waitUntil(lambda: panel.state.text() == "100 frames were analysed.", timeout=PATIENCE_MS)


def test_another_source_meanwhile(desk: Desk, panel: AnalysisPanel, qtbot: QtBot) -> None:
    desk.opens(desk.clip())
    panel.start.click()
    desk.worker.let(40)
    qtbot.waitUntil(lambda: desk.analysing.results is not None, timeout=PATIENCE_MS)
    desk.opens(desk.clip("other.mp4", b"another film"))
    assert panel.progress.isVisible()
    assert panel.progress.title.whole == "Analysing walk.mp4"
    assert panel.results.isHidden()
    assert not panel.start.isEnabled()
    assert panel.hindrance.text().startswith("Another analysis runs")


def test_figures() -> None:
    assert figures_text(Progress(1200, None, 0.0, None, {})) == "1,200 frames"
    assert figures_text(Progress(1200, 4000, 24.12, 116.0, {})) == "1,200 of 4,000 frames, 24.1 a second, 01:56 left"
    assert figures_text(Progress(1200, 4000, 24.12, 116.0, {}), held=True) == "1,200 of 4,000 frames"
    assert found_text({}) == "Nothing found yet"
    many = {f"class {n}": n for n in range(1, 9)}
    assert found_text(many) == "class 8 8, class 7 7, class 6 6, class 5 5, class 4 4, class 3 3, 2 more classes"
    assert [left_text(s) for s in (0, 59.6, 3725)] == ["00:00", "01:00", "1:02:05"]

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QAction, QImage
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from gui.actions import build_actions
from gui.analysis.lane_painting import GUTTER, STRIP
from gui.panels.timeline import NARROW_PX, WIDE_PX, TimelinePanel
from gui.transport.commands import PlaybackCommands
from gui.transport.previews import Previews
from tests.e2e.hands import PATIENCE_MS, click, leave, move
from tests.gui.analysis.conftest import DOG, Desk
from tests.gui.standing import CAMERA


class Stage:
    """A panel in a window of its own."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.window = QWidget()
        self.window.resize(900, 260)
        self.actions: dict[str, QAction] = build_actions(self.window)
        self.sought: list[int] = []
        desk.session.seek = self.seek  # type: ignore[method-assign]
        self.previews = Previews(self.window, lambda _text: None)  # type: ignore[arg-type, return-value]
        ranges = PlaybackCommands(desk.session, self.actions, self.window)
        self.panel = TimelinePanel(desk.analysing, desk.session, self.actions, ranges, self.previews, self.window)
        self.panel.resize(900, 260)
        self.window.show()

    def seek(self, index: int) -> None:
        self.sought.append(index)
        self.desk.session.playback.index = index
        self.desk.session.playback_changed.emit()

    def spot(self, index: int) -> QPointF:
        view = self.panel.view
        return QPointF(GUTTER + view.scale.x_of(index + 0.5), view.top_of(DOG) + STRIP)


@pytest.fixture
def stage(desk: Desk, qtbot: QtBot) -> Iterator[Stage]:
    stage = Stage(desk)
    qtbot.waitExposed(stage.window)
    yield stage
    stage.previews.close()
    stage.window.close()
    stage.window.deleteLater()


def test_what_to_do_is_said_while_there_is_nothing(stage: Stage, qtbot: QtBot) -> None:
    assert "Open a video" in stage.panel.view.hint
    stage.desk.opens(stage.desk.clip())
    qtbot.waitUntil(lambda: "Not analysed yet" in stage.panel.view.hint, timeout=PATIENCE_MS)
    stage.desk.opens("camera", CAMERA)
    assert stage.panel.view.hint.startswith("A camera never ends")
    assert not stage.actions["next_event"].isEnabled()


def test_lanes_fill_and_a_click_goes_to_the_frame(stage: Stage, analysed: Callable[..., str], qtbot: QtBot) -> None:
    analysed()
    qtbot.waitUntil(lambda: [lane.frames for lane in stage.panel.view.lanes] == [50], timeout=PATIENCE_MS)
    assert stage.panel.told.whole == "dog: on 50 frames, 00:02"
    stage.desk.session.playback.playing = True
    click(stage.panel.view.viewport(), stage.spot(61))
    assert stage.sought == [61]
    assert not stage.desk.session.playback.playing, "who looks something up wants to look at it"
    assert stage.panel.view.index == 61


def test_from_appearance_to_appearance(stage: Stage, analysed: Callable[..., str], qtbot: QtBot) -> None:
    analysed()
    qtbot.waitUntil(lambda: stage.panel.view.lane is not None, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: stage.panel.view.lanes[0].frames == 50, timeout=PATIENCE_MS)
    stage.panel.step_event(1)
    stage.panel.step_event(1)
    assert stage.sought == [10], "20 frames are less than a second"
    assert stage.panel.told.whole == "dog does not appear any more"
    stage.seek(99)
    stage.panel.step_event(-1)
    assert stage.sought[-1] == 10
    assert stage.panel.told.whole == "dog: appearance 1 of 1"
    stage.panel.step_event(-1)
    assert stage.panel.told.whole == "dog does not appear before"


def test_score_and_words_filter(stage: Stage, analysed: Callable[..., str], qtbot: QtBot) -> None:
    analysed()
    qtbot.waitUntil(lambda: stage.panel.view.lane is not None, timeout=PATIENCE_MS)
    stage.panel.score.setValue(95)
    qtbot.waitUntil(lambda: stage.panel.view.lanes == [], timeout=PATIENCE_MS)
    assert "Nothing fits the filter" in stage.panel.view.hint
    assert stage.panel.score_text.text() == "0.95"
    stage.panel.score.reset.emit()
    stage.panel.words.setText("ca")
    qtbot.waitUntil(lambda: stage.panel.view.filter.words == "ca", timeout=PATIENCE_MS)
    assert stage.panel.view.lanes == []
    stage.panel.words.clear()
    qtbot.waitUntil(lambda: stage.panel.view.lanes != [], timeout=PATIENCE_MS)


def test_the_pointer_tells_time_class_and_count(stage: Stage, analysed: Callable[..., str], qtbot: QtBot) -> None:
    analysed()
    qtbot.waitUntil(lambda: stage.panel.view.lane is not None, timeout=PATIENCE_MS)
    view = stage.panel.view
    move(view.viewport(), stage.spot(65))
    assert stage.panel.tip is not None
    assert stage.panel.tip.isVisible()
    assert stage.panel.tip.text.text() == "00:02.600   frame 66\ndog 2   0.90"
    move(view.viewport(), stage.spot(5))
    assert stage.panel.tip.text.text() == "00:00.200   frame 6\nno dog"
    stage.previews._pictures[5] = QImage(8, 8, QImage.Format.Format_RGB888)
    stage.previews.arrived.emit(5)
    assert not stage.panel.tip.picture.pixmap().isNull()
    leave(view.viewport())
    assert not stage.panel.tip.isVisible()


def test_marks_are_shown_and_set(stage: Stage, analysed: Callable[..., str], qtbot: QtBot) -> None:
    analysed()
    qtbot.waitUntil(lambda: stage.panel.view.lane is not None, timeout=PATIENCE_MS)
    stage.desk.session.set_range(20, 40)
    assert (stage.panel.view.first, stage.panel.view.last) == (20, 40)
    stage.panel.view.range_chosen.emit(30, 60)
    assert (stage.desk.session.playback.first, stage.desk.session.playback.last) == (30, 60)


def test_unseen_it_does_nothing(stage: Stage, analysed: Callable[..., str], qtbot: QtBot) -> None:
    stage.panel.hide()
    analysed()
    assert stage.panel.view.lanes == []
    stage.panel.show()
    assert [lane.frames for lane in stage.panel.view.lanes] == [50]


def test_a_narrow_panel_keeps_what_is_needed_most(stage: Stage) -> None:
    panel = stage.panel
    assert panel.zoom_in.isVisible()
    panel.resize(WIDE_PX - 1, 200)
    assert not panel.zoom_in.isVisible()
    assert panel.told.isVisible()
    panel.resize(NARROW_PX - 1, 200)
    assert not panel.told.isVisible()
    assert panel.next.isVisible()
    assert panel.minimumSizeHint().width() < 320

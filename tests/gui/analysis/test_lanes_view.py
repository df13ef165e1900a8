from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from detector.analysis.journal import Journal, JournalHead
from detector.analysis.tracking import track_journal
from detector.palette import CLASS_COLOURS, contrast
from gui.analysis.lane_painting import GUTTER, LEAST_CONTRAST, LIFTED, RULER, STRIP, lane_colour, tick_text
from gui.analysis.lanes import Filter
from gui.analysis.lanes_view import LanesView
from gui.analysis.results import Results
from tests.analysis.made import frame, settings, source, write_journal
from tests.e2e.hands import PATIENCE_MS, click, key, leave, move, press, release

PERSON, DOG = 0, 1
MIDDLE = Qt.MouseButton.MiddleButton
SHIFT = Qt.KeyboardModifier.ShiftModifier
FRAMES = 1000


@pytest.fixture
def results(tmp_path: Path, qtbot: QtBot) -> Iterator[Results]:
    """A person on frames 100 to 199 and 800 to 809, a dog on frame 503 alone."""
    rows = []
    for index in range(FRAMES):
        person = (PERSON, 0.9, 10.0 + index / 10, 20.0, 60.0 + index / 10, 80.0)
        dog = (DOG, 0.4, 300.0, 20.0, 350.0, 80.0)
        shown = [person] if 100 <= index < 200 or 800 <= index < 810 else [dog] if index == 503 else []
        rows.append(frame(index, *shown))
    folder = write_journal(tmp_path / "walk", rows, JournalHead(source(frame_count=FRAMES), settings()))
    track_journal(Journal(folder), "bytetrack")
    results = Results(folder, Journal(folder).head, False)
    qtbot.waitUntil(lambda: results.finished and results.tracks is not None, timeout=PATIENCE_MS)
    yield results
    results.close()
    results.deleteLater()


class Stage:
    def __init__(self, results: Results) -> None:
        self.view = LanesView()
        self.view.resize(GUTTER + 500, 200)
        self.sought: list[int] = []
        self.ranges: list[tuple[Any, Any]] = []
        self.hovered: list[Any] = []
        self.events: list[int] = []
        self.view.sought.connect(self.sought.append)
        self.view.range_chosen.connect(lambda first, last: self.ranges.append((first, last)))
        self.view.hovered.connect(self.hovered.append)
        self.view.event_wanted.connect(self.events.append)
        self.view.show()
        self.view.show_results(results)

    def at(self, index: float, label: int = PERSON) -> QPointF:
        """The middle of a frame in the lane of a class."""
        x = GUTTER + self.view.scale.x_of(index + 0.5)
        return QPointF(x, self.view.top_of(label) + STRIP)


@pytest.fixture
def stage(results: Results, qtbot: QtBot) -> Iterator[Stage]:
    stage = Stage(results)
    qtbot.waitExposed(stage.view)
    yield stage
    stage.view.close()
    stage.view.deleteLater()


def turn(
    stage: Stage, at: QPointF, turned: int, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    view = stage.view.viewport()
    event = QWheelEvent(
        at, QPointF(view.mapToGlobal(at)), QPoint(), QPoint(0, turned), Qt.MouseButton.NoButton, modifiers,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view, event)


def test_the_lanes_are_in_order_of_how_often_they_are(stage: Stage) -> None:
    assert [(lane.name, lane.frames) for lane in stage.view.lanes] == [("person", 110), ("dog", 1)]
    assert stage.view.label == PERSON


@pytest.mark.parametrize("index", [0, 1, 100, 503, 640, 999])
def test_a_click_goes_to_exactly_that_frame(stage: Stage, index: int) -> None:
    stage.view.zoom(50, stage.view.scale.x_of(index))
    click(stage.view.viewport(), stage.at(index))
    assert stage.sought == [index]


def test_of_several_frames_at_a_pixel_the_one_is_meant_that_has_the_class(stage: Stage) -> None:
    view = stage.view.viewport()
    click(view, QPointF(GUTTER + 251.5, stage.at(0, DOG).y()))
    click(view, QPointF(GUTTER + 251.5, stage.at(0, PERSON).y()))
    assert stage.sought == [503, 502]
    assert stage.view.label == PERSON


def test_dragging_scrubs(stage: Stage) -> None:
    view = stage.view.viewport()
    press(view, stage.at(300))
    for index in (310, 400, 990):
        move(view, stage.at(index), Qt.MouseButton.LeftButton)
    move(view, QPointF(-50, 60), Qt.MouseButton.LeftButton)
    move(view, QPointF(9000, 60), Qt.MouseButton.LeftButton)
    release(view, QPointF(9000, 60))
    assert stage.sought == [300, 310, 400, 990, 0, 999]


def test_shift_and_drag_choose_a_range(stage: Stage) -> None:
    view = stage.view.viewport()
    press(view, stage.at(700), modifiers=SHIFT)
    move(view, stage.at(300), Qt.MouseButton.LeftButton)
    release(view, stage.at(300))
    assert stage.ranges == [(300, 701)]
    assert stage.sought == []
    stage.view.show_range(None, None)
    assert (stage.view.first, stage.view.last) == (None, None)


def test_the_wheel_zooms_at_the_pointer_and_with_shift_moves(stage: Stage) -> None:
    at = stage.at(600)
    before = stage.view.scale
    for _ in range(8):
        turn(stage, at, 120)
    zoomed = stage.view.scale
    assert zoomed.per_px < before.per_px
    assert zoomed.x_of(600.5) == pytest.approx(before.x_of(600.5))
    turn(stage, at, -120, SHIFT)
    assert stage.view.scale.left > zoomed.left
    key(stage.view, Qt.Key.Key_0)
    assert stage.view.scale == before


def test_the_middle_button_moves_the_view(stage: Stage) -> None:
    view = stage.view.viewport()
    stage.view.zoom(10, 250)
    left = stage.view.scale.left
    press(view, QPointF(GUTTER + 200, 60), MIDDLE)
    move(view, QPointF(GUTTER + 150, 60), MIDDLE)
    release(view, QPointF(GUTTER + 150, 60), MIDDLE)
    assert stage.view.scale.left == pytest.approx(left + 50 * stage.view.scale.per_px)
    assert stage.sought == []


def test_keys_choose_lanes_and_ask_for_appearances(stage: Stage) -> None:
    key(stage.view, Qt.Key.Key_Down)
    assert stage.view.label == DOG
    key(stage.view, Qt.Key.Key_Down)
    assert stage.view.label == DOG
    key(stage.view, Qt.Key.Key_Up)
    assert stage.view.label == PERSON
    key(stage.view, Qt.Key.Key_Return)
    key(stage.view, Qt.Key.Key_Return, SHIFT)
    assert stage.events == [1, -1]
    key(stage.view, Qt.Key.Key_Plus)
    assert not stage.view.scale.fits
    key(stage.view, Qt.Key.Key_Minus)
    assert stage.view.scale.fits


def test_a_name_selects_its_lane_and_goes_nowhere(stage: Stage) -> None:
    click(stage.view.viewport(), QPointF(20, stage.at(0, DOG).y()))
    assert stage.view.label == DOG
    assert stage.sought == []


def test_the_pointer_tells_frame_and_class(stage: Stage) -> None:
    view = stage.view.viewport()
    move(view, stage.at(150))
    assert (stage.hovered[-1].index, stage.hovered[-1].label) == (150, PERSON)
    move(view, QPointF(GUTTER + 100, RULER - 5))
    assert (stage.hovered[-1].index, stage.hovered[-1].label) == (200, None)
    move(view, QPointF(20, 60))
    assert stage.hovered[-1] is None
    move(view, stage.at(150))
    stage.view.zoom(4, 0)
    assert stage.hovered[-1].index < 60, "another frame came beneath it"
    leave(view)
    assert stage.hovered[-1] is None


def test_the_view_follows_the_frame_on_show_unless_a_hand_holds_it(stage: Stage) -> None:
    stage.view.zoom(20, 0)
    stage.view.show_position(900)
    assert 0 < stage.view.scale.x_of(900) < 500
    left = stage.view.scale.left
    press(stage.view.viewport(), QPointF(GUTTER + 200, 60), MIDDLE)
    stage.view.show_position(100)
    assert stage.view.scale.left == left
    release(stage.view.viewport(), QPointF(GUTTER + 200, 60), MIDDLE)


def test_filters_take_lanes_away(stage: Stage) -> None:
    stage.view.select(DOG)
    stage.view.set_filter(Filter("", 50))
    assert [lane.name for lane in stage.view.lanes] == ["person"]
    assert stage.view.label == PERSON
    stage.view.set_filter(Filter("dog"))
    assert [lane.name for lane in stage.view.lanes] == ["dog"]


def pixel(stage: Stage, at: QPointF) -> tuple[int, int, int]:
    colour = stage.view.viewport().grab().toImage().pixelColor(int(at.x()), int(at.y()))
    return colour.red(), colour.green(), colour.blue()


def test_lanes_are_painted_where_the_class_is(stage: Stage) -> None:
    stage.view.show_position(999)
    assert pixel(stage, stage.at(150)) == lane_colour(PERSON)
    assert pixel(stage, stage.at(250)) != lane_colour(PERSON)
    assert pixel(stage, stage.at(503, DOG)) == lane_colour(DOG)
    bar = stage.at(150) + QPointF(0, 9)
    assert pixel(stage, bar) == lane_colour(PERSON)


def test_many_lanes_scroll(results: Results, stage: Stage) -> None:
    stage.view.resize(GUTTER + 500, RULER + 40)
    bar = stage.view.verticalScrollBar()
    assert bar.maximum() > 0
    stage.view.select(DOG)
    assert bar.value() > 0
    stage.view.select(PERSON)
    assert bar.value() == 0
    turn(stage, QPointF(20, 40), -120)
    assert bar.value() > 0
    assert stage.view.scale.fits


@pytest.mark.parametrize("show", [True, False])
def test_without_results_a_hint_stands_there_and_hands_do_nothing(stage: Stage, show: bool) -> None:
    stage.view.show_results(None)
    stage.view.set_hint("Not analysed yet" if show else "")
    view = stage.view.viewport()
    press(view, QPointF(GUTTER + 200, 60))
    move(view, QPointF(GUTTER + 100, 60), Qt.MouseButton.LeftButton)
    release(view, QPointF(GUTTER + 100, 60))
    turn(stage, QPointF(GUTTER + 200, 60), 120)
    for which in (Qt.Key.Key_Down, Qt.Key.Key_Plus, Qt.Key.Key_0):
        key(stage.view, which)
    stage.view.grab()
    assert (stage.sought, stage.ranges) == ([], [])


@pytest.mark.parametrize(
    ("time_s", "step_s", "text"),
    [(0, 5, "0:00"), (65, 5, "1:05"), (3600, 600, "1:00:00"), (2.5, 0.5, "0:02.5"), (59.96, 0.1, "1:00.0")],
)
def test_marks_of_time(time_s: float, step_s: float, text: str) -> None:
    assert tick_text(time_s, step_s) == text


def test_every_class_can_be_seen_on_the_ground() -> None:
    assert min(contrast(lane_colour(label), LIFTED) for label in range(len(CLASS_COLOURS))) >= LEAST_CONTRAST

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from detector.analysis.scene import Line, Scene, Zone, scene_document
from detector.detections import Detections
from detector.frames.protocol import Frame
from gui.actions import build_actions
from gui.analysis.exporting import Exporting
from gui.analysis.results import Results
from gui.analysis.scene_desk import SceneDesk, notes_of
from gui.canvas.frame_view import FrameView
from gui.values import ShownFrame
from tests.e2e.hands import click, key, move
from tests.gui.analysis.conftest import CLIP, Desk

SIDE = 300
LEFT = Qt.MouseButton.LeftButton


class Counter(QObject):
    """In place of what counts in a thread."""

    busy_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.busy = False
        self.counted: list[Scene] = []

    def count(self, scene: Scene) -> None:
        self.counted.append(scene)


class Stage:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.canvas = FrameView()
        self.canvas.resize(SIDE, SIDE)
        self.owner = QWidget()
        self.actions: dict[str, QAction] = build_actions(self.owner)
        self.counter = Counter()
        self.told: list[str] = []
        self.scene_desk = SceneDesk(
            desk.analysing, cast(Exporting, self.counter), self.canvas, self.actions, self.told.append
        )
        self.drawing = self.scene_desk.drawing
        desk.opens(desk.clip(), CLIP)
        self.canvas.show_frame(
            ShownFrame(Frame(np.zeros((SIDE, SIDE, 3), np.uint8), 0, 0.0), None, Detections.empty(), None)
        )
        self.canvas.show()

    def draw(self, name: str, *points: tuple[float, float]) -> None:
        self.actions[name].trigger()
        for x, y in points:
            click(self.canvas, QPointF(x * SIDE, y * SIDE))

    def double_click(self, x: float, y: float) -> None:
        at = QPointF(x * SIDE, y * SIDE)
        click(self.canvas, at)
        event = QMouseEvent(
            QEvent.Type.MouseButtonDblClick, at, QPointF(self.canvas.mapToGlobal(at)), LEFT, LEFT,
            Qt.KeyboardModifier.NoModifier,
        )  # fmt: skip
        QApplication.sendEvent(self.canvas, event)


@pytest.fixture
def stage(desk: Desk, qtbot: QtBot) -> Iterator[Stage]:
    stage = Stage(desk)
    qtbot.waitExposed(stage.canvas)
    yield stage
    stage.canvas.close()
    stage.canvas.deleteLater()
    stage.owner.deleteLater()


def test_two_clicks_make_a_line(stage: Stage) -> None:
    stage.draw("draw_line", (0.1, 0.5), (0.9, 0.5))
    assert stage.drawing.scene.lines == (Line("line 1", (0.1, 0.5), (0.9, 0.5)),)
    assert stage.drawing.mode == ""
    assert not stage.actions["draw_line"].isChecked()
    assert stage.desk.analysing.scene == stage.drawing.scene
    assert stage.counter.counted == [stage.drawing.scene]
    assert stage.canvas.selection is None


def test_a_double_click_or_enter_ends_a_zone(stage: Stage) -> None:
    corners = (0.2, 0.2), (0.8, 0.2)
    stage.draw("draw_zone", *corners)
    stage.double_click(0.5, 0.8)
    assert stage.drawing.scene.zones == (Zone("zone 1", (*corners, (0.5, 0.8))),)
    stage.draw("draw_zone", *corners, (0.2, 0.9))
    assert stage.actions["draw_zone"].isChecked()
    key(stage.canvas, Qt.Key.Key_Return)
    assert [zone.name for zone in stage.drawing.scene.zones] == ["zone 1", "zone 2"]


def test_a_zone_of_two_corners_is_refused_in_one_sentence(stage: Stage) -> None:
    stage.draw("draw_zone", (0.2, 0.2), (0.8, 0.2))
    key(stage.canvas, Qt.Key.Key_Return)
    assert stage.told == ["A zone needs three corners or more; draw it again."]
    assert stage.drawing.scene == Scene()


def test_escape_gives_up_and_backspace_takes_a_point_back(stage: Stage) -> None:
    stage.draw("draw_line", (0.1, 0.5))
    key(stage.canvas, Qt.Key.Key_Backspace)
    click(stage.canvas, QPointF(150, 30))
    click(stage.canvas, QPointF(150, 270))
    assert stage.drawing.scene.lines[0].start == (0.5, 0.1)
    stage.draw("draw_line", (0.1, 0.5))
    override = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier)
    override.ignore()
    QApplication.sendEvent(stage.canvas, override)
    assert override.isAccepted(), "else the window's Escape would unselect a box"
    key(stage.canvas, Qt.Key.Key_Escape)
    assert stage.drawing.mode == ""
    assert len(stage.drawing.scene.lines) == 1


def test_what_was_drawn_last_is_taken_away(stage: Stage) -> None:
    assert not stage.actions["remove_drawn"].isEnabled()
    stage.draw("draw_line", (0.1, 0.5), (0.9, 0.5))
    stage.draw("draw_zone", (0.2, 0.2), (0.8, 0.2), (0.5, 0.9))
    key(stage.canvas, Qt.Key.Key_Return)
    stage.actions["remove_drawn"].trigger()
    assert (len(stage.drawing.scene.lines), len(stage.drawing.scene.zones)) == (1, 0)
    stage.actions["remove_drawn"].trigger()
    assert stage.drawing.scene == Scene()
    assert stage.desk.analysing.scene is None


def test_points_stay_on_the_frame(stage: Stage) -> None:
    stage.draw("draw_line", (-0.5, 0.5), (1.5, 0.5))
    (line,) = stage.drawing.scene.lines
    assert (line.start, line.end) == ((0.0, 0.5), (1.0, 0.5))


def bright(stage: Stage, x: float, y: float) -> bool:
    return bool(stage.canvas.grab().toImage().pixelColor(round(x * SIDE), round(y * SIDE)).lightness() > 200)


def test_lines_are_drawn_with_an_arrow_to_the_side_that_is_in(stage: Stage) -> None:
    assert not bright(stage, 0.3, 0.5)
    stage.draw("draw_line", (0.1, 0.5), (0.9, 0.5))
    assert bright(stage, 0.3, 0.5)
    assert bright(stage, 0.5, 0.53), "who walks from left to right has the lower side at the right hand"
    assert not bright(stage, 0.5, 0.46)
    stage.actions["draw_zone"].trigger()
    move(stage.canvas, QPointF(20, 20))
    stage.canvas.grab()


def test_it_waits_until_nothing_else_is_saved(stage: Stage) -> None:
    stage.counter.busy = True
    stage.draw("draw_line", (0.1, 0.5), (0.9, 0.5))
    assert stage.counter.counted == []
    stage.counter.busy = False
    stage.counter.busy_changed.emit()
    assert stage.counter.counted == [stage.drawing.scene]


COUNTS = {
    "scene": scene_document(Scene((Line("door", (0.1, 0.5), (0.9, 0.5)),), (Zone("lawn", ((0, 0), (1, 0), (0, 1))),))),
    "lines": [{"name": "door", "in": {"dog": 2, "person": 1}, "out": {"dog": 1}}],
    "zones": [{"name": "lawn", "entries": {"dog": 4}, "most": 2, "mean_s": 3.21}],
}


class Counted(QObject):
    """In place of results that were counted."""

    rest_came = Signal()

    def __init__(self, counts: object) -> None:
        super().__init__()
        self.counts = counts


@pytest.mark.parametrize(("counts", "names"), [(COUNTS, ["door"]), ({"scene": 1}, []), (None, []), ({}, [])])
def test_what_was_counted_before_is_shown(stage: Stage, counts: object, names: list[str]) -> None:
    results = Counted(counts)
    stage.desk.analysing.results = cast(Results, results)
    stage.desk.analysing.results_changed.emit()
    assert [line.name for line in stage.drawing.scene.lines] == names
    if names:
        assert stage.drawing.notes == {"door": "3 in, 1 out", "lawn": "4 entered, at most 2, 3.2 s each"}
    stage.desk.analysing.results = None


def test_another_source_has_lines_of_its_own(stage: Stage) -> None:
    stage.draw("draw_line", (0.1, 0.5), (0.9, 0.5))
    stage.desk.opens(stage.desk.clip("other.mp4"))
    assert stage.drawing.scene == Scene()


def test_who_was_in_no_zone_stayed_no_time() -> None:
    zone = {"name": "lawn", "entries": {}, "most": 0, "mean_s": None}
    assert notes_of({"lines": [], "zones": [zone]}) == {"lawn": "0 entered, at most 0, 0.0 s each"}

"""What one canvas does, the other one does too."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from gui.canvas.frame_view import FrameView
from tests.e2e.hands import click, leave, move
from tests.gui.compare.conftest import Desk
from tests.gui.compare.made import BOTH, ONLY_FIRST, ONLY_SECOND, PERSON, apart, made_compared, made_shown

# Rows of the made frame: of the first BOTH, DIFFERENT, ONLY_FIRST; of the second DIFFERENT, ONLY_SECOND, BOTH.
FIRST_BOTH, FIRST_DIFFERENT, FIRST_ALONE = range(3)
SECOND_DIFFERENT, SECOND_ALONE, SECOND_BOTH = range(3)


def at(canvas: FrameView, box: tuple[float, float, float, float]) -> QPointF:
    """The middle of a box, in the view."""
    return QPointF(*canvas.transform.to_view((box[0] + box[2]) / 2, (box[1] + box[3]) / 2))


def test_zoom_pan_and_fit_are_shared_both_ways(desk: Desk) -> None:
    desk.compare()
    desk.canvas.zoom(3, QPointF(100, 80))
    desk.canvas.pan(-20, 10)
    assert desk.second.transform.scale == desk.canvas.transform.scale
    middles = [
        canvas.transform.to_frame(canvas.width() / 2, canvas.height() / 2) for canvas in (desk.canvas, desk.second)
    ]
    assert middles[0] == pytest.approx(middles[1])
    desk.second.one_to_one()
    assert desk.canvas.transform.scale == desk.second.transform.scale == 1 / desk.canvas.devicePixelRatioF()
    desk.second.fit()
    assert desk.canvas.fitted
    assert desk.second.fitted


def test_the_next_frames_keep_zoom_and_place(desk: Desk) -> None:
    desk.compare()
    desk.second.zoom(4)
    before = desk.canvas.transform, desk.second.transform
    desk.comparing.show(made_compared(1))
    assert (desk.canvas.transform, desk.second.transform) == before


def test_a_second_canvas_that_gets_its_first_frame_takes_the_zoom_of_the_first(desk: Desk) -> None:
    desk.canvas.show_frame(made_compared().first)
    desk.canvas.zoom(3)
    zoomed = desk.canvas.transform.scale
    desk.compare()
    assert desk.canvas.transform.scale == desk.second.transform.scale == zoomed


def test_a_click_selects_the_partner_too(desk: Desk) -> None:
    desk.compare()
    click(desk.canvas, at(desk.canvas, BOTH))
    assert (desk.canvas.held.row, desk.second.held.row) == (FIRST_BOTH, SECOND_BOTH)
    click(desk.second, at(desk.second, ONLY_SECOND))
    assert (desk.canvas.held.row, desk.second.held.row) == (None, SECOND_ALONE)
    click(desk.second, at(desk.second, BOTH))
    assert (desk.canvas.held.row, desk.second.held.row) == (FIRST_BOTH, SECOND_BOTH)
    click(desk.canvas, at(desk.canvas, ONLY_FIRST))
    assert (desk.canvas.held.row, desk.second.held.row) == (FIRST_ALONE, None)
    click(desk.canvas, QPointF(1, 1))
    assert desk.canvas.selection is None
    assert desk.second.selection is None


def test_the_selection_stays_on_the_pair_over_the_next_frames(desk: Desk) -> None:
    desk.compare()
    desk.second.select_row(SECOND_BOTH)
    desk.comparing.show(made_compared(1))
    assert (desk.canvas.held.row, desk.second.held.row) == (FIRST_BOTH, SECOND_BOTH)


def test_next_box_walks_over_all_the_first_ones_then_those_of_the_second_alone(desk: Desk) -> None:
    desk.compare()
    seen = []
    for _ in range(5):
        desk.actions["next_box"].trigger()
        seen.append((desk.canvas.held.row, desk.second.held.row))
    assert seen == [
        (FIRST_BOTH, SECOND_BOTH),
        (FIRST_DIFFERENT, SECOND_DIFFERENT),
        (FIRST_ALONE, None),
        (None, SECOND_ALONE),
        (FIRST_BOTH, SECOND_BOTH),
    ]
    desk.actions["previous_box"].trigger()
    assert (desk.canvas.held.row, desk.second.held.row) == (None, SECOND_ALONE)
    desk.actions["unselect"].trigger()
    assert (desk.canvas.selection, desk.second.selection) == (None, None)
    desk.actions["previous_box"].trigger()
    assert desk.second.held.row == SECOND_ALONE, "backwards it begins at the end"


def test_next_box_goes_on_from_a_partner_that_was_clicked(desk: Desk) -> None:
    desk.compare()
    click(desk.second, at(desk.second, BOTH))
    desk.actions["next_box"].trigger()
    assert (desk.canvas.held.row, desk.second.held.row) == (FIRST_DIFFERENT, SECOND_DIFFERENT)


def test_what_was_selected_is_copied_wherever_it_stands(desk: Desk) -> None:
    desk.compare()
    desk.second.select_row(SECOND_ALONE)
    desk.actions["copy"].trigger()
    assert QGuiApplication.clipboard().text().startswith("dog 0.600")
    desk.actions["unselect"].trigger()
    desk.actions["copy"].trigger()
    assert QGuiApplication.clipboard().text().count("\n") == 4, "all of the first"


def test_pointing_at_a_box_lights_its_partner(desk: Desk) -> None:
    desk.compare()
    move(desk.second, at(desk.second, BOTH))
    assert desk.canvas.lit == FIRST_BOTH
    scene = desk.canvas.scene()
    assert scene is not None
    assert (scene.hovered, scene.pointer) == (FIRST_BOTH, None)
    move(desk.second, at(desk.second, ONLY_SECOND))
    assert desk.canvas.lit is None
    leave(desk.second)
    move(desk.canvas, at(desk.canvas, BOTH))
    assert desk.second.lit == SECOND_BOTH
    leave(desk.canvas)
    assert desk.second.lit is None


def test_different_frames_share_the_zoom_and_nothing_else(desk: Desk) -> None:
    desk.compare()
    desk.comparing.show(apart(made_compared(1)))
    move(desk.canvas, at(desk.canvas, BOTH))
    assert desk.second.lit is None
    desk.canvas.select_row(FIRST_BOTH)
    assert desk.second.held.row is None
    desk.canvas.zoom(2)
    assert desk.second.transform.scale == desk.canvas.transform.scale
    desk.actions["next_box"].trigger()
    assert desk.canvas.held.row == FIRST_DIFFERENT


def test_without_comparing_the_actions_are_the_canvas_own_again(desk: Desk) -> None:
    desk.compare()
    desk.actions["compare"].setChecked(False)
    desk.canvas.show_frame(made_shown([BOTH], [PERSON], [0.9], index=7))
    desk.actions["next_box"].trigger()
    assert desk.canvas.held.row == 0
    QApplication.processEvents()
    assert desk.second.shown is None

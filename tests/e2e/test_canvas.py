"""The canvas in the real window, on the sample with the shipped weights."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from gui.canvas.view_options import View, ViewOptions
from gui.main_window import MainWindow
from gui.panels.view import ViewPanel
from gui.settings import SettingsStore
from tests.e2e.conftest import has_boxes
from tests.e2e.hands import click, leave, move, stand_on, wait

FRAME = 30


@pytest.fixture
def paused(running: MainWindow, qtbot: QtBot) -> MainWindow:
    """A window that stands still on frame 30 of the sample."""
    stand_on(qtbot, running, FRAME)
    assert has_boxes(running)
    return running


def middle_of(window: MainWindow, row: int = 0) -> QPointF:
    x1, y1, x2, y2 = window.session.current.detections.boxes_xyxy[row].tolist()
    return QPointF(*window.canvas.transform.to_view((x1 + x2) / 2, (y1 + y2) / 2))


def test_hovering_tells_and_clicking_selects_until_escape(paused: MainWindow) -> None:
    canvas = paused.canvas
    leave(canvas)
    without = canvas.grab().toImage()
    move(canvas, middle_of(paused))
    assert canvas.grab().toImage() != without, "no card at the pointer"
    click(canvas, middle_of(paused))
    assert canvas.selection is not None
    assert (
        canvas.selection.class_name
        == paused.session.current.class_names[int(paused.session.current.detections.labels[canvas.held.row])]
    )
    paused.commands["unselect"].trigger()
    assert canvas.selection is None


def test_a_selected_detection_stays_selected_on_the_next_frame(paused: MainWindow, qtbot: QtBot) -> None:
    paused.commands["next_box"].trigger()
    name = paused.canvas.selection.class_name
    paused.session.step(1)
    wait(qtbot, lambda: paused.session.current.frame.index == FRAME + 1)
    assert paused.canvas.selection is not None
    assert paused.canvas.selection.class_name == name
    paused.session.stop()
    wait(qtbot, lambda: paused.canvas.shown is None)
    assert paused.canvas.selection is None


def test_moving_the_nms_slider_merges_raw_boxes_before_ones_eyes(paused: MainWindow) -> None:
    session, canvas = paused.session, paused.canvas
    paused.commands["raw_boxes"].setChecked(True)
    session.set_score(0.01)
    candidates = session.current.candidates
    kept, pictures = [], []
    for nms_iou in (0.95, 0.6, 0.2):
        session.set_nms_iou(nms_iou)
        raw = canvas.scene().raw
        assert raw is not None
        assert int(raw.kept.sum()) == len(session.current.detections)
        kept.append(int(raw.kept.sum()))
        pictures.append(canvas.grab().toImage())
    assert session.current.candidates is candidates, "no network was asked"
    assert kept == sorted(kept, reverse=True)
    assert kept[0] > kept[-1]
    assert pictures[0] != pictures[1] != pictures[2]


def test_the_grid_shows_which_cell_answered(paused: MainWindow) -> None:
    canvas = paused.canvas
    leave(canvas)
    without = canvas.grab().toImage()
    paused.commands["grid"].setChecked(True)
    assert canvas.grab().toImage() != without
    move(canvas, middle_of(paused))
    with_cells = canvas.grab().toImage()
    paused.commands["grid_stride"].trigger()
    assert paused.view_options.view.grid_stride == 8
    assert canvas.grab().toImage() != with_cells
    paused.commands["grid"].setChecked(False)
    leave(canvas)
    assert canvas.grab().toImage() == without


def test_boxes_are_copied_as_a_table_or_one_by_one(paused: MainWindow) -> None:
    paused.session.set_score(0.1)
    paused.commands["copy"].trigger()
    table = QGuiApplication.clipboard().text().splitlines()
    assert len(table) == 1 + len(paused.session.current.detections)
    paused.commands["next_box"].trigger()
    paused.commands["copy"].trigger()
    assert QGuiApplication.clipboard().text().split()[0] == table[1].split("\t")[0]


def test_the_menu_hides_a_class_and_brings_all_back(paused: MainWindow) -> None:
    session, canvas = paused.session, paused.canvas
    session.set_score(0.1)
    names = session.current.class_names
    first = int(session.current.detections.labels[0])
    before = len(session.current.detections)
    menu = {action.objectName(): action for action in canvas.menu_for(0).actions()}
    assert "copy_picture" in menu
    menu["hide_class"].trigger()
    assert first not in session.current.detections.labels.tolist()
    menu["only_class"].trigger()
    assert set(session.current.detections.labels.tolist()) == {first}, names[first]
    menu["all_classes"].trigger()
    assert len(session.current.detections) == before


def test_how_boxes_are_drawn_is_chosen_in_the_panel_and_remembered(
    paused: MainWindow, settings: SettingsStore, qtbot: QtBot
) -> None:
    paused.commands["display"].setChecked(True)
    wait(qtbot, lambda: paused.findChild(ViewPanel) is not None)
    panel = paused.findChild(ViewPanel)
    without = paused.canvas.grab().toImage()
    panel.line_px.setValue(6)
    paused.commands["box_style"].trigger()
    assert panel.box_style.currentData() == "corners"
    assert paused.canvas.grab().toImage() != without
    assert ViewOptions(settings).view == View(box_style="corners", line_px=6)
    panel.defaults.click()
    assert ViewOptions(settings).view == View()


def test_screen_readers_hear_what_is_on_the_frame(paused: MainWindow, qtbot: QtBot) -> None:
    wait(qtbot, lambda: "person" in paused.canvas.accessibleDescription())
    paused.session.set_score(1.0)
    wait(qtbot, lambda: paused.canvas.accessibleDescription() == "no detections")

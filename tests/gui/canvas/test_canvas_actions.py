from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QGuiApplication
from pytestqt.qtbot import QtBot

from gui.actions import build_actions
from gui.canvas.frame_view import PAN_STEP_PX, FrameView
from gui.canvas.view_options import ViewOptions
from gui.canvas_actions import connect_canvas_actions
from tests.gui.canvas.made import MadeSession, made_frame


@dataclass
class Parts:
    canvas: FrameView
    options: ViewOptions
    actions: dict[str, QAction]
    owner: QObject


@pytest.fixture
def parts(qtbot: QtBot) -> Iterator[Parts]:
    owner = QObject()
    session, options, actions = MadeSession(), ViewOptions(), build_actions(owner)
    canvas = FrameView(session, options)  # type: ignore[arg-type]
    canvas.resize(640, 320)
    canvas.show_frame(made_frame([(20, 20, 90, 90), (120, 20, 200, 90)], [0, 1], [0.9, 0.8]))
    connect_canvas_actions(canvas, options, session, actions)  # type: ignore[arg-type]
    yield Parts(canvas, options, actions, owner)
    canvas.deleteLater()


def test_zooming_and_panning(parts: Parts) -> None:
    canvas, actions = parts.canvas, parts.actions
    actions["zoom_in"].trigger()
    assert canvas.transform.scale > 2
    actions["zoom_out"].trigger()
    assert canvas.transform.scale == pytest.approx(2)
    actions["zoom_in"].trigger()
    for name, dx, dy in (("pan_left", 1, 0), ("pan_right", -1, 0), ("pan_up", 0, 1), ("pan_down", 0, -1)):
        x, y = canvas.transform.to_view(0, 0)
        actions[name].trigger()
        assert canvas.transform.to_view(0, 0) == pytest.approx((x + dx * PAN_STEP_PX, y + dy * PAN_STEP_PX))
    actions["zoom_fit"].trigger()
    assert canvas.transform.scale == 2
    actions["zoom_one"].trigger()
    assert canvas.transform.scale * canvas.devicePixelRatioF() == pytest.approx(1)


def test_options_and_their_actions_follow_each_other(parts: Parts) -> None:
    options, actions = parts.options, parts.actions
    actions["raw_boxes"].trigger()
    actions["grid"].trigger()
    assert (options.view.raw_boxes, options.view.grid) == (True, True)
    options.reset()
    assert (actions["raw_boxes"].isChecked(), actions["grid"].isChecked()) == (False, False)
    actions["grid_stride"].trigger()
    actions["grid_stride"].trigger()
    assert (options.view.grid, options.view.grid_stride, actions["grid"].isChecked()) == (True, 8, True)
    actions["labels"].trigger()
    actions["box_style"].trigger()
    assert (options.view.labels, options.view.box_style) == ("name", "corners")


def test_boxes_by_keys(parts: Parts) -> None:
    canvas, actions = parts.canvas, parts.actions
    actions["next_box"].trigger()
    actions["next_box"].trigger()
    assert canvas.selection is not None
    assert canvas.selection.class_name == "dog"
    actions["copy"].trigger()
    assert QGuiApplication.clipboard().text().startswith("dog 0.800")
    actions["previous_box"].trigger()
    assert canvas.selection.class_name == "person"
    actions["unselect"].trigger()
    assert canvas.selection is None

"""The heat map of the selected box: when it is there, what it tells, and when it goes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QPointF
from pytestqt.qtbot import QtBot

from gui.inspect.cam_control import TOPIC, CamControl
from gui.inspect.cam_tab import CamTab
from gui.session import Session
from gui.values import ModelChoice
from tests.e2e.hands import click
from tests.gui.inspect.explaining_desk import DEEP, Desk, open_desk


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    with open_desk(qtbot) as desk:
        yield desk


def control_of(desk: Desk) -> CamControl:
    return desk.explaining.cam


def tab_of(desk: Desk) -> CamTab:
    tab = desk.explaining.cam_tab
    assert tab is not None
    return tab


@pytest.fixture
def standing(desk: Desk) -> Desk:
    desk.play()
    desk.pause()
    return desk


def test_it_says_what_is_missing(desk: Desk) -> None:
    control, tab = control_of(desk), tab_of(desk)
    assert tab.message.text().startswith("Switched off")
    desk.heat.setChecked(True)
    assert control.message == "No source is open: there is no box to explain."
    desk.play()
    desk.wait(lambda: control.message == "Select a box on the frame to see where the evidence for it lies.")
    assert tab.message.text() == control.message
    assert control.heat is None
    assert tab.switch.isChecked()


def test_an_engine_without_gradients_is_told(standing: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    session: Session = standing.session
    assert session.model is not None
    monkeypatch.setattr(session, "model", replace(session.model, engine="onnxruntime"))
    monkeypatch.setattr(type(standing.inspecting), "can_be_read", property(lambda _: False))
    standing.heat.setChecked(True)
    assert "runs on onnxruntime, which has no gradients" in control_of(standing).message


def test_the_selected_box_is_explained_over_the_frame(standing: Desk) -> None:
    control, tab, canvas = control_of(standing), tab_of(standing), standing.canvas
    standing.heat.setChecked(True)
    canvas.select_row(0)
    standing.wait(lambda: control.heat is not None)
    heat, part = control.heat, control.part
    assert heat is not None
    assert part is heat.fused
    assert canvas.heat is not None
    assert canvas.heat.values is part.values
    assert canvas.heat.title == f"evidence for the selected box, {round(100 * part.share)}% inside it"
    assert canvas.shown is not None
    assert control.told[0].startswith(canvas.shown.class_names[int(canvas.shown.detections.labels[0])])
    assert control.told[1].startswith("answered by stride")
    assert control.told[2].startswith(f"{round(100 * part.share)}% of the heat lies inside the box")
    assert control.message == ""
    assert tab.facts.text() == "\n".join(control.told)
    scene = canvas.scene()
    assert scene is not None
    assert scene.view.origins
    assert not canvas.options.view.origins


def test_another_part_of_the_heat_can_be_laid_over_the_frame(standing: Desk) -> None:
    control, tab, canvas = control_of(standing), tab_of(standing), standing.canvas
    standing.look_at(DEEP)
    standing.heat.setChecked(True)
    canvas.select_row(0)
    standing.wait(lambda: control.heat is not None)
    captions = [tile.caption.split("\n")[0] for tile in tab.pictures.tiles]
    assert captions == ["Fused", "Stride 8", "Stride 16", "Stride 32", DEEP]
    for number, basis in ((1, 8), (4, "layer"), (0, "fused")):
        tab.pictures.clicked.emit(number)
        assert control.basis == basis
        assert control.part is not None
        assert canvas.heat is not None
        assert canvas.heat.values is control.part.values
        assert tab.pictures.marked == number


def test_another_layer_is_explained_without_being_asked_for(standing: Desk) -> None:
    control = control_of(standing)
    standing.heat.setChecked(True)
    standing.canvas.select_row(0)
    standing.look_at(DEEP)
    standing.wait(lambda: control.heat is not None and control.heat.layer is not None)
    control.set_basis("layer")
    standing.inspecting.set_layer("backbone.stage3.0")
    assert standing.canvas.heat is None
    standing.wait(lambda: control.part is not None and control.part.name == "backbone.stage3.0")


@pytest.mark.parametrize("way", ["unselect", "switch", "source", "model", "other"])
def test_what_it_was_asked_for_is_gone_and_so_is_the_heat(standing: Desk, way: str) -> None:
    control, canvas = control_of(standing), standing.canvas
    standing.heat.setChecked(True)
    canvas.select_row(0)
    standing.wait(lambda: control.heat is not None)
    before = control.heat
    if way == "unselect":
        canvas.unselect()
    elif way == "switch":
        standing.heat.setChecked(False)
    elif way == "source":
        standing.session.stop()
    elif way == "model":
        standing.session.choose_model(ModelChoice("vgg-yolo-voc20", 64, "f32"))
        standing.wait(lambda: standing.session.model is not None and standing.session.model.size == 64)
        assert control.heat is not before
        return
    else:
        canvas.chosen.emit()
    assert control.heat is None
    assert canvas.heat is None


def test_an_answer_that_comes_too_late_is_dropped(standing: Desk) -> None:
    control, canvas = control_of(standing), standing.canvas
    standing.heat.setChecked(True)
    canvas.select_row(0)
    assert standing.explaining.explainer.busy
    canvas.unselect()
    standing.wait(lambda: not standing.explaining.explainer.busy)
    assert control.heat is None
    assert canvas.heat is None


def test_the_same_box_on_the_same_frame_is_explained_once(standing: Desk) -> None:
    control, session = control_of(standing), standing.session
    standing.heat.setChecked(True)
    standing.canvas.select_row(0)
    standing.wait(lambda: control.heat is not None)
    first = control.heat
    session.set_nms_iou(0.55)
    assert not standing.explaining.explainer.is_asked(TOPIC)
    assert control.heat is first


def test_while_it_plays_the_heat_follows(standing: Desk) -> None:
    control = control_of(standing)
    standing.heat.setChecked(True)
    standing.canvas.select_row(0)
    standing.wait(lambda: control.heat is not None)
    first = control.heat
    standing.session.set_playing(True)

    def followed() -> bool:
        return control.heat is not None and control.heat is not first

    standing.wait(lambda: followed() or standing.canvas.selection is None)


def test_the_switch_and_the_action_are_one(standing: Desk) -> None:
    tab = tab_of(standing)
    click(tab.switch, QPointF(8, tab.switch.height() / 2))
    assert standing.heat.isChecked()
    standing.heat.setChecked(False)
    assert not tab.switch.isChecked()
    assert tab.message.text().startswith("Switched off")

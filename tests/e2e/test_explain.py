"""What explains the network, in the real window with the shipped weights: boxes, channels, filters."""

from __future__ import annotations

from functools import partial

import pytest
from pytestqt.qtbot import QtBot

from gui.inspect.composing import Explaining
from gui.inspect.filters_tab import FiltersTab
from gui.main_window import MainWindow
from gui.panels.inspector import InspectorPanel
from gui.values import ModelChoice
from tests.e2e.conftest import has_boxes
from tests.e2e.hands import stand_on, wait

LAYER = "backbone.stage2.2"


@pytest.fixture
def looking(running: MainWindow, qtbot: QtBot) -> MainWindow:
    """A window with the inspector open, on a frame with boxes whose maps are there."""
    running.commands["inspector"].setChecked(True)
    wait(qtbot, lambda: running.inspecting.maps is not None)
    stand_on(qtbot, running, 12)
    wait(qtbot, lambda: stands(running) and has_boxes(running))
    return running


def stands(window: MainWindow) -> bool:
    current, shown = window.session.current, window.inspecting.shown
    return current is not None and shown is not None and shown.frame is current.frame


def explaining(window: MainWindow) -> Explaining:
    return window.inspect_desk.explaining


def is_shown_as(tab: FiltersTab, kind: str) -> bool:
    return tab.kernels is not None and tab.kernels.kind == kind


def open_tab(window: MainWindow, title: str) -> None:
    panel = window.docks["inspector"].make_panel()
    assert isinstance(panel, InspectorPanel)
    titles = [panel.tabs.tabText(number) for number in range(panel.tabs.count())]
    panel.tabs.setCurrentIndex(titles.index(title))


def test_the_key_lays_the_evidence_for_the_selected_box_over_the_frame(looking: MainWindow, qtbot: QtBot) -> None:
    control = explaining(looking).cam
    looking.commands["heat"].trigger()
    assert "Select a box" in control.message
    looking.canvas.select_row(0)
    wait(qtbot, lambda: control.heat is not None)
    assert looking.canvas.heat is not None
    assert "inside it" in looking.canvas.heat.title
    looking.canvas.repaint()
    looking.commands["unselect"].trigger()
    assert looking.canvas.heat is None
    looking.commands["heat"].trigger()
    assert control.message == ""


def test_it_works_with_the_inspector_closed(running: MainWindow, qtbot: QtBot) -> None:
    stand_on(qtbot, running, 12)
    running.canvas.select_row(0)
    running.commands["heat"].trigger()
    wait(qtbot, lambda: running.canvas.heat is not None)


def test_the_heat_of_a_two_stage_models_box(window: MainWindow, qtbot: QtBot) -> None:
    window.session.choose_model(ModelChoice("faster-rcnn-vgg-voc20", 224))
    window.session.open("sample")
    wait(qtbot, lambda: window.session.current is not None and len(window.session.current.detections) > 0)
    window.session.set_playing(False)
    control = explaining(window).cam
    window.commands["heat"].trigger()
    window.canvas.select_row(0)
    wait(qtbot, lambda: control.heat is not None or control.message.startswith("The network"))
    assert any("proposal" in line for line in control.told)


def test_what_a_channel_wants(looking: MainWindow, qtbot: QtBot) -> None:
    open_tab(looking, "Channel")
    tab = explaining(looking).channel_tab
    assert tab is not None
    looking.inspecting.set_layer(LAYER)
    looking.inspecting.set_channel(3)
    wait(qtbot, lambda: tab.unit is not None and tab.unit.channel == 3)
    looking.session.set_playing(True)
    collection = explaining(looking).collection
    wait(qtbot, lambda: collection.frames > 3 and len(collection.patches) > 0)
    wanted = collection.patches[0].frame_index
    tab.patches.clicked.emit(0)
    wait(qtbot, lambda: looking.session.current is not None and looking.session.current.frame.index == wanted)
    assert not looking.session.playback.playing


def test_filters_follow_the_layer(looking: MainWindow, qtbot: QtBot) -> None:
    open_tab(looking, "Filters")
    tab = explaining(looking).filters_tab
    assert tab is not None
    for layer, kind in (("backbone.stage1.0", "matched"), (LAYER, "slices"), ("neck.lateral4", "mixing")):
        looking.inspecting.set_layer(layer)
        assert tab.heading.text() == f"Filters of {layer}"
        wait(qtbot, partial(is_shown_as, tab, kind))
    looking.inspecting.set_layer("backbone.stage1.0")
    wait(qtbot, lambda: tab.response is not None)


def test_another_model_or_source_takes_what_was_explained_away(looking: MainWindow, qtbot: QtBot) -> None:
    control = explaining(looking).cam
    looking.commands["heat"].trigger()
    looking.canvas.select_row(0)
    wait(qtbot, lambda: control.heat is not None)
    looking.session.choose_model(ModelChoice("vgg-yolo-voc20", 96))
    before = control.heat
    wait(qtbot, lambda: looking.session.model is not None and looking.session.model.size == 96)
    assert control.heat is not before
    looking.session.stop()
    assert control.heat is None
    assert looking.canvas.heat is None


def test_closing_while_something_is_being_explained(looking: MainWindow) -> None:
    looking.commands["heat"].trigger()
    looking.canvas.select_row(0)
    assert explaining(looking).explainer.busy
    looking.close()

"""Looking inside while the sample plays, in the real window with the shipped weights."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, Qt
from pytestqt.qtbot import QtBot

from gui.main_window import MainWindow
from gui.panels.inspector import InspectorPanel
from gui.settings import MAP_ORDER
from gui.values import ModelChoice
from tests.e2e.conftest import has_boxes
from tests.e2e.hands import click, key, move, stand_on, wait

SIZE = 160
"""Small, so that the tests are quick."""


def panel_of(window: MainWindow) -> InspectorPanel:
    panel = window.docks["inspector"].panel
    assert isinstance(panel, InspectorPanel)
    return panel


def has_maps(window: MainWindow) -> bool:
    return window.inspecting.maps is not None


def tapped(window: MainWindow) -> bool:
    """Whether layers are read: by the lane, or where its engine lets nobody in, by running frames once more."""
    if window.inspecting.apart:
        return window.inspecting._request is not None
    return window.session.runner._lane.tap._wanted is not None


@pytest.fixture
def looking(window: MainWindow, qtbot: QtBot) -> MainWindow:
    """A window that plays the sample with its inspector open and maps in it."""
    window.resize(1280, 820)
    window.session.set_loop(True)
    window.session.open("sample")
    window.session.choose_model(ModelChoice("vgg-yolo-voc20", SIZE))
    wait(qtbot, lambda: has_boxes(window))
    window.commands["inspector"].trigger()
    wait(qtbot, lambda: has_maps(window))
    return window


def test_opening_the_panel_brings_maps_and_closing_it_ends_the_reading(looking: MainWindow, qtbot: QtBot) -> None:
    grid, inspecting = panel_of(looking).grid, looking.inspecting
    assert inspecting.layer is not None
    assert inspecting.layer.name == "backbone.stage2.2"
    assert grid.looks()[0].maps.shape[0] == 64
    assert tapped(looking)
    looking.commands["inspector"].trigger()
    wait(qtbot, lambda: not tapped(looking))
    assert inspecting.maps is None
    looking.commands["inspector"].trigger()
    wait(qtbot, lambda: has_maps(looking))


def test_behind_another_tab_nothing_is_read(looking: MainWindow, qtbot: QtBot) -> None:
    looking.show_panel("display")
    wait(qtbot, lambda: not tapped(looking))
    looking.show_panel("inspector")
    wait(qtbot, lambda: tapped(looking) and has_maps(looking))


def test_maps_always_stand_under_their_layers_name(looking: MainWindow, qtbot: QtBot) -> None:
    panel, inspecting = panel_of(looking), looking.inspecting
    seen: set[str] = set()

    def note() -> None:
        maps = inspecting.maps
        if maps is not None:
            assert panel.controls.layer.currentText() == maps.layer.name
            assert panel.grid.looks()[0].maps.shape[0] == maps.layer.shape[0]
            seen.add(maps.layer.name)

    inspecting.maps_changed.connect(note)
    for _ in range(12):
        name = panel.controls.layer.currentText()
        looking.commands["layer_down"].trigger()
        assert panel.controls.layer.currentText() != name
        assert inspecting.maps is None
        wait(qtbot, lambda: has_maps(looking))
    assert len(seen) >= 12


def test_another_model_brings_its_own_layers(looking: MainWindow, qtbot: QtBot) -> None:
    inspecting = looking.inspecting
    inspecting.set_layer("backbone.stage1.0")
    wait(qtbot, lambda: has_maps(looking))
    looking.session.choose_model(ModelChoice("faster-rcnn-vgg-voc20", SIZE))
    wait(qtbot, lambda: any(layer.cut_outs for layer in inspecting.layers))
    assert not any(layer.name.startswith("head.") for layer in inspecting.layers)
    wait(qtbot, lambda: has_maps(looking))
    assert inspecting.shown is not None
    assert inspecting.shown.model is looking.session.model
    cut_out = next(layer for layer in inspecting.layers if layer.cut_outs)
    inspecting.set_layer(cut_out.name)
    wait(qtbot, lambda: has_maps(looking))
    panel = panel_of(looking)
    assert not panel.controls.cut_out.isHidden()
    panel.controls.cut_out.setValue(4)
    wait(qtbot, lambda: has_maps(looking) and inspecting.maps.request.cut_out == 3)
    # Layers of single values.
    flat = next(layer for layer in inspecting.layers if layer.shape[1:] == (1, 1))
    inspecting.set_layer(flat.name)
    wait(qtbot, lambda: has_maps(looking))
    panel.grid.grab()


def test_another_source_never_shows_the_maps_of_the_one_before(looking: MainWindow, qtbot: QtBot, make_video) -> None:
    inspecting = looking.inspecting
    at_opening: list[object] = []
    looking.session.source_opened.connect(lambda _info: at_opening.append(inspecting.maps))
    looking.session.open(str(make_video(frames=60)))
    wait(qtbot, lambda: looking.session.playback.info is not None and looking.session.playback.info.title != "sample")
    wait(qtbot, lambda: has_maps(looking) and inspecting.shown.frame.size_wh == (160, 96))
    assert at_opening == [None]
    looking.session.stop()
    assert inspecting.maps is None
    assert inspecting.message.startswith("No source is open")


def test_a_paused_frame_has_its_maps_and_a_frozen_one_keeps_them(looking: MainWindow, qtbot: QtBot) -> None:
    inspecting = looking.inspecting
    stand_on(qtbot, looking, 60)
    wait(qtbot, lambda: has_maps(looking) and inspecting.shown.frame.index == 60)
    looking.commands["freeze_maps"].trigger()
    assert panel_of(looking).maps.note.text() == "Frozen on frame 60"
    looking.session.set_playing(True)
    wait(qtbot, lambda: looking.session.playback.index > 70)
    assert inspecting.shown.frame.index == 60
    looking.commands["layer_up"].trigger()
    wait(qtbot, lambda: has_maps(looking))
    assert inspecting.shown.frame.index == 60
    looking.commands["freeze_maps"].trigger()
    wait(qtbot, lambda: inspecting.shown.frame.index > 70)


def test_channels_are_chosen_by_keys_and_pointer_and_ordered_by_a_box(looking: MainWindow, qtbot: QtBot) -> None:
    panel, inspecting = panel_of(looking), looking.inspecting
    stand_on(qtbot, looking, 60)
    wait(qtbot, lambda: has_maps(looking) and inspecting.shown.frame.index == 60)
    panel.grid.setFocus()
    index = looking.session.playback.index
    key(panel.grid, Qt.Key.Key_Right)
    key(panel.grid, Qt.Key.Key_Down)
    assert inspecting.channel == 1 + panel.grid.grid().columns
    assert looking.session.playback.index == index, "the arrows did not step"
    tile = panel.grid.rect_of(2)
    click(panel.grid, tile.center())
    assert inspecting.channel == 2
    move(panel.grid, tile.center())
    assert panel.maps.told.text().startswith("channel 2   row ")
    assert "frame " in panel.maps.told.text()
    wait(qtbot, lambda: inspecting.maps.request.pinned == 2 and inspecting.maps.pinned_map is not None)
    looking.inspect_desk.options.set(order="box")
    assert "No detection is selected" in panel.maps.note.text()
    looking.canvas.select_row(0)
    assert "No detection is selected" not in panel.maps.note.text()
    assert looking.inspect_desk.ranking.order.tolist() != list(range(64))
    assert looking.settings.get(MAP_ORDER) == "box"


def test_the_channel_lies_over_the_frame(looking: MainWindow, qtbot: QtBot) -> None:
    stand_on(qtbot, looking, 60)
    wait(qtbot, lambda: has_maps(looking) and looking.inspecting.shown.frame.index == 60)
    bare = looking.canvas.grab().toImage()
    looking.commands["blend"].trigger()
    assert looking.canvas.heat is not None
    assert looking.canvas.grab().toImage() != bare
    looking.canvas.zoom(6, QPointF(40, 40))
    looking.canvas.grab()
    looking.canvas.fit()
    looking.commands["inspector"].trigger()
    wait(qtbot, lambda: looking.canvas.heat is None)


def test_the_table_tells_every_layer_and_what_it_takes(looking: MainWindow, qtbot: QtBot) -> None:
    table = panel_of(looking).layers
    wait(qtbot, lambda: all(layer.elapsed_s is not None for layer in looking.inspecting.layers))
    names = [table.item(row, 0).text() for row in range(table.rowCount())]
    assert names == [layer.name for layer in looking.inspecting.layers]
    assert any(name.endswith("@8") for name in names)
    assert all(float(table.item(row, 2).text()) >= 0 for row in range(table.rowCount()))


def test_without_source_or_model_the_panel_says_what_is_missing(window: MainWindow, qtbot: QtBot) -> None:
    window.commands["inspector"].trigger()
    wait(qtbot, lambda: window.inspecting.active)
    assert "No source is open" in window.inspecting.message
    panel_of(window).grab()
    window.session.open("sample")
    wait(qtbot, lambda: "No model answers" in window.inspecting.message)
    window.resize(800, 600)
    window.grab()


def test_closing_in_the_midst_of_looking(looking: MainWindow) -> None:
    looking.inspecting.set_layer("backbone.stage3.0")
    looking.close()

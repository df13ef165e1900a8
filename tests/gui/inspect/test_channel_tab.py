"""What a channel wants: the patches that fired it, and what of the frame fires a unit of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from gui.inspect.channel_tab import ChannelTab
from tests.e2e.hands import click
from tests.gui.inspect.explaining_desk import DEEP, Desk, open_desk


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    with open_desk(qtbot) as desk:
        yield desk


@pytest.fixture
def playing(desk: Desk) -> Desk:
    desk.play()
    desk.look_at(DEEP)
    return desk


def tab_of(desk: Desk) -> ChannelTab:
    tab = desk.explaining.channel_tab
    assert tab is not None
    return tab


def test_before_anything_runs_it_says_what_is_missing(desk: Desk) -> None:
    tab = tab_of(desk)
    assert tab.heading.text() == "What does a channel want?"
    assert tab.message.text() == desk.inspecting.message
    assert desk.titles == ["Channel", "Filters", "Box"]


def test_patches_are_gathered_while_it_plays_highest_first(playing: Desk) -> None:
    tab, collection = tab_of(playing), playing.explaining.collection
    playing.wait(lambda: len(collection.patches) >= 2)
    values = [patch.value for patch in collection.patches]
    assert values == sorted(values, reverse=True)
    shown = [tile for tile in tab.patches.tiles if tile.picture is not None]
    assert [tile.caption for tile in shown] == [f"{p.value:.2f}\nframe {p.frame_index}" for p in collection.patches]
    assert len(tab.patches.tiles) == 9
    assert tab.count.text() == f"Frames looked at: {collection.frames}"
    assert "click to go there" in shown[0].tip


def test_another_channel_shows_its_own_and_layers_are_kept_apart(playing: Desk) -> None:
    collection = playing.explaining.collection
    playing.wait(lambda: len(collection.patches) >= 1)
    playing.pause()
    first = collection.patches
    playing.inspecting.set_channel(3)
    assert collection.patches != first
    assert "channel 3" in tab_of(playing).heading.text()
    playing.look_at("backbone.stage3.0")
    assert collection.frames == 1
    playing.look_at(DEEP)
    playing.inspecting.set_channel(0)
    assert [patch.value for patch in first] == [patch.value for patch in collection.patches]


def test_a_click_on_a_patch_goes_to_its_frame(playing: Desk) -> None:
    tab, collection, session = tab_of(playing), playing.explaining.collection, playing.session
    playing.wait(lambda: len(collection.patches) >= 2)
    wanted = collection.patches[1].frame_index
    tab.patches.clicked.emit(1)
    assert not session.playback.playing
    playing.wait(lambda: session.current is not None and session.current.frame.index == wanted)
    tab.patches.clicked.emit(8)


def test_a_source_that_cannot_go_back_says_so(playing: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    tab, session = tab_of(playing), playing.session
    playing.wait(lambda: len(playing.explaining.collection.patches) > 0)
    playing.pause()
    assert session.playback.info is not None
    monkeypatch.setattr(session.playback, "info", replace(session.playback.info, seekable=False))
    playing.explaining.collection.changed.emit()
    assert "cannot go back" in tab.patches.tiles[0].tip
    sought: list[int] = []
    monkeypatch.setattr(session.runner, "seek", sought.append)
    tab.patches.clicked.emit(0)
    assert sought == []


def test_begin_anew_forgets(playing: Desk) -> None:
    tab, collection = tab_of(playing), playing.explaining.collection
    playing.wait(lambda: collection.frames > 2)
    playing.pause()
    click(tab.reset)
    assert collection.frames == 0
    assert all(tile.picture is None for tile in tab.patches.tiles)
    assert not tab.reset.isEnabled()


def test_maps_of_a_frame_of_another_size_wait_for_the_layer_to_be_read_anew(playing: Desk) -> None:
    collection, inspecting = playing.explaining.collection, playing.inspecting
    playing.wait(lambda: collection.frames >= 1)
    playing.pause()
    maps, shown = inspecting.maps, inspecting.shown
    assert maps is not None
    assert shown is not None
    before = collection.frames
    height, width = maps.full_hw
    beyond = np.full_like(maps.peak_yx, 2 * height)
    inspecting.maps = replace(maps, full_hw=(3 * height, width), peak_yx=beyond, peak=maps.peak + 100)
    inspecting.shown = replace(shown, frame=replace(shown.frame, index=shown.frame.index + 1000))
    inspecting.maps_changed.emit()
    assert collection.frames == before
    inspecting.maps = replace(maps, peak=maps.peak + 100)
    inspecting.maps_changed.emit()
    assert collection.frames == before + 1


def test_another_source_begins_anew(playing: Desk) -> None:
    collection = playing.explaining.collection
    playing.wait(lambda: collection.frames > 0)
    playing.session.stop()
    assert collection.frames == 0


def test_the_unit_at_the_peak_is_looked_into(playing: Desk) -> None:
    tab, inspecting = tab_of(playing), playing.inspecting
    playing.pause()
    playing.wait(lambda: tab.unit is not None and inspecting.shown is not None)

    def of_this_frame() -> bool:
        return tab.unit is not None and inspecting.shown is not None and tab.unit.frame is inspecting.shown.frame

    playing.wait(of_this_frame)
    assert tab.unit is not None
    assert inspecting.maps is not None
    assert tab.unit.place == tuple(inspecting.maps.peak_yx[0].tolist())
    assert [tile.caption for tile in tab.pictures.tiles] == ["its map", "frame", "deconvnet", "guided backprop"]
    assert all(tile.picture is not None for tile in tab.pictures.tiles)
    assert tab.unit_line.text().startswith("its peak: row ")


def test_a_click_in_the_map_looks_at_that_place(playing: Desk) -> None:
    tab, inspecting = tab_of(playing), playing.inspecting
    playing.pause()
    playing.wait(lambda: tab.unit is not None)
    assert inspecting.maps is not None
    height, width = inspecting.maps.full_hw
    tab.pictures.clicked_at.emit(0, 0.5, 0.25)
    playing.wait(lambda: tab.unit is not None and tab.unit.place == (height // 4, width // 2))
    assert tab.unit_line.text().startswith(f"row {height // 4}, column {width // 2}")
    assert tab.peak.isVisible()
    click(tab.peak)
    playing.wait(lambda: tab.unit is not None and tab.unit.place != (height // 4, width // 2))
    assert not tab.peak.isVisible()
    tab.pictures.clicked_at.emit(2, 0.5, 0.5)
    assert not tab.peak.isVisible()


def test_another_channel_drops_what_was_known_of_the_unit(playing: Desk) -> None:
    tab = tab_of(playing)
    playing.pause()
    playing.wait(lambda: tab.unit is not None)
    playing.inspecting.set_channel(9)
    assert tab.unit is None
    assert tab.pictures.tiles[1].picture is None
    playing.wait(lambda: tab.unit is not None)
    assert tab.unit is not None
    assert tab.unit.channel == 9


def test_a_layer_without_places_in_the_frame_is_told(playing: Desk) -> None:
    tab, inspecting = tab_of(playing), playing.inspecting
    playing.pause()
    assert inspecting.layer is not None
    inspecting.layer = replace(inspecting.layer, name="roi_heads.fc", field=None, stride=None, cut_outs=64)
    inspecting.layer_changed.emit()
    assert tab.message.text().startswith("roi_heads.fc works on cut-outs")
    assert not tab.patches.isVisible()
    assert not tab.pictures.isVisible()


def test_nothing_is_looked_into_while_the_tab_is_not_seen(playing: Desk) -> None:
    tab = tab_of(playing)
    playing.pause()
    playing.wait(lambda: tab.unit is not None and not playing.explaining.explainer.busy)
    tab.hide()
    playing.inspecting.set_channel(5)
    assert not playing.explaining.explainer.is_asked("unit")
    tab.show()
    playing.wait(lambda: tab.unit is not None)
    assert tab.unit is not None
    assert tab.unit.channel == 5


def test_memory_is_bounded_by_the_layers_that_are_kept(playing: Desk) -> None:
    collection = playing.explaining.collection
    names = [layer.name for layer in playing.inspecting.layers if layer.field is not None][:6]
    for name in names:
        playing.look_at(name)
    assert len(collection._kept) == 4
    biggest = max(
        sum(patch.picture.nbytes for channel in range(gathered.patches.layer.shape[0])
            for patch in gathered.patches.patches(channel))
        for gathered in collection._kept.values()
    )  # fmt: skip
    assert biggest <= 16 * 2**20
    assert np.isfinite(biggest)

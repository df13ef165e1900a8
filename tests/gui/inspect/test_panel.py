"""The inspector's panel on maps made by hand: grid, order, contrast, keys, what is told."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from gui.actions import build_actions
from gui.canvas.picking import Picked
from gui.inspect.blending import Blending
from gui.inspect.inspect_actions import WHILE_SEEN, InspectActions
from gui.inspect.inspecting import Inspecting
from gui.inspect.layer_table import LayerTable, layer_cells, layer_tip
from gui.inspect.map_options import TILES_PX, MapOptions
from gui.inspect.ranking import EVERY_S, Ranking
from gui.inspect.reading import Readable
from gui.panels.inspector import InspectorPanel
from gui.session import Session
from gui.settings import MemoryStore, SettingsStore
from tests.e2e.hands import click, key, leave, move
from tests.gui.inspect.standing import give, made_layer
from tests.gui.standing import Clock, standing_session

SHAPE = (6, 10, 10)


class NoCanvas:
    """Takes what is laid over the frame."""

    def __init__(self) -> None:
        self.heats: list[object] = []

    def show_heat(self, _owner: str, heat: object) -> None:
        self.heats.append(heat)


class Bench:
    """A panel on the screen, in a window of its own."""

    def __init__(self, session: Session) -> None:
        self.window = QMainWindow()
        self.actions = build_actions(self.window)
        self.clock = Clock()
        self.inspecting = Inspecting(session)
        self.store = SettingsStore(MemoryStore())
        self.options = MapOptions(self.store, self.inspecting)
        self.options.set(tile_px=64)
        self.ranking = Ranking(self.inspecting, self.options, self.clock)
        self.canvas = NoCanvas()
        self.blending = Blending(self.inspecting, self.options, self.canvas)
        self.commands = InspectActions(self.inspecting, self.options, self.blending, self.actions)
        self.panel = InspectorPanel(self.inspecting, self.options, self.ranking, self.actions)
        self.commands.use(self.panel.grid, self.panel.controls)
        self.window.setCentralWidget(self.panel)
        self.window.addActions(list(self.actions.values()))
        self.grid = self.panel.grid


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    with standing_session() as session:
        bench = Bench(session)
        qtbot.addWidget(bench.window)
        bench.window.resize(420, 700)
        bench.window.show()
        qtbot.waitExposed(bench.window)
        bench.inspecting.set_active(True)
        yield bench


def hills(shape: tuple[int, int, int] = SHAPE) -> np.ndarray:
    """Channel n has n + 1 at (n, n) and nothing else; the last one never fires."""
    maps = np.zeros(shape, np.float16)
    for channel in range(shape[0] - 1):
        maps[channel, channel % shape[1], channel % shape[2]] = channel + 1
    return maps


def colour_at(bench: Bench, point: QPointF) -> tuple[int, int, int]:
    image = bench.grid.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    colour = image.pixelColor(point.toPoint())
    return colour.red(), colour.green(), colour.blue()


def cell_middle(bench: Bench, channel: int, row: int, column: int, half: int = 0) -> QPointF:
    tile, grid = bench.grid.rect_of(channel, half), bench.grid.grid()
    assert grid is not None
    return tile.topLeft() + QPointF((column + 0.5) * grid.times, (row + 0.5) * grid.times)


def test_without_maps_the_grid_says_what_is_missing(bench: Bench) -> None:
    assert bench.grid.grid() is None
    assert bench.inspecting.message.startswith("No source is open")
    assert bench.grid.at(QPointF(20, 20)) is None
    for pressed in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_End, Qt.Key.Key_Return):
        key(bench.grid, pressed)
    bench.grid.grab()


def test_each_channel_is_where_it_is_said_to_be(bench: Bench) -> None:
    give(bench.inspecting, hills(), made_layer(shape=SHAPE))
    dark = colour_at(bench, cell_middle(bench, 2, 6, 6))
    bright = colour_at(bench, cell_middle(bench, 2, 2, 2))
    assert sum(bright) > 2 * sum(dark)
    for channel in range(SHAPE[0]):
        assert bench.grid.at(cell_middle(bench, channel, 3, 5)) == (0, channel, (3, 5))


def test_maps_are_drawn_as_far_as_they_are_of_the_frame(bench: Bench, qtbot: QtBot) -> None:
    give(bench.inspecting, hills((64, 10, 10)), made_layer(shape=(64, 10, 10)))
    # 320 x 240 pixels of an input of 320 x 320 at stride 32.
    assert bench.grid.looks()[0].maps.shape == (64, 8, 10)
    qtbot.waitUntil(lambda: bench.panel.maps.channel.whole.has_map, timeout=20_000)


def test_the_pointer_is_told_channel_place_and_value(bench: Bench) -> None:
    give(bench.inspecting, hills(), made_layer(shape=SHAPE))
    move(bench.grid, cell_middle(bench, 3, 3, 3))
    told = bench.panel.maps.told.text()
    assert told == "channel 3   row 3, column 3   frame 112, 112   value 4.00"
    # The next frame's value under a pointer that stands still.
    give(bench.inspecting, hills() * np.float16(2), bench.inspecting.layer, 8)
    assert bench.panel.maps.told.text().endswith("value 8.00")
    leave(bench.grid)
    assert bench.panel.maps.told.text().startswith("A click selects")


def test_a_click_selects_and_a_double_click_pins(bench: Bench, qtbot: QtBot) -> None:
    give(bench.inspecting, hills(), made_layer(shape=SHAPE))
    click(bench.grid, cell_middle(bench, 4, 5, 5))
    assert (bench.inspecting.channel, bench.inspecting.pinned) == (4, None)
    qtbot.mouseDClick(bench.grid, Qt.MouseButton.LeftButton, pos=cell_middle(bench, 2, 5, 5).toPoint())
    # Otherwise the button counts as held for every test that follows.
    qtbot.mouseRelease(bench.grid, Qt.MouseButton.LeftButton, pos=cell_middle(bench, 2, 5, 5).toPoint())
    assert bench.inspecting.pinned == 2
    assert bench.actions["pin_channel"].isChecked()
    click(bench.grid, cell_middle(bench, 1, 5, 5))
    assert bench.panel.maps.channel.title.text() == "Channel 2, pinned"
    bench.actions["pin_channel"].trigger()
    assert bench.inspecting.pinned == 1


def test_the_cursor_goes_by_arrows_in_the_order_on_show(bench: Bench, qtbot: QtBot) -> None:
    give(bench.inspecting, hills((40, 10, 10)), made_layer(shape=(40, 10, 10)))
    bench.options.set(order="peak")
    grid = bench.grid.grid()
    assert grid is not None
    assert bench.ranking.order[:2].tolist() == [38, 37]
    key(bench.grid, Qt.Key.Key_Home)
    assert bench.inspecting.channel == 38
    for pressed, place in (
        (Qt.Key.Key_Right, 1), (Qt.Key.Key_Down, 1 + grid.columns), (Qt.Key.Key_Left, grid.columns),
        (Qt.Key.Key_Up, 0), (Qt.Key.Key_Up, 0), (Qt.Key.Key_Left, 0), (Qt.Key.Key_End, 39),
    ):  # fmt: skip
        key(bench.grid, pressed)
        assert bench.ranking.place_of(bench.inspecting.channel) == place
    # The cursor is always seen.
    assert bench.grid.rect().contains(bench.grid.rect_of(bench.inspecting.channel).toRect())
    key(bench.grid, Qt.Key.Key_Return)
    assert bench.inspecting.pinned == bench.inspecting.channel
    for name, place in (("channel_left", 38), ("channel_right", 39), ("channel_up", 39 - grid.columns)):
        bench.actions[name].trigger()
        assert bench.ranking.place_of(bench.inspecting.channel) == place


@pytest.mark.parametrize(
    ("order", "expected"), [("index", [0, 1, 2]), ("peak", [4, 3, 2]), ("mean", [4, 3, 2]), ("variance", [4, 3, 2])]
)
def test_channels_are_ordered(bench: Bench, order: str, expected: list[int]) -> None:
    give(bench.inspecting, hills(), made_layer(shape=SHAPE))
    bench.options.set(order=order)
    assert bench.ranking.order[:3].tolist() == expected
    assert sorted(bench.ranking.order.tolist()) == list(range(6))


def test_channels_that_fire_in_the_selected_box_come_first(bench: Bench) -> None:
    give(bench.inspecting, hills(), made_layer(shape=SHAPE))
    bench.options.set(order="box")
    assert "No detection is selected" in bench.panel.maps.note.text()
    # The middle of cell (3, 3) at stride 32.
    bench.ranking.set_picked(Picked(0, "cat", 0.9, (97.0, 97.0, 127.0, 127.0)))
    assert bench.ranking.order[0] == 3
    bench.ranking.set_picked(Picked(1, "dog", 0.9, (33.0, 33.0, 63.0, 63.0)))
    assert bench.ranking.order[0] == 1
    bench.ranking.set_picked(None)
    assert "No detection is selected" in bench.panel.maps.note.text()


def test_while_frames_come_the_order_changes_once_a_second(bench: Bench) -> None:
    layer = made_layer(shape=SHAPE)
    bench.options.set(order="peak")
    give(bench.inspecting, hills(), layer)
    assert bench.ranking.order[0] == 4
    other = hills()
    other[0, 0, 0] = 90
    give(bench.inspecting, other, layer, 8)
    assert bench.ranking.order[0] == 4
    bench.clock.now_s += EVERY_S
    give(bench.inspecting, other, layer, 9)
    assert bench.ranking.order[0] == 0


def test_the_last_order_comes_also_when_the_frames_stop(bench: Bench, qtbot: QtBot) -> None:
    layer = made_layer(shape=SHAPE)
    bench.options.set(order="peak")
    give(bench.inspecting, hills(), layer)
    other = hills()
    other[0, 0, 0] = 90
    give(bench.inspecting, other, layer, 8)
    qtbot.waitUntil(lambda: bench.ranking.order[0] == 0, timeout=20_000)


def test_contrast_gamma_and_palette_change_the_colours(bench: Bench) -> None:
    give(bench.inspecting, hills(), made_layer(shape=SHAPE))
    bench.inspecting.set_channel(5)

    def drawn() -> int:
        look = bench.grid.looks()[0]
        return int(look.scaled(np.array([0])).steps.max())

    assert drawn() == 255
    bench.actions["next_contrast"].trigger()
    assert bench.options.view.contrast == "shared"
    shared = drawn()
    assert shared == round(255 / 5)
    bench.options.set(gamma=2.0)
    assert drawn() > 2 * shared
    before = bench.grid.grab().toImage()
    bench.options.set(palette="magma")
    assert bench.grid.grab().toImage() != before
    bench.actions["next_order"].trigger()
    assert bench.options.view.order == "peak"
    # And all of it is remembered.
    again = MapOptions(bench.store)
    assert again.view == bench.options.view


def test_maps_grow_and_shrink_between_ends(bench: Bench) -> None:
    give(bench.inspecting, hills(), made_layer(shape=SHAPE))
    for _ in TILES_PX:
        bench.actions["tiles_larger"].trigger()
    assert bench.grid.rect_of(0).width() == TILES_PX[-1]
    for _ in TILES_PX:
        bench.actions["tiles_smaller"].trigger()
    assert bench.grid.rect_of(0).width() == 20
    assert bench.options.view.tile_px == TILES_PX[0]


def test_what_never_fires_is_crossed_out(bench: Bench) -> None:
    layer = made_layer(shape=SHAPE)
    give(bench.inspecting, hills(), layer)
    assert bench.inspecting.dead.tolist() == [False] * 5 + [True]
    assert "1 of 6 channels have not fired" in bench.panel.maps.note.text()
    crossed = bench.grid.grab().toImage()
    late = hills()
    late[5, 1, 1] = 0.25
    give(bench.inspecting, late, layer, 8)
    assert not bench.inspecting.dead.any()
    assert bench.panel.maps.note.isHidden()
    # Once it has fired it is alive, also on a frame on which it is silent.
    give(bench.inspecting, hills(), layer, 9)
    tile = bench.grid.rect_of(5).toRect()
    assert bench.grid.grab().toImage().copy(tile) != crossed.copy(tile)
    give(bench.inspecting, hills(), made_layer("no relu", SHAPE, after=None))
    assert bench.inspecting.dead is None


def test_single_values_stand_as_squares_on_one_scale(bench: Bench) -> None:
    maps = np.arange(30, dtype=np.float16).reshape(30, 1, 1)
    give(bench.inspecting, maps, made_layer("linear", (30, 1, 1), stride=None, cut_outs=5))
    look = bench.grid.looks()[0]
    assert look.contrast == "shared"
    assert look.scaled(np.array([0, 29])).steps.ravel().tolist() == [0, 255]
    assert bench.grid.rect_of(3).width() == bench.grid.rect_of(3).height() == 20
    move(bench.grid, bench.grid.rect_of(3).center())
    assert bench.panel.maps.told.text() == "channel 3   row 0, column 0   value 3.00"
    assert bench.panel.controls.cut_out.isVisible()
    bench.panel.controls.cut_out.setValue(3)
    assert bench.inspecting.cut_out == 2
    bench.options.set(order="box")
    bench.ranking.set_picked(Picked(0, "cat", 0.9, (1.0, 1.0, 9.0, 9.0)))
    give(bench.inspecting, maps, bench.inspecting.layer, 8)
    assert "no map of the frame" in bench.panel.maps.note.text()


def test_two_thousand_channels_are_drawn_as_far_as_they_are_seen(bench: Bench) -> None:
    rng = np.random.default_rng(0)
    maps = np.maximum(rng.normal(size=(2048, 20, 20)), 0).astype(np.float16)
    give(bench.inspecting, maps, made_layer("wide", (2048, 20, 20), stride=16))
    grid = bench.grid.grid()
    assert grid is not None
    assert bench.grid.bar.maximum() > 10 * bench.grid.height()
    bench.inspecting.set_channel(2047)
    assert bench.grid.rect().contains(bench.grid.rect_of(2047).toRect())
    assert bench.grid.at(bench.grid.rect_of(2047).center()) is not None
    bench.options.set(tile_px=TILES_PX[0])
    bench.grid.grab()
    bench.grid.repaint()
    assert bench.grid.paint_s < 0.5


def test_a_repaint_without_news_composes_nothing(bench: Bench) -> None:
    layer = made_layer(shape=(64, 80, 80), stride=4)
    give(bench.inspecting, hills((64, 80, 80)), layer)
    bench.grid.repaint()
    composed = bench.grid._pictures[0].composed
    for _ in range(3):
        bench.grid.repaint()
    assert bench.grid._pictures[0].composed == composed
    times = []
    for index in range(12):
        give(bench.inspecting, hills((64, 80, 80)), layer, 20 + index)
        started_s = time.thread_time()
        bench.grid.repaint()
        times.append(time.thread_time() - started_s)
    assert bench.grid._pictures[0].composed == composed + 12
    # Processor time, so that others on the machine do not count; a few thousandths on an ordinary one.
    assert min(times) < 0.02


def test_before_and_after_the_relu_stand_side_by_side(bench: Bench) -> None:
    layer = made_layer(shape=SHAPE)
    give(bench.inspecting, hills(), layer)
    assert bench.panel.controls.chosen_side == "after"
    bench.actions["relu_side"].trigger()
    assert not bench.inspecting.after_relu
    bench.actions["relu_side"].trigger()
    assert bench.panel.controls.chosen_side == "both"
    signed = hills() - np.float16(1.5)
    give(bench.inspecting, signed, layer)
    before, after = bench.grid.looks()
    assert (before.span.signed, after.span.signed) == (True, False)
    assert np.array_equal(after.maps, np.maximum(signed[:, :8], 0))
    assert bench.grid.headings == ("before ReLU", "after ReLU")
    assert bench.grid.at(cell_middle(bench, 4, 4, 4, half=1)) == (1, 4, (4, 4))
    move(bench.grid, cell_middle(bench, 5, 4, 4, half=1))
    assert bench.panel.maps.told.text().endswith("value 0")
    bench.grid.grab()
    give(bench.inspecting, hills(), made_layer("no relu", SHAPE, after=None))
    assert len(bench.grid.looks()) == 1
    assert not bench.panel.controls.side.isEnabled()


def test_before_and_after_the_pooling_stand_side_by_side(bench: Bench) -> None:
    layer = made_layer("a.pool", (6, 5, 5), kind="max pool 2x2", after=None, weights=None, stride=64)
    given = hills()
    pooled = given.reshape(6, 5, 2, 5, 2).max(axis=(2, 4))
    give(bench.inspecting, pooled, layer)
    controls = bench.panel.controls
    assert [controls.side.itemText(row) for row in range(controls.side.count())] == ["After pooling", "Side by side"]
    assert len(bench.grid.looks()) == 1
    bench.actions["relu_side"].trigger()
    assert controls.chosen_side == "both"
    assert bench.inspecting.side_by_side
    give(bench.inspecting, pooled, layer, given=given)
    before, after = bench.grid.looks()
    # The frame fills eight of ten rows of the input, and four of five after the pooling.
    assert np.array_equal(before.maps, given[:, :8])
    assert np.array_equal(after.maps, pooled[:, :4].repeat(2, axis=1).repeat(2, axis=2))
    assert bench.grid.headings == ("before pooling", "after pooling")
    move(bench.grid, cell_middle(bench, 4, 5, 5))
    assert "row 5, column 5" in bench.panel.maps.told.text()
    assert bench.panel.maps.told.text().endswith("value 0")
    move(bench.grid, cell_middle(bench, 4, 5, 5, half=1))
    assert "row 2, column 2" in bench.panel.maps.told.text()
    assert bench.panel.maps.told.text().endswith("value 5.00")
    bench.actions["relu_side"].trigger()
    assert controls.chosen_side == "after"


def test_the_channel_is_told_in_numbers(bench: Bench) -> None:
    layer = made_layer(shape=SHAPE)
    for index in range(3):
        give(bench.inspecting, hills() * np.float16(index + 1), layer, index)
    bench.inspecting.set_channel(4)
    view = bench.panel.maps.channel
    assert view.title.text() == "Channel 4"
    assert view.facts.text().startswith("peak 15.0 at row 4, column 4")
    assert [value for _, value in view.peaks.peaks] == [5, 10, 15]
    assert view.histogram.accessibleDescription() == "99 % of places at 0"
    assert view.histogram.counts.sum() == 1
    assert (bench.panel.maps.scale.low, bench.panel.maps.scale.high) == (0, 15)
    view.grab()


def test_blending_lays_the_channel_over_the_frame(bench: Bench) -> None:
    layer = made_layer(shape=SHAPE)
    give(bench.inspecting, hills(), layer)
    bench.inspecting.set_channel(2)
    bench.actions["blend"].setChecked(True)
    heat = bench.canvas.heats[-1]
    assert heat.values[2, 2] == heat.high == 3
    assert heat.title == "channel 2 of a.layer"
    assert heat.covered_hw == (320, 320)
    bench.inspecting.set_active(False)
    assert bench.canvas.heats[-1] is None


def test_the_actions_work_only_while_the_panel_is_seen(bench: Bench) -> None:
    assert all(bench.actions[name].isEnabled() for name in WHILE_SEEN)
    bench.inspecting.set_active(False)
    assert not any(bench.actions[name].isEnabled() for name in WHILE_SEEN)


def test_freezing_without_maps_springs_back(bench: Bench) -> None:
    bench.actions["freeze_maps"].setChecked(True)
    assert not bench.actions["freeze_maps"].isChecked()
    give(bench.inspecting, hills(), made_layer(shape=SHAPE), 7)
    bench.inspecting._reader.readable = None
    bench.actions["freeze_maps"].setChecked(True)
    assert bench.inspecting.frozen
    assert bench.panel.maps.note.text() == "Frozen on frame 7"


def test_the_table_tells_each_layer_and_chooses_by_a_click(bench: Bench, qtbot: QtBot) -> None:
    layers = (
        made_layer("backbone.stage1.0", (32, 160, 160), kind="conv 3x3 /2", stride=2, elapsed_s=0.001),
        made_layer("head.conv@8", (64, 40, 40), stride=8, elapsed_s=0.002, macs=59_000_000, parameters=36_900),
        made_layer("box_head.fc6", (1024, 1, 1), kind="linear", stride=None, cut_outs=300, after=None),
    )
    give(bench.inspecting, hills((32, 10, 10)), layers[0])
    bench.inspecting._reader.readable = Readable(None, layers, (320, 320), (320, 240))
    bench.inspecting.layers_changed.emit()
    table = bench.panel.layers
    assert isinstance(table, LayerTable)
    assert table.rowCount() == 3
    assert table.item(1, 0).text() == "head.conv@8"
    assert layer_cells(layers[1]) == (
        "head.conv@8", "conv 3x3", "2.00", "64 x 40 x 40", "8", "", "59 M", "36.9 k",
    )  # fmt: skip
    assert "works at several strides with the same weights" in layer_tip(layers[1])
    assert "300 cut-outs" in layer_tip(layers[2])
    assert table.selectionModel().selectedRows()[0].row() == 0
    bench.panel.tabs.setCurrentWidget(table)
    table.selectRow(1)
    assert bench.inspecting.layer.name == "head.conv@8"
    assert bench.panel.controls.layer.currentText() == "head.conv@8"
    bench.actions["layer_down"].trigger()
    assert bench.inspecting.layer.name == "box_head.fc6"
    bench.actions["layer_down"].trigger()
    assert bench.inspecting.layer.name == "box_head.fc6"
    bench.actions["layer_up"].trigger()
    assert table.selectionModel().selectedRows()[0].row() == 1
    table.grab()


def test_maps_of_the_layer_before_are_not_taken_for_those_of_the_next(bench: Bench) -> None:
    give(bench.inspecting, hills(), made_layer(shape=SHAPE))
    bench.inspecting._look_at(made_layer("b.layer", (12, 10, 10)))
    assert bench.inspecting.maps is None
    assert bench.grid.grid() is None
    assert len(bench.ranking.order) == 12
    assert bench.panel.maps.channel.title.text() == ""

"""A layer's filters as pictures, and one of the first layer's at work on the frame."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from pytestqt.qtbot import QtBot

from gui.inspect.filters_tab import FiltersTab
from gui.inspect.matrix_view import MatrixView
from tests.e2e.hands import click, key
from tests.gui.inspect.explaining_desk import DEEP, FIRST, MIXING, POOL, Desk, open_desk


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    with open_desk(qtbot) as desk:
        yield desk


@pytest.fixture
def standing(desk: Desk) -> Desk:
    desk.play()
    desk.pause()
    return desk


def tab_of(desk: Desk) -> FiltersTab:
    tab = desk.explaining.filters_tab
    assert tab is not None
    return tab


def show(desk: Desk, layer: str) -> FiltersTab:
    tab = tab_of(desk)
    desk.look_at(layer)
    desk.wait(lambda: tab.kernels is not None)
    return tab


def test_before_anything_runs_it_says_what_is_missing(desk: Desk) -> None:
    tab = tab_of(desk)
    assert tab.message.text() == desk.inspecting.message
    assert not tab.tiles.isVisible()
    assert not tab.matrix.isVisible()


def test_the_first_layers_are_small_pictures_and_a_click_goes_to_the_channel(standing: Desk) -> None:
    tab = show(standing, FIRST)
    assert tab.kernels is not None
    assert len(tab.tiles.tiles) == len(tab.kernels.weights) == 32
    picture = tab.tiles.tiles[4].picture
    assert picture is not None
    assert picture.shape == (3, 3, 3)
    tab.tiles.clicked.emit(4)
    assert standing.inspecting.channel == 4
    assert tab.tiles.marked == 4


def test_the_filter_works_on_the_frame_and_its_peak_is_marked(standing: Desk) -> None:
    tab = show(standing, FIRST)
    standing.inspecting.set_channel(7)
    standing.wait(lambda: tab.response is not None)
    response = tab.response
    assert response is not None
    assert response.channel == 7
    assert [tile.caption for tile in tab.pair.tiles] == ["filter 7", "frame at the peak"]
    assert tab.work_line.text().startswith(f"Highest at row {response.match.yx[0]}, column {response.match.yx[1]}")
    peak = tab.view.peak_rect()
    assert peak is not None
    y, x = response.match.yx
    rows, columns = response.picture.shape[:2]
    field = tab.view._field()
    assert peak.center().x() == pytest.approx((x + 0.5) / columns * field.width(), abs=field.width() / columns)
    assert peak.center().y() == pytest.approx((y + 0.5) / rows * field.height(), abs=field.height() / rows)
    tab.view.grab()


def test_another_channel_drops_the_response_of_the_old_one(standing: Desk) -> None:
    tab = show(standing, FIRST)
    standing.wait(lambda: tab.response is not None)
    standing.inspecting.set_channel(11)
    assert tab.response is None
    assert tab.view.response is None
    standing.wait(lambda: tab.response is not None)
    assert tab.response is not None
    assert tab.response.channel == 11


def test_deeper_ones_are_slices_by_output_or_by_input(standing: Desk) -> None:
    tab = show(standing, DEEP)
    assert tab.kernels is not None
    outputs, inputs = tab.kernels.weights.shape[:2]
    assert len(tab.tiles.tiles) == inputs
    assert not tab.work.isVisible()
    tab.number.setValue(6)
    assert standing.inspecting.channel == 6
    assert "What channel 6 takes" in tab.note.text()
    # A click on a slice goes on to where its input channel goes.
    tab.tiles.clicked.emit(9)
    assert tab.side.currentData() == "input"
    assert tab.number.value() == 9
    assert len(tab.tiles.tiles) == outputs
    assert tab.tiles.marked == 6
    tab.tiles.clicked.emit(12)
    assert standing.inspecting.channel == 12
    assert tab.tiles.marked == 12


def test_one_by_one_layers_are_a_matrix_that_a_row_can_be_chosen_from(standing: Desk) -> None:
    tab = show(standing, MIXING)
    assert tab.kernels is not None
    assert tab.matrix.isVisible()
    assert np.array_equal(tab.matrix.values, tab.kernels.mixing())
    tab.matrix.clicked.emit(5, 0)
    assert standing.inspecting.channel == 5
    assert tab.matrix.row == 5
    assert "channels come out" in tab.note.text()


def test_a_pool_has_no_filters(standing: Desk) -> None:
    tab = tab_of(standing)
    standing.look_at(POOL)
    standing.wait(lambda: "no filters" in tab.message.text())
    assert tab.message.isVisible()
    assert not tab.tiles.isVisible()
    show(standing, DEEP)
    assert not tab.message.isVisible()


def test_filters_of_another_layer_never_stand_under_its_name(standing: Desk) -> None:
    tab = show(standing, DEEP)
    standing.inspecting.set_layer(FIRST)
    assert tab.kernels is None
    assert not tab.tiles.isVisible()
    assert tab.heading.text() == f"Filters of {FIRST}"
    standing.wait(lambda: tab.kernels is not None)
    assert tab.kernels is not None
    assert tab.kernels.kind == "matched"


def test_a_matrix_tells_what_is_under_the_pointer(qtbot: QtBot) -> None:
    view = MatrixView()
    qtbot.addWidget(view)
    view.resize(100, 100)
    values = np.arange(12, dtype=np.float32).reshape(3, 4) - 5
    view.show_matrix(values, 1)
    view.show()
    told: list[tuple[int, int]] = []
    view.clicked.connect(lambda row, column: told.append((row, column)))
    field = view._field()
    at = QPointF(field.left() + field.width() * 0.9, field.height() * 0.9)
    assert view.told_at(at) == "from channel 3 into 2: +6.000"
    assert view.told_at(QPointF(-5, -5)) == ""
    click(view, at)
    key(view, Qt.Key.Key_Down)
    key(view, Qt.Key.Key_Up)
    assert told == [(2, 3), (2, 0), (0, 0)]
    assert view.accessibleDescription() == "row 1 of 3"
    view.show_matrix(np.zeros((64, 2048), np.float32), 63)
    view.grab()

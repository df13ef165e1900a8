"""Small pictures in rows: where they lie, what a click and the keys do."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.inspect.tiles import Tile, Tiles
from tests.e2e.hands import click, key


def picture(height: int, width: int, value: int = 200) -> np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]:
    return np.full((height, width, 3), value, np.uint8)


@pytest.fixture
def tiles(qtbot: QtBot) -> Tiles:
    tiles = Tiles("Patches", 40, 3)
    qtbot.addWidget(tiles)
    tiles.resize(200, 100)
    tiles.show()
    tiles.set_tiles([Tile(picture(20, 20), f"n {n}", f"tip {n}") for n in range(4)] + [Tile(None)])
    return tiles


def test_they_lie_in_rows_of_three_and_are_as_high_as_they_need(tiles: Tiles) -> None:
    assert [tiles.place_of(n).topLeft() for n in (0, 1, 2)] == [QPoint(0, 0), QPoint(48, 0), QPoint(96, 0)]
    assert tiles.place_of(3).left() == 0
    assert tiles.place_of(3).top() > 40
    assert tiles.height() >= tiles.place_of(4).bottom()
    low = tiles.height()
    tiles.set_tiles([Tile(picture(20, 20), "one")])
    assert tiles.height() < low
    tiles.set_tiles([])
    assert tiles.height() == 0


def test_wide_pictures_make_low_tiles_and_rows_can_be_filled(qtbot: QtBot) -> None:
    tiles = Tiles("Heat", 100, 2, grows=True)
    qtbot.addWidget(tiles)
    tiles.resize(408, 10)
    tiles.set_tiles([Tile(picture(10, 20)), Tile(picture(10, 20))])
    assert tiles.place_of(1).getRect() == (208, 0, 200, 100)
    tiles.resize(90, 10)
    assert tiles.place_of(1).left() == 0


def test_a_click_tells_which_and_where_in_the_picture(tiles: Tiles) -> None:
    told: list[object] = []
    tiles.clicked.connect(told.append)
    tiles.clicked_at.connect(lambda number, across, down: told.append((number, round(across, 1), round(down, 1))))
    click(tiles, QPointF(48 + 10, 30))
    assert told == [(1, 0.3, 0.8), 1]
    click(tiles, QPointF(190, 10))
    click(tiles, QPointF(tiles.place_of(4).center()))
    assert told == [(1, 0.3, 0.8), 1]


def test_keys_go_from_tile_to_tile_and_choose(tiles: Tiles) -> None:
    told: list[int] = []
    tiles.clicked.connect(told.append)
    for which in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Left, Qt.Key.Key_End, Qt.Key.Key_Home):
        key(tiles, which)
        told.append(100 + tiles.standing)
    key(tiles, Qt.Key.Key_Return)
    assert told == [101, 104, 101, 100, 104, 100, 0]


def test_a_screen_reader_hears_of_the_tile_that_is_marked(tiles: Tiles) -> None:
    assert tiles.accessibleName() == "Patches"
    tiles.clearFocus()
    tiles.mark(2)
    assert tiles.accessibleDescription() == "tip 2"
    tiles.mark(None)
    assert tiles.accessibleDescription().startswith("tip 0; tip 1")


def test_a_marked_tile_is_framed_and_the_picture_is_what_was_given(tiles: Tiles) -> None:
    tiles.set_tiles([Tile(picture(30, 30, 10)), Tile(picture(30, 30, 250))])
    tiles.mark(1)
    QApplication.processEvents()
    image = tiles.grab().toImage()
    assert image.pixelColor(20, 20).red() == 10
    assert image.pixelColor(68, 20).red() == 250
    assert image.pixelColor(49, 20).blue() > image.pixelColor(49, 20).red()


def test_two_thousand_tiles_are_painted(qtbot: QtBot) -> None:
    tiles = Tiles("Slices", 22)
    qtbot.addWidget(tiles)
    tiles.resize(400, 100)
    tiles.set_tiles([Tile(picture(3, 3, n % 256)) for n in range(2048)])
    tiles.show()
    assert tiles.grab().height() == tiles.heightForWidth(400)

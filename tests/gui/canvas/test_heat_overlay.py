"""A map over the frame: each cell where it belongs, nothing where the map says nothing."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from detector.geometry import Letterbox
from gui.canvas.frame_view import FrameView
from gui.canvas.heat_overlay import HeatMap, heat_legend, paint_heat
from gui.canvas.scene import Scene
from gui.canvas.transform import ViewTransform
from gui.canvas.view_options import View
from tests.gui.canvas.made import FRAME_WH, made_frame

GROUND = QColor(90, 90, 90)
BOX = Letterbox.fit(FRAME_WH, 320)


def one_hot(row: int, column: int, value: float = 2.0) -> np.ndarray:
    values = np.zeros((10, 10), np.float32)
    values[row, column] = value
    return values


def painted(heat: HeatMap, transform: ViewTransform, size_wh: tuple[int, int] = (320, 160)) -> QImage:
    image = QImage(*size_wh, QImage.Format.Format_RGB32)
    image.fill(GROUND)
    painter = QPainter(image)
    scene = Scene(made_frame([], [], []), transform, QRectF(0, 0, *size_wh), View())
    paint_heat(painter, scene, heat)
    painter.end()
    return image


def inked(image: QImage) -> set[tuple[int, int]]:
    """Places, in steps of 8, that are not the ground any more."""
    return {
        (x, y)
        for x in range(4, image.width(), 8)
        for y in range(4, image.height(), 8)
        if image.pixelColor(x, y) != GROUND
    }


@pytest.mark.parametrize("transform", [ViewTransform(), ViewTransform(2.0, -100, -60), ViewTransform(0.5, 40, 20)])
def test_a_cell_lies_over_the_pixels_that_it_stands_for(transform: ViewTransform) -> None:
    image = painted(HeatMap(one_hot(2, 4), BOX, high=2.0), transform)
    x, y = transform.to_view(4.5 * 32, 2.5 * 32)
    assert image.pixelColor(round(x), round(y)) != GROUND
    # Linear between the middles of cells: no further than one cell's side.
    reach = 32 * transform.scale + 1
    assert all(abs(at_x - x) <= reach and abs(at_y - y) <= reach for at_x, at_y in inked(image))


def test_what_lies_beside_the_frame_is_not_drawn() -> None:
    # Rows from the sixth on are over the gray below the frame.
    assert not inked(painted(HeatMap(one_hot(8, 4), BOX, high=2.0), ViewTransform(0.5, 0, 0)))


def test_a_map_may_cover_less_or_more_than_the_input() -> None:
    image = painted(HeatMap(one_hot(2, 4), BOX, (160.0, 160.0), high=2.0), ViewTransform())
    assert image.pixelColor(round(4.5 * 16), round(2.5 * 16)) != GROUND
    assert image.pixelColor(round(4.5 * 32), round(2.5 * 32)) == GROUND


def test_without_a_letterbox_it_is_over_the_frame_itself() -> None:
    image = painted(HeatMap(one_hot(9, 9), high=2.0), ViewTransform())
    assert image.pixelColor(310, 155) != GROUND


def test_below_and_above_nought_have_colours_of_their_own() -> None:
    values = one_hot(2, 2) - one_hot(2, 7)
    image = painted(HeatMap(values, BOX, high=2.0, signed=True), ViewTransform())
    above, below = image.pixelColor(80, 80), image.pixelColor(240, 80)
    assert above.red() > above.blue()
    assert below.blue() > below.red()


def test_nothing_that_fires_leaves_the_frame_as_it_is() -> None:
    assert not inked(painted(HeatMap(np.zeros((10, 10), np.float32), BOX, high=0.0), ViewTransform()))


def test_of_several_owners_the_last_is_seen(qtbot: QtBot) -> None:
    canvas = FrameView()
    qtbot.addWidget(canvas)
    canvas.show_frame(made_frame([(10, 10, 60, 60)], [0], [0.9]))
    first, second = HeatMap(one_hot(1, 1), BOX, title="first"), HeatMap(one_hot(2, 2), BOX)
    canvas.show_heat("one", first)
    canvas.show_heat("two", second)
    assert canvas.heat is second
    canvas.show_heat("two", None)
    scene = canvas.scene()
    assert scene is not None
    assert scene.heat is first
    assert [row.text for row in heat_legend(first)] == ["first"]
    assert heat_legend(second) == []
    canvas.grab()
    canvas.clear()
    assert canvas.heat is None

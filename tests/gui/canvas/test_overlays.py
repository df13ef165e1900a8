"""What is painted over the frame, looked at pixel by pixel."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from detector.families.grid import origin_of
from detector.families.protocol import Cell
from detector.palette import class_colour, score_colour
from detector.selection import Thresholds, raw_boxes
from gui.canvas.card import DOT_PX, LegendRow, paint_card, paint_legend
from gui.canvas.details import cell_lines, counts_in_words, detection_lines, detection_text, detections_tsv
from gui.canvas.grid_overlay import cells_under, grid_legend, shown_strides
from gui.canvas.painting import paint_scene
from gui.canvas.raw_overlay import MOST_BOXES, raw_legend
from gui.canvas.scene import Scene
from gui.canvas.transform import ViewTransform
from gui.canvas.view_options import View
from gui.values import ShownFrame
from tests.gui.canvas.made import FRAME_WH, MODEL, made_frame, tracked

pytestmark = pytest.mark.usefixtures("qtbot")
SCALE = 2
GROUND = (128, 128, 128)


def scene_of(shown: ShownFrame, view: View, **more: object) -> Scene:
    area = QRectF(0, 0, FRAME_WH[0] * SCALE, FRAME_WH[1] * SCALE)
    raw = None
    if view.raw_boxes or view.grid:
        assert shown.candidates is not None
        raw = raw_boxes(shown.candidates, Thresholds())
    return Scene(shown, ViewTransform(SCALE), area, view, raw, **more)


def painted(scene: Scene) -> np.ndarray:
    """RGB `[H, W, 3]` of the view."""
    image = QImage(scene.area.size().toSize(), QImage.Format.Format_RGB32)
    image.fill(0xFF808080)
    painter = QPainter(image)
    paint_scene(painter, scene)
    painter.end()
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)
    return pixels[..., 2::-1].copy()


def has(part: np.ndarray, colour: tuple[int, int, int]) -> bool:
    return bool((part == np.array(colour)).all(axis=-1).any())


ONE = made_frame([(40, 40, 120, 120)], [1], [0.75])
UNLABELLED = View(labels="none")


@pytest.mark.parametrize("style", ["outline", "corners", "filled"])
def test_boxes_are_drawn_in_their_style(style: str) -> None:
    pixels = painted(scene_of(ONE, replace(UNLABELLED, box_style=style)))
    corner, middle_of_side, inside = pixels[76:90, 76:90], pixels[150:170, 76:86], pixels[150:170, 150:170]
    assert has(corner, class_colour(1))
    assert has(middle_of_side, class_colour(1)) == (style != "corners")
    assert (inside == GROUND).all() == (style != "filled")
    assert (pixels[:70] == GROUND).all()


def test_colours_are_by_class_by_score_or_one() -> None:
    for colours, colour in (("class", class_colour(1)), ("score", score_colour(0.75)), ("one", (86, 180, 233))):
        assert has(painted(scene_of(ONE, replace(UNLABELLED, colours=colours))), colour)


def test_a_wider_line_and_a_larger_label_take_more_room() -> None:
    def inked(view: View) -> int:
        return int((painted(scene_of(ONE, view)) != GROUND).any(axis=-1).sum())

    assert inked(replace(UNLABELLED, line_px=6)) > inked(replace(UNLABELLED, line_px=1)) * 2
    assert inked(View(label_px=28)) > inked(View(label_px=9)) > inked(View(labels="none"))
    assert inked(View()) > inked(View(labels="name"))


def test_hovered_and_selected_boxes_stand_out() -> None:
    plain = painted(scene_of(ONE, UNLABELLED))
    hovered = painted(scene_of(ONE, UNLABELLED, hovered=0))
    selected = painted(scene_of(ONE, UNLABELLED, selected=0))
    assert (hovered[150:170, 150:170] != plain[150:170, 150:170]).any()
    assert has(selected, (255, 255, 255))
    assert not has(plain, (255, 255, 255))


HEAP = made_frame([(40, 40, 120, 120), (50, 40, 130, 120), (200, 20, 260, 60)], [1, 1, 0], [0.9, 0.6, 0.8])


def test_raw_boxes_lie_under_the_kept_one_in_its_colour_with_a_line_to_it() -> None:
    view = replace(UNLABELLED, raw_boxes=True)
    scene = scene_of(HEAP, view)
    pixels, without = painted(scene), painted(scene_of(HEAP, UNLABELLED))
    right_side = pixels[150:170, 256:264]
    assert (without[150:170, 256:264] == GROUND).all()
    inked = right_side[(right_side != GROUND).any(axis=-1)].astype(int)
    assert len(inked)
    share = (inked[0] - 128) / (np.array(class_colour(1)) - 128)
    assert np.ptp(share) < 0.05, "between the frame and the class' colour"
    assert 0.4 < share.mean() < 0.7
    assert (pixels[155:165, 164:176] != GROUND).any(), "the line from centre to centre"
    rows = raw_legend(scene)
    assert [row.text for row in rows] == [
        "3 raw boxes, 2 kept by NMS",
        "dot: the middle of a raw box, tied to the box that NMS kept",
    ]
    assert [row.dot for row in rows] == [False, True]


def test_the_legend_tells_of_dots_only_where_there_are_some() -> None:
    assert len(raw_legend(scene_of(ONE, replace(UNLABELLED, raw_boxes=True)))) == 1, "nothing was merged"


def test_a_row_of_the_legend_can_begin_with_a_dot() -> None:
    def legend(dot: bool) -> np.ndarray:
        image = QImage(200, 60, QImage.Format.Format_RGB32)
        image.fill(0xFF808080)
        painter = QPainter(image)
        paint_legend(painter, [LegendRow("middle", QColor(255, 255, 255), 1, dot)], QRectF(0, 0, 200, 60))
        painter.end()
        return np.frombuffer(image.constBits(), np.uint8).reshape(60, 200, 4).copy()

    rows, columns = np.nonzero((legend(True) != legend(False)).any(axis=-1))
    assert (np.ptp(rows) + 1, np.ptp(columns) + 1) == (DOT_PX, DOT_PX)


def test_of_very_many_raw_boxes_the_best_are_drawn_and_it_is_said() -> None:
    boxes = [(10 + i % 40 * 0.1, 10, 100, 100) for i in range(MOST_BOXES + 50)]
    shown = made_frame(boxes, [0] * len(boxes), list(np.linspace(0.9, 0.4, len(boxes))))
    scene = scene_of(shown, View(raw_boxes=True))
    painted(scene)
    assert [row.text for row in raw_legend(scene)] == [
        f"{len(boxes)} raw boxes, 1 kept by NMS",
        f"the best {MOST_BOXES} are drawn",
    ]


def test_no_raw_boxes_no_trouble() -> None:
    empty = made_frame([], [], [])
    painted(scene_of(empty, View(raw_boxes=True, grid=True)))
    no_model = ShownFrame(empty.frame, None, empty.detections, None)
    scene = Scene(no_model, ViewTransform(), QRectF(0, 0, 640, 320), View(raw_boxes=True, grid=True), pointer=(5, 5))
    painted(scene)
    assert grid_legend(scene)[0].text == "no model answers yet"


# The frame of 320 x 160 lies in the input of 64 x 64 at a fifth: a cell of stride 16 covers 80 x 80 frame pixels.
CELL = Cell(16, 2, 1)
ANSWERED = made_frame([(10, 10, 60, 60)], [2], [0.9], [origin_of(CELL, 64)])


def test_the_cell_that_answered_is_filled_and_the_lines_lie_between_cells() -> None:
    pixels = painted(scene_of(ANSWERED, replace(UNLABELLED, grid=True, grid_stride=16)))
    inside = pixels[200:280, 350:450].reshape(-1, 3).mean(axis=0)
    assert abs(inside - np.array(class_colour(2))).max() < 30
    assert (pixels[100:140, 500:620] == GROUND).all(), "a cell that is silent stays clear"
    assert (pixels[100:140, 476:484] != GROUND).any(), "a line between columns"


def test_all_grids_or_one() -> None:
    shown = ANSWERED
    scene = scene_of(shown, View(grid=True))
    assert shown_strides(scene) == (8, 16, 32)
    assert [row.text for row in grid_legend(scene)] == [
        "stride 8: 8x4 cells",
        "stride 16: 4x2 cells",
        "stride 32: 2x1 cells",
    ]
    assert shown_strides(scene_of(shown, View(grid=True, grid_stride=32))) == (32,)
    assert shown_strides(scene_of(shown, View(grid=True, grid_stride=64))) == (8, 16, 32), "no such stride here"
    small = replace(scene, transform=ViewTransform(0.05))
    assert "zoom in" in grid_legend(small)[0].text
    painted(small)


def test_a_model_without_a_grid_says_so() -> None:
    shown = replace(ANSWERED, model=replace(MODEL, grid_strides=None))
    scene = scene_of(shown, View(grid=True), pointer=(100, 100), hovered=0)
    painted(scene)
    assert [row.text for row in grid_legend(scene)] == ["this model has no grid"]
    assert not any("stride" in line for line in detection_lines(shown, 0))


def test_a_cell_under_the_pointer_tells_its_best_class() -> None:
    scene = scene_of(ANSWERED, View(grid=True), pointer=(200, 100))
    assert cells_under(scene) == [Cell(8, 5, 2), Cell(16, 2, 1), Cell(32, 1, 0)]
    assert cell_lines(scene) == [
        "stride 8, column 5, row 2: silent",
        "stride 16, column 2, row 1: cat 0.900",
        "stride 32, column 1, row 0: silent",
    ]
    assert cell_lines(scene_of(ANSWERED, View(grid=True), pointer=(-1, 100))) == []
    assert (painted(scene) != painted(replace(scene, pointer=None))).any()


def test_the_card_tells_everything_about_a_detection() -> None:
    shown = tracked(ANSWERED, [17])
    assert detection_lines(shown, 0) == [
        "cat  0.900",
        "50 x 50 px, 4.9% of the frame",
        "from 10, 10",
        "track 17",
        "answered by stride 16, column 2, row 1",
    ]


@pytest.mark.parametrize("at", [(0, 0), (639, 319), (639, 0), (320, 319)])
def test_the_card_stays_in_the_view(at: tuple[int, int]) -> None:
    image = QImage(640, 320, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    place = paint_card(painter, QPointF(*at), ["person  0.900", "a longer line below"], None, QRectF(0, 0, 640, 320))
    painter.end()
    assert QRectF(0, 0, 640, 320).contains(place)
    assert not place.contains(QPointF(*at))


def test_detections_as_text(qtbot: QtBot) -> None:
    assert detection_text(HEAP, 0) == "dog 0.900 [40.0, 40.0, 120.0, 120.0]"
    assert detections_tsv(HEAP).splitlines() == [
        "class\tscore\tx1\ty1\tx2\ty2",
        "dog\t0.9000\t40.0\t40.0\t120.0\t120.0",
        "person\t0.8000\t200.0\t20.0\t260.0\t60.0",
    ]
    many = made_frame([(0, 0, 9, 9), (20, 0, 29, 9), (40, 0, 49, 9)], [0, 1, 1], [0.9, 0.8, 0.7])
    assert counts_in_words(many) == "2 dog, 1 person"
    assert counts_in_words(made_frame([], [], [])) == "no detections"

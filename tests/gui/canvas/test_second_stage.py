"""Proposals, origins and marks over the frame, looked at pixel by pixel."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from detector.detections import Proposals
from detector.families.grid import origin_of
from detector.families.protocol import Cell
from gui.canvas.details import detection_lines
from gui.canvas.frame_view import FrameView
from gui.canvas.marking import DASH_DOT, DASHED, DOTTED, SOLID, Mark, Marking, Missed
from gui.canvas.origin_overlay import origin_legend, origins_xyxy
from gui.canvas.overlay import label_texts
from gui.canvas.painting import paint_scene
from gui.canvas.proposal_overlay import COLOUR, proposal_legend
from gui.canvas.scene import Scene
from gui.canvas.transform import ViewTransform
from gui.canvas.view_options import View, ViewOptions
from gui.values import ShownFrame
from tests.gui.canvas.made import FRAME_WH, MODEL, Box, made_frame

pytestmark = pytest.mark.usefixtures("qtbot")
GROUND = (128, 128, 128)
BOX: Box = (100, 40, 200, 120)
GREEN, BLUE = QColor(20, 220, 40), QColor(30, 60, 250)
BARE = View(labels="none")


def two_stage(shown: ShownFrame, boxes: list[Box], scores: list[float]) -> ShownFrame:
    """The same as if a two-stage model had found it in these proposals."""
    assert shown.candidates is not None
    proposals = Proposals(np.array(boxes, np.float32).reshape(-1, 4), np.array(scores, np.float32))
    candidates = replace(shown.candidates, proposals=proposals)
    return replace(shown, candidates=candidates, model=replace(MODEL, grid_strides=None))


def scene_of(shown: ShownFrame, view: View, **more: object) -> Scene:
    return Scene(shown, ViewTransform(), QRectF(0, 0, *FRAME_WH), view, None, **more)


def painted(scene: Scene) -> np.ndarray:
    """RGB `[H, W, 3]` of the view."""
    image = QImage(*FRAME_WH, QImage.Format.Format_RGB32)
    image.fill(0xFF808080)
    painter = QPainter(image)
    paint_scene(painter, scene)
    painter.end()
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(FRAME_WH[1], FRAME_WH[0], 4)
    return pixels[..., 2::-1].copy()


def changed(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return (one != other).any(axis=-1)


NOTHING = made_frame([], [], [])
PROPOSALS: list[Box] = [(20, 20, 60, 60), (80, 20, 120, 60), (140, 20, 180, 60)]


def test_so_many_proposals_are_drawn_as_the_slider_says_the_best_first() -> None:
    shown = two_stage(NOTHING, PROPOSALS, [0.95, 0.7, 0.1])
    empty = painted(scene_of(NOTHING, BARE))
    for most in (1, 2, 3):
        ink = changed(painted(scene_of(shown, replace(BARE, proposals=True, most_proposals=most))), empty)[:70]
        drawn = [bool(ink[30:50, round(box[0]) - 1 : round(box[0]) + 2].any()) for box in PROPOSALS]
        assert drawn == [place < most for place in range(3)]


def test_the_surer_a_proposal_the_brighter_its_line() -> None:
    pixels = painted(scene_of(two_stage(NOTHING, PROPOSALS, [0.95, 0.7, 0.1]), replace(BARE, proposals=True)))
    light = [int(pixels[40, round(box[0]) - 1 : round(box[0]) + 2].sum(axis=-1).max()) for box in PROPOSALS]
    dark = [int(pixels[40, round(box[0]) - 1 : round(box[0]) + 2].sum(axis=-1).min()) for box in PROPOSALS]
    assert light[0] > light[1] > 3 * 128
    assert dark[2] < 3 * 128


def test_the_legend_counts_proposals_or_says_that_there_are_none() -> None:
    view = View(proposals=True, most_proposals=2)
    (row,) = proposal_legend(scene_of(two_stage(NOTHING, PROPOSALS, [0.9, 0.8, 0.7]), view))
    assert (row.text, row.colour) == ("the best 2 of 3 proposals", COLOUR)
    (row,) = proposal_legend(scene_of(made_frame([], [], []), view))
    assert row.text == "no proposals: this model looks once"
    (row,) = proposal_legend(scene_of(replace(NOTHING, model=None), view))
    assert row.text == "no model answers yet"


def test_no_proposals_at_all_are_no_trouble() -> None:
    shown = two_stage(made_frame([], [], []), [], [])
    view = View(proposals=True, origins=True)
    assert painted(scene_of(shown, view)).shape == (*FRAME_WH[::-1], 3)
    assert proposal_legend(scene_of(shown, view))[0].text == "the best 0 of 0 proposals"


def test_a_detection_is_tied_to_the_proposal_that_it_grew_out_of() -> None:
    found = made_frame([BOX, (10, 10, 50, 50)], [0, 1], [0.9, 0.8], origins=[1, 0])
    shown = two_stage(found, [(5, 5, 60, 60), (20, 60, 60, 116)], [0.99, 0.5])
    places = origins_xyxy(shown)
    assert places is not None
    assert places.tolist() == [[20, 60, 60, 116], [5, 5, 60, 60]]
    before, after = (painted(scene_of(shown, replace(BARE, origins=on))) for on in (False, True))
    ink = changed(before, after)
    assert ink[70:110, 19:22].any(), "the left side of the proposal"
    # Half of the way from the proposal's middle (40, 88) to the detection's (150, 80).
    assert ink[81:88, 93:98].any(), "the line between them"
    assert "grew out of proposal 2, objectness 0.50, IoU 0.00 with it" in detection_lines(shown, 0)
    assert origin_legend(scene_of(shown, BARE))[0].text == "thin: the proposal that a detection grew out of"


def test_of_a_selected_detection_the_origin_is_drawn_alone() -> None:
    found = made_frame([BOX, (10, 10, 50, 50)], [0, 1], [0.9, 0.8], origins=[1, 0])
    shown = two_stage(found, [(220, 5, 260, 60), (20, 60, 60, 116)], [0.99, 0.5])
    view = replace(BARE, origins=True)
    for selected, proposal in ((0, np.s_[70:110, 19:22]), (1, np.s_[10:50, 219:222])):
        before = painted(scene_of(shown, BARE, selected=selected))
        ink = changed(before, painted(scene_of(shown, view, selected=selected)))
        assert ink[proposal].any()
        assert not ink[np.s_[70:110, 19:22] if selected else np.s_[10:50, 219:222]].any()


def test_a_one_stage_models_detection_is_tied_to_its_cell() -> None:
    origin = origin_of(Cell(32, 1, 0), MODEL.size)
    shown = made_frame([BOX], [0], [0.9], origins=[origin])
    places = origins_xyxy(shown)
    assert places is not None
    assert places[0, 0] == 160, "the second of two columns"
    assert origin_legend(scene_of(shown, BARE))[0].text == "thin: the cell that answered, tied to its detection"
    silent = replace(shown, model=replace(MODEL, grid_strides=None))
    assert origins_xyxy(silent) is None
    text = origin_legend(scene_of(silent, BARE))[0].text
    assert text == "this model does not tell where a detection came from"


def marked(shown: ShownFrame, *dashes: tuple[float, ...], missed: Missed | None = None) -> Marking:
    marks = tuple(Mark("made", GREEN, dash, "tag", "words") for dash in dashes)
    return Marking(shown.detections, marks, lambda row: f"a note on {row}", missed)


def lit(pixels: np.ndarray, colour: QColor, row: int) -> list[bool]:
    """Where the upper side of BOX has this colour."""
    wanted = np.array((colour.red(), colour.green(), colour.blue()))
    return [bool(it) for it in (pixels[row, 105:195] == wanted).all(axis=-1)]


@pytest.mark.parametrize(("dash", "gaps"), [(SOLID, 0), (DASHED, 4), (DASH_DOT, 4), (DOTTED, 8)])
def test_marks_are_told_by_their_lines(dash: tuple[float, ...], gaps: int) -> None:
    shown = made_frame([BOX], [0], [0.9])
    pixels = painted(scene_of(shown, BARE, marking=marked(shown, dash)))
    side = lit(pixels, GREEN, 40)
    begun = sum(was and not now for was, now in pairwise(side))
    assert begun >= gaps if gaps else all(side)


def test_kinds_of_lines_differ_without_colour() -> None:
    shown = made_frame([BOX], [0], [0.9])
    sides = [
        tuple(lit(painted(scene_of(shown, BARE, marking=marked(shown, dash))), GREEN, 40))
        for dash in (SOLID, DASHED, DASH_DOT, DOTTED)
    ]
    assert len(set(sides)) == 4


def test_labels_begin_with_the_tag() -> None:
    shown = made_frame([BOX], [0], [0.9])
    marking = marked(shown, SOLID)

    def texts(labels: str) -> list[tuple[str, ...]]:
        return label_texts(scene_of(shown, View(labels=labels), marking=marking))

    assert texts("name_score") == [("tag person 0.90", "tag person", "tag")]
    assert texts("name") == [("tag person", "tag")]
    assert texts("none") == [("tag",)]


def test_what_was_missed_is_drawn_and_named() -> None:
    mark = Mark("missed", BLUE, DOTTED, "missed", "missed")
    missed = Missed(np.array([[220, 40, 300, 140]], np.float32), ("dog",), mark)
    pixels = painted(scene_of(NOTHING, View(), marking=marked(NOTHING, missed=missed)))
    wanted = np.array((BLUE.red(), BLUE.green(), BLUE.blue()))
    assert (pixels[38:43, 225:295] == wanted).all(axis=-1).any()
    assert (pixels[122:138, 222:226] == wanted).all(axis=-1).any(), "its label, inside below"


def test_a_marking_is_never_drawn_over_other_detections(qtbot: QtBot) -> None:
    canvas = FrameView(view_options=ViewOptions())
    qtbot.addWidget(canvas)
    one, other = made_frame([BOX], [0], [0.9]), made_frame([BOX], [0], [0.9], index=1)
    canvas.show_frame(one)
    canvas.set_marking(marked(one, DASHED))
    scene = canvas.scene()
    assert scene is not None
    assert scene.marking is canvas.marking
    canvas.show_frame(other)
    scene = canvas.scene()
    assert scene is not None
    assert scene.marking is None
    canvas.clear()
    assert canvas.marking is None


def test_the_card_tells_the_note() -> None:
    shown = made_frame([BOX], [0], [0.9])
    told = marked(shown, SOLID)
    plain = painted(scene_of(shown, BARE, hovered=0, pointer=(150.0, 80.0)))
    noted = painted(scene_of(shown, BARE, hovered=0, pointer=(150.0, 80.0), marking=told))
    dark = [(pixels[:, :, 0] < 60).sum() for pixels in (plain, noted)]
    assert dark[1] > dark[0], "its card is one line higher"


def test_a_lit_box_is_raised_without_a_card(qtbot: QtBot) -> None:
    canvas = FrameView(view_options=ViewOptions())
    qtbot.addWidget(canvas)
    canvas.resize(*FRAME_WH)
    canvas.show_frame(made_frame([BOX], [0], [0.9]))
    before = canvas.grab().toImage()
    canvas.light(0)
    scene = canvas.scene()
    assert scene is not None
    assert (scene.hovered, scene.pointer) == (0, None)
    assert canvas.grab().toImage() != before
    canvas.light(None)
    assert canvas.grab().toImage() == before


def test_a_view_shows_the_same_as_another_one_of_another_size(qtbot: QtBot) -> None:
    one, other = FrameView(view_options=ViewOptions()), FrameView(view_options=ViewOptions())
    for canvas, size in ((one, (640, 320)), (other, (400, 300))):
        qtbot.addWidget(canvas)
        canvas.resize(*size)
        canvas.show_frame(made_frame([BOX], [0], [0.9]))
    one.zoom(3, QPointF(100, 50))
    other.show_like(one)
    assert other.transform.scale == one.transform.scale
    assert other.transform.to_frame(200, 150) == pytest.approx(one.transform.to_frame(320, 160))
    one.fit()
    other.show_like(one)
    assert other.fitted
    assert other.transform == ViewTransform.fit(FRAME_WH, (400, 300))

"""Frames side by side: what the lines look like, where the panes lie, what happens to a model that failed."""

import numpy as np
import pytest

from detector.comparison import Status
from detector.detections import Candidates
from detector.frames import Frame
from detector.lockstep.board import Layout, draw_board
from detector.lockstep.boxes import draw_box
from detector.lockstep.lanes import Lane
from detector.lockstep.looks import look_at
from detector.lockstep.styles import STYLES
from detector.selection import Thresholds


class Fixed:
    """Always gives the same boxes: rows of x1, y1, x2, y2, label."""

    class_names = ("cat", "dog")

    def __init__(self, *rows):
        self.rows = rows

    def predict(self, image):
        size = image.shape[1], image.shape[0]
        if not self.rows:
            return Candidates.empty(2, size)
        boxes = np.float32([row[:4] for row in self.rows])
        scores = np.float32([[0.9, 0.0] if row[4] == 0 else [0.0, 0.9] for row in self.rows])
        return Candidates(boxes, scores, np.arange(len(boxes), dtype=np.int32), size)


class Broken(Fixed):
    def predict(self, image):
        raise RuntimeError("no")


def frame(width=640, height=360, value=200):
    return Frame(np.full((height, width, 3), value, np.uint8), 7, 0.28)


def lanes_of(*detectors):
    return [Lane(f"model {place}", detector, Thresholds(score=0.5)) for place, detector in enumerate(detectors)]


def board_of(*detectors, of=None):
    lanes = lanes_of(*detectors)
    shown = of or frame()
    look = look_at(shown, lanes, 0.5)
    layout = Layout.of(len(lanes), shown.size_wh)
    return look, layout, draw_board(look, lanes, layout)


def pane_of(board, layout, place):
    row, column = divmod(place, layout.columns)
    left, top = column * (layout.cell_wh[0] + 4), row * layout.cell_wh[1] + 2 * layout.bar_px
    return board[top : top + layout.pane_wh[1], left : left + layout.pane_wh[0]]


def has(image, colour):
    return bool((image == colour).all(axis=-1).any())


def bottom_line(status, width=200):
    """Where the lower side of a box of this status has its colour: bool along it."""
    image = np.zeros((100, 240, 3), np.uint8)
    draw_box(image, (20, 20, 20 + width, 80), 2, STYLES[status])
    return (image[79, 20 : 20 + width] == STYLES[status].colour).all(axis=-1)


def test_the_lines_differ_without_their_colours():
    assert bottom_line(Status.AGREE).all()
    dashed, dotted = bottom_line(Status.ONLY), bottom_line(Status.DIFFERS)
    for line in (dashed, dotted):
        assert line.any()
        assert not line.all()

    def lengths(line):
        edges = np.flatnonzero(np.diff(np.concatenate(([0], line.astype(int), [0]))))
        return set((edges[1::2] - edges[::2]).tolist()[:-1])

    assert len(lengths(dashed)) == 1  # dashes only
    assert len(lengths(dotted)) == 2  # dashes and dots


@pytest.mark.parametrize("box", [(-30, -30, 20, 20), (220, 80, 300, 160), (10, 10, 10, 10), (-5, 40, 400, 41)])
def test_boxes_beyond_the_edge_are_drawn_as_far_as_they_are_there(box):
    image = np.zeros((100, 240, 3), np.uint8)
    draw_box(image, box, 2, STYLES[Status.ONLY])
    inside = np.argwhere((image != 0).any(axis=-1))
    x1, y1, x2, y2 = box
    assert (inside >= (max(y1, 0), max(x1, 0))).all()
    assert (inside < (max(y2, y1 + 1), max(x2, x1 + 1))).all()


def test_each_status_shows_in_the_panes_it_belongs_to():
    look, layout, board = board_of(
        Fixed((20, 60, 120, 160, 0), (300, 60, 400, 160, 1), (450, 200, 560, 300, 0)),
        Fixed((22, 60, 122, 160, 0), (300, 60, 400, 160, 0)),
    )
    assert [len(one.answers) for one in (look,)] == [2]
    first, second = pane_of(board, layout, 0), pane_of(board, layout, 1)
    for status, places in ((Status.AGREE, (1, 1)), (Status.DIFFERS, (1, 1)), (Status.ONLY, (1, 0))):
        colour = STYLES[status].colour
        assert (has(first, colour), has(second, colour)) == tuple(bool(place) for place in places), status


def test_a_model_that_failed_leaves_a_dark_pane_and_the_others_theirs():
    box = (20, 60, 120, 160, 0)
    _, layout, board = board_of(Fixed(box), Broken(), Fixed(box))
    assert pane_of(board, layout, 1).max() < 200
    assert has(pane_of(board, layout, 0), STYLES[Status.AGREE].colour)
    assert has(pane_of(board, layout, 2), STYLES[Status.AGREE].colour)


@pytest.mark.parametrize("size", [(640, 360), (3840, 2160), (32, 24), (100, 4000), (4000, 100), (641, 359)])
@pytest.mark.parametrize("count", [2, 3, 4, 5])
def test_every_size_of_frame_gives_a_board_of_a_sensible_size(count, size):
    layout = Layout.of(count, size)
    width, height = layout.size_wh
    assert width % 2 == 0 or count % 2
    assert layout.pane_wh[0] % 2 == layout.pane_wh[1] % 2 == 0
    assert width <= 2200
    assert height <= 4400
    shown = frame(*size)
    lanes = lanes_of(*[Fixed((0, 0, size[0], size[1], 0)) for _ in range(count)])
    board = draw_board(look_at(shown, lanes, 0.5), lanes, layout)
    assert board.shape == (height, width, 3)


def test_a_frame_of_another_size_is_fitted_into_the_first_one_s_pane():
    lanes = lanes_of(Fixed(), Fixed())
    layout = Layout.of(2, (640, 360))
    board = draw_board(look_at(frame(100, 300), lanes, 0.5), lanes, layout)
    pane = pane_of(board, layout, 0)
    lit = np.flatnonzero((pane == 200).all(axis=-1).any(axis=0))
    assert lit[-1] - lit[0] + 1 == pytest.approx(120, abs=2)
    assert lit[0] == pytest.approx((640 - 120) / 2, abs=2)

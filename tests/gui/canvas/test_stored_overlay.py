from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from detector.analysis.values import StoredFrame
from detector.detections import Detections
from detector.frames.protocol import Frame
from detector.palette import class_colour
from gui.analysis.overlaying import trails
from gui.canvas.frame_view import FrameView
from gui.canvas.stored_overlay import StoredBoxes, stored_text
from gui.canvas.view_options import ViewOptions
from gui.values import ShownFrame

SIDE, DOG = 300, 1
NAMES = ("person", "dog")


def stored(index: int = 7, ids: tuple[int, ...] | None = (3,)) -> StoredBoxes:
    found = Detections(
        np.array([[100, 100, 200, 200]], np.float32),
        np.array([0.83], np.float32),
        np.array([DOG], np.int32),
        np.zeros(1, np.int32),
        None if ids is None else np.array(ids, np.int32),
    )
    return StoredBoxes(index, found, NAMES, {3: (DOG, np.array([[20, 250], [80, 250]], np.float32))})


@pytest.fixture
def canvas(qtbot: QtBot) -> FrameView:
    canvas = FrameView(None, ViewOptions())
    qtbot.addWidget(canvas)
    canvas.resize(SIDE, SIDE)
    frame = Frame(np.zeros((SIDE, SIDE, 3), np.uint8), 7, 0.0)
    canvas.show_frame(ShownFrame(frame, None, Detections.empty(), None))
    return canvas


def colours(canvas: QWidget) -> set[tuple[int, int, int]]:
    image = canvas.grab().toImage()
    seen = (image.pixelColor(x, y) for x in range(90, 212) for y in (96, 97, 98, 99, 250))
    return {(one.red(), one.green(), one.blue()) for one in seen}


def trail_is_seen(canvas: QWidget) -> bool:
    colour = canvas.grab().toImage().pixelColor(50, 250)
    return (colour.red(), colour.green(), colour.blue()) == class_colour(DOG)


def test_stored_boxes_are_seen_only_when_they_are_wanted(canvas: FrameView) -> None:
    canvas.show_stored(stored())
    assert class_colour(DOG) not in colours(canvas)
    canvas.options.set(stored=True)
    assert class_colour(DOG) in colours(canvas)
    assert not trail_is_seen(canvas)
    canvas.options.set(stored=False, trails=True)
    assert class_colour(DOG) not in colours(canvas)
    assert trail_is_seen(canvas)


def test_they_lie_over_no_other_frame(canvas: FrameView) -> None:
    canvas.options.set(stored=True)
    canvas.show_stored(stored(index=8))
    assert class_colour(DOG) not in colours(canvas)
    canvas.show_stored(stored())
    canvas.show_stored(None)
    assert class_colour(DOG) not in colours(canvas)


@pytest.mark.parametrize(
    ("ids", "with_score", "text"),
    [((3,), True, "#3 dog 0.83"), ((3,), False, "#3 dog"), ((-1,), True, "dog 0.83"), (None, False, "dog")],
)
def test_labels(ids: tuple[int, ...] | None, with_score: bool, text: str) -> None:
    assert stored_text(stored(ids=ids), 0, with_score) == text


def line(index: int, *found: tuple[int, float]) -> tuple[StoredFrame, np.ndarray]:
    """A frame with (track, x) of boxes that are 20 wide and end at y 80."""
    count = len(found)
    boxes = np.array([[x, 20, x + 20, 80] for _number, x in found], np.float32).reshape(count, 4)
    frame = StoredFrame(
        index, index / 25, (SIDE, SIDE), np.full(count, DOG, np.int32), np.full(count, 0.9, np.float32), boxes
    )
    return frame, np.array([number for number, _x in found], np.int32)


def test_trails_are_of_the_tracks_that_are_there_now() -> None:
    ways = trails([line(1, (3, 10), (4, 100)), line(2), line(3, (3, 14), (-1, 50)), line(4, (3, 16), (5, 90), (-1, 7))])
    assert list(ways) == [3]
    label, points = ways[3]
    assert label == DOG
    assert points.tolist() == [[20, 80], [24, 80], [26, 80]]


def test_without_tracks_there_are_no_trails() -> None:
    frame, _ids = line(1, (3, 10))
    assert trails([(frame, None)]) == {}

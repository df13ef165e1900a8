"""Boxes and labels drawn into pictures of every size."""

import numpy as np
import pytest

from detector.detections import Detections
from detector.drawing import annotate, text_height
from detector.palette import class_colour

NAMES = ("aeroplane", "bicycle", "diningtable")


def found(*boxes, labels=None, scores=None):
    count = len(boxes)
    return Detections(
        np.array(boxes, np.float32).reshape(-1, 4),
        np.linspace(0.9, 0.5, count, dtype=np.float32) if scores is None else np.array(scores, np.float32),
        np.zeros(count, np.int32) if labels is None else np.array(labels, np.int32),
        np.arange(count, dtype=np.int32),
    )


def gray(width, height):
    return np.full((height, width, 3), 128, np.uint8)


def test_the_line_lies_on_the_pixels_just_inside_the_box():
    drawn = annotate(gray(300, 200), found((50, 60, 150, 160), labels=[1]), NAMES)
    colour = class_colour(1)
    for x, y in ((50, 100), (149, 100), (100, 159)):
        assert tuple(drawn[y, x]) == colour
    assert tuple(drawn[100, 100]) == (128, 128, 128)
    assert tuple(drawn[100, 151]) == (128, 128, 128)
    assert tuple(drawn[100, 49]) == (0, 0, 0)


def test_the_frame_itself_stays_as_it_was():
    frame = gray(100, 80)
    frame.setflags(write=False)
    drawn = annotate(frame, found((10, 10, 60, 60)), NAMES)
    assert (frame == 128).all()
    assert (drawn != 128).any()


def test_without_detections_the_copy_equals_the_frame():
    frame = gray(64, 64)
    drawn = annotate(frame, Detections.empty(), NAMES)
    assert (drawn == frame).all()
    assert drawn is not frame


def test_the_label_stands_above_the_box_or_inside_where_there_is_no_room():
    above = annotate(gray(300, 200), found((50, 100, 250, 180)), NAMES)
    assert (above[90:98, 60:100] != 128).any()
    assert (above[110:140, 60:200] == 128).all()
    inside = annotate(gray(300, 200), found((50, 0, 250, 180)), NAMES)
    assert (inside[3:12, 60:100] != 128).any(axis=-1).mean() > 0.9


def test_a_label_at_the_right_edge_is_moved_into_the_frame():
    drawn = annotate(gray(300, 200), found((280, 100, 300, 180)), NAMES)
    plate = (drawn[85:97] == class_colour(0)).all(axis=-1).any(axis=0)
    assert plate.sum() > 60
    assert plate[-1]


def test_different_scores_and_names_give_different_labels():
    pictures = [
        annotate(gray(300, 200), found((50, 100, 250, 180), labels=[0], scores=[score]), names)
        for score, names in ((0.91, NAMES), (0.42, NAMES), (0.91, ("Äpfel", *NAMES[1:])))
    ]
    assert (pictures[0] != pictures[1]).any()
    assert (pictures[0] != pictures[2]).any()


def test_track_ids_are_written_too():
    plain = found((50, 100, 250, 180))
    tracked = Detections(plain.boxes_xyxy, plain.scores, plain.labels, plain.candidate, np.array([7], np.int32))
    assert (annotate(gray(300, 200), plain, NAMES) != annotate(gray(300, 200), tracked, NAMES)).any()


def test_the_best_detection_is_on_top():
    drawn = annotate(gray(300, 200), found((50, 60, 150, 160), (50, 60, 150, 160), labels=[2, 1]), NAMES)
    assert tuple(drawn[100, 50]) == class_colour(2)


@pytest.mark.parametrize("size", [(1, 1), (7, 300), (300, 7), (40, 40), (8192, 4320)])
def test_any_frame_size_is_drawn_in(size):
    width, height = size
    frame = gray(width, height)
    drawn = annotate(frame, found((0, 0, width, height), labels=[2]), NAMES)
    assert drawn.shape == frame.shape
    assert tuple(drawn[-1, -1]) == class_colour(2)


def test_text_grows_with_the_frame_and_never_gets_unreadably_small():
    assert text_height(64, 64) == text_height(1, 1) == 12
    assert text_height(1920, 1080) > 1.5 * text_height(1280, 720) - 8
    assert 50 <= text_height(3840, 2160) <= 80

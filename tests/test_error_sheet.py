"""The sheet of the best and the worst photographs."""

import numpy as np

from detector.detections import Detections
from detector.error_sheet import CELL_WH, FALSE, MISSED, RIGHT, best_and_worst, draw_sheet, marked, verdict_of
from detector.evaluation.matching import Truth

NAMES = ("cat", "dog")
CAT, DOG = (10.0, 10, 50, 50), (60.0, 20, 110, 90)


def found(*rows):
    """Rows of box, score, label."""
    boxes, scores, labels = zip(*rows, strict=True) if rows else ((), (), ())
    count = np.arange(len(rows), dtype=np.int32)
    shape = np.array(boxes, np.float32).reshape(-1, 4)
    return Detections(shape, np.array(scores, np.float32), np.array(labels, np.int32), count)


def true(*rows, difficult=()):
    boxes, labels = zip(*rows, strict=True)
    hard = np.isin(np.arange(len(rows)), difficult)
    return Truth(np.array(boxes, np.float32), np.array(labels), hard)


BOTH = true((CAT, 0), (DOG, 1))


def test_boxes_are_right_false_or_missed():
    one = verdict_of(found((CAT, 0.9, 0), (CAT, 0.8, 1), (DOG, 0.3, 1)), BOTH, 0.5)
    assert one.rows.tolist() == [0, 1]
    assert one.right.tolist() == [True, False]
    assert one.missed.tolist() == [1]
    assert one.errors == 2


def test_difficult_objects_are_neither_missed_nor_false():
    truth = true((CAT, 0), (DOG, 1), difficult=(0, 1))
    one = verdict_of(found((DOG, 0.9, 1)), truth, 0.5)
    assert (one.rows.tolist(), one.missed.tolist(), one.errors) == ([], [], 0)


def test_the_faultless_with_most_objects_come_first_and_the_most_errors():
    verdicts = [
        verdict_of(found((CAT, 0.9, 0)), true((CAT, 0)), 0.5),
        verdict_of(found((CAT, 0.9, 0), (DOG, 0.9, 1)), BOTH, 0.5),
        verdict_of(found(), BOTH, 0.5),
        verdict_of(found((CAT, 0.9, 0)), BOTH, 0.5),
    ]
    assert best_and_worst(verdicts) == ([1, 0], [2, 3])
    assert best_and_worst(verdicts, 1) == ([1], [2])


def colours_of(picture):
    return {tuple(int(v) for v in colour) for colour in np.unique(picture.reshape(-1, 3), axis=0)}


def test_each_kind_has_its_colour():
    image = np.full((200, 300, 3), 128, np.uint8)
    one = verdict_of(found((CAT, 0.9, 0), (CAT, 0.8, 1)), BOTH, 0.5)
    assert {RIGHT, FALSE, MISSED} <= colours_of(marked(one, image, NAMES))
    faultless = verdict_of(found((CAT, 0.9, 0)), true((CAT, 0)), 0.5)
    assert not {FALSE, MISSED} & colours_of(marked(faultless, image, NAMES))
    assert image.min() == image.max() == 128


def test_a_sheet_has_a_row_for_four_and_says_where_there_is_none():
    verdicts = [verdict_of(found(), BOTH, 0.5)] * 5
    read = []

    def reader(place):
        read.append(place)
        return np.zeros((100, 120, 3), np.uint8)

    sheet = draw_sheet(verdicts, reader, NAMES, "title")
    assert read == [0, 1, 2, 3, 4]
    assert 2 * CELL_WH[1] < sheet.shape[0] < 3 * CELL_WH[1]
    assert sheet.shape[1] > 4 * CELL_WH[0]

"""Detections beside the truth."""

import numpy as np
import pytest
from hypothesis import given, settings

from detector.comparison import judge
from detector.data.frame_truth import FrameTruth
from detector.detections import Detections
from detector.errors import OptionError
from detector.evaluation.matching import Truth, match
from detector.families.coco import COCO_CLASS_NAMES, VOC_CLASS_NAMES
from tests.comparison.made import NAMES, detections, made


def truth(*rows, annotated=NAMES, declared=True):
    """From rows x1, y1, x2, y2, class name, difficult."""
    boxes = np.array([row[:4] for row in rows], np.float32).reshape(-1, 4)
    difficult = np.array([row[5] for row in rows], np.bool_)
    return FrameTruth(boxes, tuple(row[4] for row in rows), difficult, frozenset(annotated), declared)


def verdict(found):
    return found.true_positive.tolist(), found.ignored.tolist(), found.missed.tolist()


def test_right_wrong_and_missed():
    found = judge(
        detections((0, 0, 10, 10, 0, 0.9), (0, 0, 10, 10, 1, 0.8), (50, 0, 60, 10, 0, 0.7)),
        NAMES,
        truth((0, 0, 10, 9, "cat", False), (80, 0, 90, 10, "dog", False)),
    )
    assert verdict(found) == ([True, False, False], [False, False, False], [1])
    assert found.false_positive.tolist() == [False, True, True]


def test_a_true_box_is_found_once_and_by_the_best_score():
    twice = detections((0, 0, 10, 9, 0, 0.9), (0, 0, 10, 10, 0, 0.8))
    assert verdict(judge(twice, NAMES, truth((0, 0, 10, 10, "cat", False)))) == ([True, False], [False, False], [])


def test_the_best_score_comes_first_in_whatever_order_detections_are():
    twice = detections((0, 0, 10, 10, 0, 0.5), (0, 0, 10, 9, 0, 0.9))
    assert judge(twice, NAMES, truth((0, 0, 10, 10, "cat", False))).true_positive.tolist() == [False, True]


def test_difficult_objects_count_neither_for_nor_against():
    there = truth((0, 0, 10, 10, "cat", True))
    assert verdict(judge(detections((0, 0, 10, 10, 0, 0.9)), NAMES, there)) == ([False], [True], [])
    assert verdict(judge(Detections.empty(), NAMES, there)) == ([], [], [])


def test_the_threshold_counts():
    box, there = detections((0, 0, 10, 6, 0, 0.9)), truth((0, 0, 10, 10, "cat", False))
    assert judge(box, NAMES, there, 0.6).true_positive.tolist() == [True]
    assert judge(box, NAMES, there, 0.61).true_positive.tolist() == [False]
    with pytest.raises(OptionError):
        judge(box, NAMES, there, 0.0)


def test_vocs_and_cocos_words_meet():
    box = detections((0, 0, 10, 10, COCO_CLASS_NAMES.index("tv"), 0.9))
    there = truth((0, 0, 10, 10, "tvmonitor", False), annotated=VOC_CLASS_NAMES)
    assert verdict(judge(box, COCO_CLASS_NAMES, there)) == ([True], [False], [])


def test_classes_that_only_one_of_both_knows_are_not_judged():
    giraffe = detections((0, 0, 10, 10, 0, 0.9))
    there = truth((50, 0, 60, 10, "sofa", False), annotated=VOC_CLASS_NAMES)
    assert verdict(judge(giraffe, ("giraffe",), there)) == ([False], [True], [])


def test_annotations_in_vocs_words_that_list_no_classes_are_about_vocs_twenty():
    there = truth((50, 0, 60, 10, "sofa", False), annotated=(), declared=False)
    boxes = detections((0, 0, 10, 10, 0, 0.9), (0, 0, 10, 10, 1, 0.8))
    assert judge(boxes, ("giraffe", "cow"), there).ignored.tolist() == [True, False]


def test_other_annotations_that_list_no_classes_are_about_everything():
    there = truth((50, 0, 60, 10, "helmet", False), annotated=("helmet",), declared=False)
    assert judge(detections((0, 0, 10, 10, 0, 0.9)), ("giraffe",), there).false_positive.tolist() == [True]


@settings(max_examples=200, deadline=None)
@given(made(8), made(8))
def test_hits_are_those_that_average_precision_counts(found, there):
    order = np.argsort(-found.scores, kind="stable")
    found = Detections(found.boxes_xyxy[order], found.scores[order], found.labels[order], found.candidate)
    difficult = there.scores < 0.5
    judgement = judge(
        found, NAMES, FrameTruth(there.boxes_xyxy, tuple(NAMES[i] for i in there.labels), difficult, frozenset(NAMES))
    )
    matches = match([(found, Truth(there.boxes_xyxy, there.labels, difficult))], NAMES)
    for label, one in enumerate(matches.classes):
        own = found.labels == label
        assert judgement.true_positive[own].tolist() == one.hit[0].tolist()
        assert judgement.ignored[own].tolist() == one.ignored[0].tolist()
    assert len(judgement.missed) == int((~difficult).sum()) - int(judgement.true_positive.sum())
    assert not difficult[judgement.missed].any()

import numpy as np
import pytest

from detector.families.faster_rcnn import FasterRCNNFamily
from detector.geometry import Letterbox

# A frame twice as wide as high, in a square of 64 pixels: its lower half is gray.
LETTERBOX = Letterbox.fit((128, 64), 64)


def outputs(per_class):
    scores = np.float32([(0.1, 0.7), (0.3, 0.001), (0.9, 0.9), (0.002, 0.002), (0, 0)])
    boxes = np.float32([(0, 0, 20, 20), (10, 10, 30, 30), (0, 40, 9, 60), (5, 5, 9, 9), (0, 0, 0, 0)])
    proposals = boxes + np.float32([0, 0, 2, 2])
    proposals[4] = 0
    if per_class:
        boxes = np.stack((boxes, boxes + 1), axis=1)  # [P, C, 4]
    return scores, boxes, proposals, np.float32([0.9, 0.8, 0.7, 0.6, 0])


def test_one_box_for_all_classes():
    candidates = FasterRCNNFamily().interpret(outputs(False), LETTERBOX, 0.005)
    np.testing.assert_allclose(candidates.boxes_xyxy, [(0, 0, 40, 40), (20, 20, 60, 60)])
    np.testing.assert_allclose(candidates.scores, [(0.1, 0.7), (0.3, 0.001)])
    assert candidates.origin.tolist() == [0, 1]


def test_a_box_for_each_class_gives_a_candidate_for_each():
    candidates = FasterRCNNFamily().interpret(outputs(True), LETTERBOX, 0.005)
    np.testing.assert_allclose(candidates.scores, [(0.1, 0), (0, 0.7), (0.3, 0)], rtol=1e-6)
    np.testing.assert_allclose(candidates.boxes_xyxy, [(0, 0, 40, 40), (2, 2, 42, 42), (20, 20, 60, 60)])
    assert candidates.origin.tolist() == [0, 0, 1]


def test_proposals_of_the_frame_come_along_best_first():
    proposals = FasterRCNNFamily().interpret(outputs(False), LETTERBOX, 0.005).proposals
    assert proposals is not None
    # The third looks at the gray alone, the last row is padding.
    np.testing.assert_allclose(proposals.scores, [0.9, 0.8, 0.6])
    np.testing.assert_allclose(proposals.boxes_xyxy[0], (0, 0, 44, 44))


def test_nothing_found_is_no_candidate():
    empty = [np.zeros((4, 2), np.float32), np.zeros((4, 4), np.float32), np.zeros((4, 4), np.float32)]
    candidates = FasterRCNNFamily().interpret((*empty, np.zeros(4, np.float32)), LETTERBOX, 0.005)
    assert len(candidates) == 0
    assert candidates.scores.shape == (0, 2)
    assert len(candidates.proposals) == 0


def test_there_are_no_cells():
    assert FasterRCNNFamily().grid_strides is None
    with pytest.raises(IndexError, match="proposals, not cells"):
        FasterRCNNFamily().cell(0, 320)

from __future__ import annotations

import numpy as np

from detector.detections import Detections
from gui.selection import Selection, counts_by_class

NAMES = ("cat", "dog", "person")


def test_hidden_classes_outlive_a_model_with_other_labels() -> None:
    selection = Selection(0.4, 0.6)
    assert selection.thresholds(NAMES).labels is None
    selection.set_shown("dog", False)
    assert selection.thresholds(NAMES).labels == {0, 2}
    assert selection.thresholds(("dog", "horse")).labels == {1}
    selection.set_shown("dog", True)
    selection.set_shown("dog", True)
    thresholds = selection.thresholds(NAMES)
    assert (thresholds.labels, thresholds.score, thresholds.nms_iou) == (None, 0.4, 0.6)


def test_counts_by_class() -> None:
    boxes = np.tile(np.array([0, 0, 1, 1], np.float32), (3, 1))
    labels = np.array([2, 0, 2], np.int32)
    detections = Detections(boxes, np.ones(3, np.float32), labels, np.arange(3, dtype=np.int32))
    assert counts_by_class(detections, NAMES) == {"person": 2, "cat": 1}

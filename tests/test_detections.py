"""The values that everything exchanges, and the way to and from supervision's."""

import sys
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from detector.detections import Candidates, Detections


@dataclass
class Lookalike:
    """The part of `supervision.Detections` that is exchanged; it declares these fields with these meanings."""

    xyxy: np.ndarray
    confidence: Any = None
    class_id: Any = None
    tracker_id: Any = None


def three(track_ids=None):
    return Detections(
        np.float32([(0, 0, 4, 5), (1, 1, 9, 9), (2, 3, 4, 8)]),
        np.float32([0.9, 0.5, 0.25]),
        np.int32([2, 0, 7]),
        np.int32([11, 3, 5]),
        track_ids,
    )


def test_empty_values_have_the_shapes_of_full_ones():
    candidates, detections = Candidates.empty(20, (640, 480)), Detections.empty()
    assert (len(candidates), len(detections)) == (0, 0)
    assert candidates.scores.shape == (0, 20)
    assert detections.boxes_xyxy.shape == (0, 4)
    assert detections.labels.dtype == three().labels.dtype
    assert detections.boxes_xyxy.dtype == three().boxes_xyxy.dtype


@pytest.mark.parametrize("track_ids", [None, np.int32([5, 6, 7])])
def test_there_and_back_is_the_same(monkeypatch, track_ids):
    monkeypatch.setitem(sys.modules, "supervision", SimpleNamespace(Detections=Lookalike))
    before = three(track_ids)
    theirs = before.to_supervision()
    assert theirs.class_id.dtype == int  # supervision looks classes up by it
    after = Detections.from_supervision(theirs)
    np.testing.assert_array_equal(after.boxes_xyxy, before.boxes_xyxy)
    np.testing.assert_array_equal(after.scores, before.scores)
    np.testing.assert_array_equal(after.labels, before.labels)
    assert (after.track_ids is None) == (track_ids is None)
    if track_ids is not None:
        np.testing.assert_array_equal(after.track_ids, track_ids)
    assert after.candidate.tolist() == [0, 1, 2]


def test_what_supervision_leaves_out_is_filled_in():
    found = Detections.from_supervision(Lookalike(np.array([(0, 0, 4, 5), (1, 1, 9, 9)])))
    assert found.scores.tolist() == [1, 1]
    assert found.labels.tolist() == [0, 0]
    assert found.labels.dtype == np.int32
    assert found.boxes_xyxy.dtype == np.float32


def test_empty_supervision_detections_keep_their_shape():
    found = Detections.from_supervision(Lookalike(np.zeros((0, 4)), np.zeros(0), np.zeros(0)))
    assert found.boxes_xyxy.shape == (0, 4)


def test_without_supervision_the_conversion_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "supervision", None)
    with pytest.raises(ImportError):
        three().to_supervision()

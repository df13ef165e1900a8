"""Detections beside the truth: which are right, and what was missed. As Pascal VOC counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.comparison.pairing import DEFAULT_IOU, check_iou
from detector.data.frame_truth import FrameTruth
from detector.detections import Detections
from detector.evaluation.matching import match_boxes
from detector.families.coco import VOC_CLASS_NAMES, voc_name


@dataclass(frozen=True)
class Judgement:
    """What the truth says of a frame's detections.

    true_positive: bool `[K]`. ignored: bool `[K]`, neither right nor wrong: on a difficult object, or of a class that
    the truth does not know. missed: int32, rows of the truth that no detection found, in order, difficult ones and
    those of classes that the model does not know left out.
    """

    true_positive: NDArray[np.bool_]
    ignored: NDArray[np.bool_]
    missed: NDArray[np.int32]

    @property
    def false_positive(self) -> NDArray[np.bool_]:
        """bool `[K]`, detections of something that is not there."""
        return ~(self.true_positive | self.ignored)


def judge(detections: Detections, names: Sequence[str], truth: FrameTruth, iou: float = DEFAULT_IOU) -> Judgement:
    """Match detections with the true boxes of the same class one to one, best score first.

    Each detection in turn takes the free true box it overlaps most, if the IoU reaches `iou`; failing that, one that
    lies in a difficult object is ignored. This is the matching that average precision is counted with.

    Args:
        names: the model's class names in label order; they meet the truth's by name, VOC's and COCO's words for the
            same thing counting as one.

    Raises:
        OptionError: `iou` is out of range.
    """
    check_iou(iou)
    own = np.array([voc_name(name) for name in names], np.str_)
    true = np.array([voc_name(name) for name in truth.class_names], np.str_)
    count = len(detections)
    hit, ignored = np.zeros(count, np.bool_), np.zeros(count, np.bool_)
    found = truth.difficult | ~np.isin(true, own)
    known = _judged_classes(truth)
    best_first = np.argsort(-detections.scores, kind="stable")
    classes = own[detections.labels]
    for name in dict.fromkeys(classes.tolist()):
        rows = best_first[classes[best_first] == name]
        if known is not None and name not in known:
            ignored[rows] = True
            continue
        there = np.flatnonzero(true == name)
        taken, unsure = match_boxes(
            detections.boxes_xyxy[rows], truth.boxes_xyxy[there], truth.difficult[there], thresholds=(iou,)
        )
        hit[rows], ignored[rows] = taken[0] >= 0, unsure[0]
        found[there[taken[0][taken[0] >= 0]]] = True
    return Judgement(hit, ignored, np.flatnonzero(~found).astype(np.int32))


def _judged_classes(truth: FrameTruth) -> frozenset[str] | None:
    """The classes, in VOC's words, of which a detection without a true box is wrong; None for all."""
    annotated = frozenset(voc_name(name) for name in (*truth.annotated, *truth.class_names))
    if truth.declared:
        return annotated
    # Pascal's own annotations list their twenty classes nowhere. Of others nobody knows what they leave out.
    voc = frozenset(VOC_CLASS_NAMES)
    return voc if annotated and annotated <= voc else None

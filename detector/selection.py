"""From candidates to detections: score threshold, class filter, non-maximum suppression. Acts without the network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import cv2
import numpy as np

from detector.detections import Candidates, Detections
from detector.errors import OptionError
from detector.geometry import clip_boxes

MIN_SIDE_PX = 1e-3


@dataclass(frozen=True)
class Thresholds:
    """What is kept of the candidates.

    score: keep scores above this, 0..1. class_scores: other floors for single labels.
    nms_iou: of two boxes of one class that overlap more than this the lower-scored goes, 0..1.
    labels: only these labels, or None for all. most: at most so many detections.
    many_labels: one candidate may give several detections, one per class above the threshold (as evaluation counts);
    otherwise each gives its best class only.
    """

    score: float = 0.35
    nms_iou: float = 0.5
    labels: frozenset[int] | None = None
    class_scores: Mapping[int, float] = field(default_factory=dict)
    most: int = 300
    many_labels: bool = False

    def __post_init__(self) -> None:
        for name, value in (("score", self.score), ("NMS IoU", self.nms_iou), *self._class_items()):
            if not 0.0 <= value <= 1.0:
                raise OptionError(f"the {name} threshold is {value:g}; it must lie between 0 and 1.")

    def _class_items(self) -> list[tuple[str, float]]:
        return [(f"score (class {label})", value) for label, value in self.class_scores.items()]


# VOC's protocol as data sets are scored here: nearly everything, 100 a photograph.
EVALUATION_THRESHOLDS = Thresholds(score=0.005, nms_iou=0.5, most=100, many_labels=True)


def select(candidates: Candidates, thresholds: Thresholds) -> Detections:
    """Keep the best of the candidates. Class-wise NMS by OpenCV, so that no torch is needed."""
    if len(candidates) == 0:
        return Detections.empty()
    floors = np.full(candidates.scores.shape[1], thresholds.score, np.float32)
    for label, value in thresholds.class_scores.items():
        floors[label] = value
    if thresholds.labels is not None:
        hidden = np.ones(len(floors), np.bool_)
        hidden[sorted(thresholds.labels)] = False
        floors[hidden] = np.inf
    if thresholds.many_labels:
        rows, labels = np.nonzero(candidates.scores > floors)
    else:
        best = np.where(np.isinf(floors), -1, candidates.scores).argmax(axis=1)
        rows = np.flatnonzero(np.take_along_axis(candidates.scores, best[:, None], 1)[:, 0] > floors[best])
        labels = best[rows]
    boxes = clip_boxes(candidates.boxes_xyxy[rows], candidates.frame_size_wh)
    solid = ((boxes[:, 2:] - boxes[:, :2]) > MIN_SIDE_PX).all(axis=1)
    rows, labels, boxes = rows[solid], labels[solid], boxes[solid]
    if len(rows) == 0:
        return Detections.empty()
    scores = candidates.scores[rows, labels]
    boxes_xywh = np.concatenate((boxes[:, :2], boxes[:, 2:] - boxes[:, :2]), axis=1).astype(np.float64)
    kept = np.asarray(
        cv2.dnn.NMSBoxesBatched(boxes_xywh, scores, labels.astype(np.int32), 0.0, thresholds.nms_iou)
    ).reshape(-1)
    kept = kept[np.argsort(-scores[kept], kind="stable")][: thresholds.most]
    return Detections(boxes[kept], scores[kept], labels[kept].astype(np.int32), rows[kept].astype(np.int32))

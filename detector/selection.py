"""From candidates to detections: score threshold, class filter, non-maximum suppression. Acts without the network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.detections import Candidates, Detections
from detector.errors import OptionError
from detector.geometry import box_iou, clip_boxes

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


RAW_LIMIT = 1000


def select(candidates: Candidates, thresholds: Thresholds) -> Detections:
    """Keep the best of the candidates. Class-wise NMS by OpenCV, so that no torch is needed."""
    above = _above(candidates, thresholds)
    if len(above) == 0:
        return Detections.empty()
    kept = _suppress(above, thresholds.nms_iou)[: thresholds.most]
    return Detections(above.boxes_xyxy[kept], above.scores[kept], above.labels[kept], above.rows[kept])


@dataclass(frozen=True)
class RawBoxes:
    """What NMS chooses from: boxes above the score threshold, and which box stands for each. Best score first.

    boxes_xyxy: float32 `[R, 4]` in frame pixels, cut to the frame. scores: float32 `[R]`. labels: int32 `[R]`.
    candidate: int32 `[R]`, the row of each candidate. kept_by: int32 `[R]`, the row (of these) of the box that each
    gave way to; its own row where it was kept; -1 where the keeper fell to the limit on the number of detections.
    """

    boxes_xyxy: NDArray[np.float32]
    scores: NDArray[np.float32]
    labels: NDArray[np.int32]
    candidate: NDArray[np.int32]
    kept_by: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.boxes_xyxy)

    @property
    def kept(self) -> NDArray[np.bool_]:
        """Which of them `select` gives as detections: bool `[R]`."""
        return np.asarray(self.kept_by == np.arange(len(self)))


def raw_boxes(candidates: Candidates, thresholds: Thresholds, limit: int = RAW_LIMIT) -> RawBoxes:
    """The `limit` best boxes before NMS. Those that are kept are the detections that `select` gives, as far as the
    limit reaches; every other one has the class of its keeper, no higher score, and overlaps it more than `nms_iou`.
    """
    above = _above(candidates, thresholds)
    best = above.take(np.argsort(-above.scores, kind="stable")[:limit])
    kept_by = np.full(len(best), -1, np.int32)
    if len(best):
        # What a box gives way to has a higher score, so the best of all decide among themselves.
        kept = _suppress(best, thresholds.nms_iou)
        for label in np.unique(best.labels[kept]):
            keepers = np.sort(kept[best.labels[kept] == label])  # [k]
            members = np.flatnonzero(best.labels == label)  # [m]
            overlap = box_iou(best.boxes_xyxy[members], best.boxes_xyxy[keepers])  # [m, k]
            overlap[keepers[None, :] >= members[:, None]] = -1  # only what stands before a box can suppress it
            over = overlap > thresholds.nms_iou
            # Rounding may differ from OpenCV's in the last digit; then the nearest keeper it is.
            first = np.where(over.any(axis=1), over.argmax(axis=1), overlap.argmax(axis=1))
            kept_by[members] = keepers[first]
            kept_by[keepers] = keepers
        lost = kept[thresholds.most :]
        kept_by[np.isin(kept_by, lost)] = -1
    return RawBoxes(best.boxes_xyxy, best.scores, best.labels, best.rows, kept_by)


@dataclass(frozen=True)
class _Above:
    """Pairs of candidate and class above the score threshold: boxes `[R, 4]` cut to the frame, scores, labels, rows."""

    boxes_xyxy: NDArray[np.float32]
    scores: NDArray[np.float32]
    labels: NDArray[np.int32]
    rows: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, places: NDArray[np.intp]) -> _Above:
        return _Above(self.boxes_xyxy[places], self.scores[places], self.labels[places], self.rows[places])


def _above(candidates: Candidates, thresholds: Thresholds) -> _Above:
    """What thresholds and class filter leave, in the order of the candidates."""
    floors = np.full(candidates.scores.shape[1], thresholds.score, np.float32)
    for label, value in thresholds.class_scores.items():
        floors[label] = value
    if thresholds.labels is not None:
        hidden = np.ones(len(floors), np.bool_)
        hidden[sorted(thresholds.labels)] = False
        floors[hidden] = np.inf
    if len(candidates) == 0:
        rows = labels = np.zeros(0, np.intp)
    elif thresholds.many_labels:
        rows, labels = np.nonzero(candidates.scores > floors)
    else:
        best = np.where(np.isinf(floors), -1, candidates.scores).argmax(axis=1)
        rows = np.flatnonzero(np.take_along_axis(candidates.scores, best[:, None], 1)[:, 0] > floors[best])
        labels = best[rows]
    boxes = clip_boxes(candidates.boxes_xyxy[rows], candidates.frame_size_wh)
    solid = ((boxes[:, 2:] - boxes[:, :2]) > MIN_SIDE_PX).all(axis=1)
    rows, labels, boxes = rows[solid], labels[solid], boxes[solid]
    return _Above(boxes, candidates.scores[rows, labels], labels.astype(np.int32), rows.astype(np.int32))


def _suppress(above: _Above, nms_iou: float) -> NDArray[np.intp]:
    """The places of what class-wise NMS keeps, best score first."""
    boxes = above.boxes_xyxy
    boxes_xywh = np.concatenate((boxes[:, :2], boxes[:, 2:] - boxes[:, :2]), axis=1).astype(np.float64)
    kept = np.asarray(cv2.dnn.NMSBoxesBatched(boxes_xywh, above.scores, above.labels, 0.0, nms_iou), np.intp)
    kept = kept.reshape(-1)
    return kept[np.argsort(-above.scores[kept], kind="stable")]

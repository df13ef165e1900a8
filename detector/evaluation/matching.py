"""Which detections hit a true box. COCO's matching, with VOC's difficult objects in the role of COCO's crowds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.detections import Detections
from detector.errors import DataSetError

IOU_THRESHOLDS: tuple[float, ...] = tuple(float(t) for t in np.linspace(0.5, 0.95, 10))


@dataclass(frozen=True)
class Truth:
    """The true boxes of one photograph.

    boxes_xyxy: float `[N, 4]` in pixels of the photograph. labels: int `[N]`.
    difficult: bool `[N]`; whether such a box is found counts neither for nor against.
    """

    boxes_xyxy: NDArray[np.floating]
    labels: NDArray[np.integer]
    difficult: NDArray[np.bool_]


@dataclass(frozen=True)
class ClassMatches:
    """All detections of one class in all photographs, best score first (equal scores in the order they came).

    scores: float32 `[D]`. photographs: int64 `[D]`, which photograph each is from.
    hit, ignored: bool `[T, D]` at each of `IOU_THRESHOLDS`; neither of the two is a false box.
    truths: int64 `[P]`, the boxes to find in each photograph, difficult ones left out.
    """

    scores: NDArray[np.float32]
    photographs: NDArray[np.int64]
    hit: NDArray[np.bool_]
    ignored: NDArray[np.bool_]
    truths: NDArray[np.int64]


@dataclass(frozen=True)
class Matches:
    """What average precision, curves and bootstrap are computed from. `classes` is in the order of `class_names`."""

    class_names: tuple[str, ...]
    classes: tuple[ClassMatches, ...]
    photograph_count: int


def match(pairs: Iterable[tuple[Detections, Truth]], class_names: Sequence[str]) -> Matches:
    """Match the detections of each photograph with its truth, class by class, at every IoU threshold.

    Args:
        pairs: one per photograph; labels of both index `class_names`. Detections are best score first.
        class_names: the classes that are scored.

    Raises:
        DataSetError: there is no photograph.
    """
    class_count = len(class_names)
    rows: list[list[_Row]] = [[] for _ in range(class_count)]
    truths: list[NDArray[np.int64]] = []
    for photograph, (detections, truth) in enumerate(pairs):
        truths.append(np.bincount(truth.labels[~truth.difficult], minlength=class_count))
        for label in np.unique(detections.labels):
            mine, true = detections.labels == label, truth.labels == label
            hit, ignored = match_class(detections.boxes_xyxy[mine], truth.boxes_xyxy[true], truth.difficult[true])
            rows[label].append(_Row(photograph, detections.scores[mine], hit, ignored))
    if not truths:
        raise DataSetError("there is no photograph to evaluate on; check the data set.")
    counts = np.stack(truths).astype(np.int64)  # [P, C]
    return Matches(
        tuple(class_names), tuple(_joined(rows[label], counts[:, label]) for label in range(class_count)), len(counts)
    )


def match_class(
    boxes_xyxy: NDArray[np.floating], true_xyxy: NDArray[np.floating], difficult: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which boxes `match_boxes` takes for hits, and which it ignores: bool `[T, D]` each."""
    taken, ignored = match_boxes(boxes_xyxy, true_xyxy, difficult)
    return taken >= 0, ignored


def match_boxes(
    boxes_xyxy: NDArray[np.floating],
    true_xyxy: NDArray[np.floating],
    difficult: NDArray[np.bool_],
    thresholds: Sequence[float] = IOU_THRESHOLDS,
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Match boxes `[D, 4]`, best first, with the true boxes `[G, 4]` of the same class and photograph.

    Each box in turn takes the free true box that it overlaps most, if the IoU reaches the threshold. Failing that, a
    box that lies in a difficult one is ignored: as for COCO's crowds, the part of the *box* that is covered counts.

    Args:
        thresholds: T of them, the lowest first.

    Returns:
        taken: int64 `[T, D]`, the row of the true box that each box hits, -1 for none. ignored: bool `[T, D]`.
    """
    levels = np.array(thresholds)
    shape = (len(levels), len(boxes_xyxy))
    taken = np.full(shape, -1, np.int64)
    if len(boxes_xyxy) == 0 or len(true_xyxy) == 0:
        return taken, np.zeros(shape, np.bool_)
    overlaps, covered = _overlaps(boxes_xyxy.astype(np.float64), true_xyxy.astype(np.float64))  # [D, G] each
    plain, in_difficult = overlaps[:, ~difficult], covered[:, difficult].max(axis=1, initial=0)
    plain_rows = np.flatnonzero(~difficult)
    free = np.ones((len(levels), plain.shape[1]), np.bool_)
    every = np.arange(len(levels))
    # Most boxes reach no true one; they need no turn.
    for row in np.flatnonzero(plain.max(axis=1, initial=0) >= levels[0]):
        reachable = np.where(free, plain[row], -1.0)  # [T, G]
        # The last of equals, as pycocotools takes.
        best = reachable.shape[1] - 1 - reachable[:, ::-1].argmax(axis=1)
        found = reachable[every, best] >= levels
        free[every[found], best[found]] = False
        taken[found, row] = plain_rows[best[found]]
    ignored = (taken < 0) & (in_difficult[None, :] >= levels[:, None])
    return taken, ignored


@dataclass(frozen=True)
class _Row:
    photograph: int
    scores: NDArray[np.float32]
    hit: NDArray[np.bool_]
    ignored: NDArray[np.bool_]


def _joined(rows: Sequence[_Row], truths: NDArray[np.int64]) -> ClassMatches:
    nothing = np.zeros((len(IOU_THRESHOLDS), 0), np.bool_)
    scores = np.concatenate([row.scores for row in rows] or [np.zeros(0, np.float32)])
    photographs = np.repeat([row.photograph for row in rows], [len(row.scores) for row in rows]).astype(np.int64)
    hit = np.concatenate([row.hit for row in rows] or [nothing], axis=1)
    ignored = np.concatenate([row.ignored for row in rows] or [nothing], axis=1)
    order = np.argsort(-scores, kind="stable")
    return ClassMatches(scores[order], photographs[order], hit[:, order], ignored[:, order], truths)


def _overlaps(boxes: NDArray[np.float64], true: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """IoU `[D, G]`, and the part of each box that each true one covers `[D, G]`. float64: thresholds are exact."""
    corner = np.maximum(boxes[:, None, :2], true[None, :, :2])
    opposite = np.minimum(boxes[:, None, 2:], true[None, :, 2:])
    common = np.prod(np.maximum(opposite - corner, 0), axis=-1)
    area = np.prod(np.maximum(boxes[:, 2:] - boxes[:, :2], 0), axis=-1)[:, None]
    true_area = np.prod(np.maximum(true[:, 2:] - true[:, :2], 0), axis=-1)[None, :]
    union = area + true_area - common
    nothing = np.zeros_like(common)
    return (
        np.divide(common, union, out=nothing.copy(), where=union > 0),
        np.divide(common, np.broadcast_to(area, common.shape), out=nothing.copy(), where=area > 0),
    )

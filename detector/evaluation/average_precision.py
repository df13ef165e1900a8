"""Average precision from matches: VOC's all-point area at IoU 0.5, and COCO's 101 samples at IoU 0.5 to 0.95.

Photographs carry weights, so the same arithmetic gives the figure (every weight 1) and its bootstrap resamples (how
often each photograph was drawn). Only hits matter: precision is highest there, so the falling envelope touches nothing
else, and what lies between two hits comes in by its count.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.evaluation.matching import IOU_THRESHOLDS, ClassMatches, Matches

COCO_RECALLS = np.linspace(0, 1, 101)


@dataclass(frozen=True)
class ClassFigures:
    """One class: AP50 and AP, 0-100 (NaN where there is nothing to find), and how many true boxes it has."""

    ap50: float
    ap: float
    truths: int


@dataclass(frozen=True)
class Figures:
    """AP50 (VOC, all points) and AP (COCO), 0-100, means over the classes that have true boxes; and each class."""

    ap50: float
    ap: float
    per_class: dict[str, ClassFigures]


def figures(matches: Matches) -> Figures:
    """The figures of all photographs, each counted once."""
    once = np.ones((1, matches.photograph_count))
    ap50, ap = per_class_precision(matches, once)  # [C, 1] each
    per_class = {
        name: ClassFigures(float(ap50[i, 0]), float(ap[i, 0]), int(matches.classes[i].truths.sum()))
        for i, name in enumerate(matches.class_names)
    }
    return Figures(float(mean_over_classes(ap50)[0]), float(mean_over_classes(ap)[0]), per_class)


def per_class_precision(
    matches: Matches, weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """AP50 and AP, 0-100, `[C, R]` each, for `weights [R, P]`: how often each photograph counts in each resample.

    NaN where a class has nothing to find.
    """
    ap50, ap = [], []
    for one in matches.classes:
        curves = [recall_and_envelope(one, threshold, weights) for threshold in range(len(IOU_THRESHOLDS))]
        ap50.append(100 * all_point_area(*curves[0]))
        ap.append(100 * np.mean([sampled_area(*curve) for curve in curves], axis=0))
    return np.stack(ap50), np.stack(ap)


def mean_over_classes(per_class: NDArray[np.float64]) -> NDArray[np.float64]:
    """`[C, R]` -> `[R]`, classes without truth (NaN) left out; NaN where no class has any."""
    known = ~np.isnan(per_class)
    total = np.where(known, per_class, 0).sum(axis=0)
    return np.divide(total, known.sum(axis=0), out=np.full(len(total), np.nan), where=known.any(axis=0))


def recall_and_envelope(
    one: ClassMatches, threshold: int, weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Recall and the highest precision at that recall or beyond, 0..1, at each hit, best score first: `[R, H]` each.

    Recall is NaN where nothing is to find.
    """
    photographs = weights.shape[1]
    hits = np.flatnonzero(one.hit[threshold])
    counted = np.flatnonzero(~one.ignored[threshold])
    # found[h, p]: hits of photograph p among the first h + 1; shown[h, p]: its boxes up to there that count at all.
    found = _running_counts(np.arange(len(hits)), one.photographs[hits], len(hits), photographs)
    shown = _running_counts(np.searchsorted(hits, counted), one.photographs[counted], len(hits), photographs)
    # float32 holds these counts exactly and is multiplied twice as fast.
    drawn = weights.astype(np.float32)
    true, boxes = (np.float64(drawn @ counts.T) for counts in (found, shown))  # [R, H]
    truths = (weights @ one.truths)[:, None]
    nowhere = np.full(true.shape, np.nan)
    recall = np.divide(true, truths, out=nowhere, where=truths > 0)
    precision = np.divide(true, boxes, out=np.zeros_like(true), where=boxes > 0)
    envelope = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    if len(hits) == 0:  # Nothing is found: one point keeps "no truth" (NaN) and "none found" (0) apart.
        return np.where(truths > 0, 0.0, np.nan), np.zeros((len(weights), 1))
    return recall, envelope


def all_point_area(recall: NDArray[np.float64], envelope: NDArray[np.float64]) -> NDArray[np.float64]:
    """The area under the envelope, `[R, H]` -> `[R]`: VOC's rule since 2010."""
    area: NDArray[np.float64] = (np.diff(recall, axis=1, prepend=0.0) * envelope).sum(axis=1)
    return area


def sampled_area(recall: NDArray[np.float64], envelope: NDArray[np.float64]) -> NDArray[np.float64]:
    """The envelope's mean at recalls 0, 0.01 ... 1, `[R, H]` -> `[R]`: COCO's rule."""
    reached = np.searchsorted(COCO_RECALLS, recall, side="right")  # samples up to each hit
    area: NDArray[np.float64] = (np.diff(reached, axis=1, prepend=0) * envelope).sum(axis=1) / len(COCO_RECALLS)
    return np.where(np.isnan(recall).any(axis=1), np.nan, area)


def _running_counts(
    steps: NDArray[np.int64], photographs: NDArray[np.int64], step_count: int, photograph_count: int
) -> NDArray[np.float32]:
    """`[H, P]`: how many items of photograph p have a step <= h. Those beyond the last step fall away."""
    inside = steps < step_count
    flat = steps[inside] * photograph_count + photographs[inside]
    counts = np.bincount(flat, minlength=step_count * photograph_count)
    return counts.reshape(step_count, photograph_count).cumsum(axis=0).astype(np.float32)

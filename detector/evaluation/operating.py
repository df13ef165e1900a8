"""What to expect at one score: precision, recall and false boxes, and the score that balances them best."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.evaluation.matching import ClassMatches, Matches

SCORE_STEPS = np.arange(5, 96) / 100
IOU_50 = 0


@dataclass(frozen=True)
class OperatingPoint:
    """All classes together, detections with a score above `score`, hits at IoU 0.5.

    precision, recall, f1: 0..1. false_per_frame: false boxes per photograph.
    """

    score: float
    precision: float
    recall: float
    f1: float
    false_per_frame: float


@dataclass(frozen=True)
class Curve:
    """Precision against recall, 0..1, after each detection that counts, best score first: float64 `[D]` each."""

    recall: NDArray[np.float64]
    precision: NDArray[np.float64]
    scores: NDArray[np.float32]


def operating_point(matches: Matches, score: float) -> OperatingPoint:
    """Precision, recall and false boxes of what has a score above `score`. Nothing shown means precision 0."""
    hits = false = truths = 0
    for one in matches.classes:
        kept = one.scores > score
        hits += int((one.hit[IOU_50] & kept).sum())
        false += int((~one.hit[IOU_50] & ~one.ignored[IOU_50] & kept).sum())
        truths += int(one.truths.sum())
    precision = hits / (hits + false) if hits + false else 0.0
    recall = hits / truths if truths else 0.0
    f1 = 2 * precision * recall / (precision + recall) if hits else 0.0
    return OperatingPoint(score, precision, recall, f1, false / matches.photograph_count)


def best_operating_point(matches: Matches) -> OperatingPoint:
    """The best F1 (harmonic mean of precision and recall) among scores 0.05, 0.06 ... 0.95."""
    return max((operating_point(matches, float(score)) for score in SCORE_STEPS), key=lambda point: point.f1)


def precision_recall_curve(one: ClassMatches) -> Curve:
    """The curve of one class at IoU 0.5; recall is 0 throughout where there is nothing to find."""
    counted = ~one.ignored[IOU_50]
    hits = np.cumsum(one.hit[IOU_50][counted])
    shown = np.arange(1, len(hits) + 1)
    truths = max(1, int(one.truths.sum()))
    return Curve(hits / truths, hits / shown, one.scores[counted])

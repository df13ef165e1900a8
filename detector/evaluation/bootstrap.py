"""How sure a difference of two figures is: a paired bootstrap over photographs (Efron & Tibshirani, chapter 13)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.errors import DataSetError
from detector.evaluation.average_precision import mean_over_classes, per_class_precision
from detector.evaluation.matching import Matches

RESAMPLES = 1000
CHUNK = 250
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Interval:
    """A difference in points (0-100) and the interval that holds it with 95 % confidence."""

    difference: float
    low: float
    high: float

    def excludes_zero(self) -> bool:
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class Comparison:
    """First minus second, on the same photographs."""

    ap50: Interval
    ap: Interval
    resamples: int


def compare(first: Matches, second: Matches, resamples: int = RESAMPLES, seed: int = 0) -> Comparison:
    """The differences of AP50 and AP, with intervals from drawing photographs with replacement, the same for both.

    Raises:
        DataSetError: the two were not matched on the same photographs and classes.
    """
    if first.photograph_count != second.photograph_count or first.class_names != second.class_names:
        raise DataSetError("two models can only be compared on the same photographs and classes.")
    count = first.photograph_count
    rng = np.random.default_rng(seed)
    draws = rng.multinomial(count, np.full(count, 1 / count), size=resamples).astype(np.float64)
    ap50, ap = _differences(first, second, draws)
    ap50_once, ap_once = _differences(first, second, np.ones((1, count)))
    return Comparison(_interval(ap50_once[0], ap50), _interval(ap_once[0], ap), resamples)


def _differences(
    first: Matches, second: Matches, weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """First minus second, AP50 and AP, `[R]` each."""
    parts = []
    for start in range(0, len(weights), CHUNK):
        chunk = weights[start : start + CHUNK]
        one, other = per_class_precision(first, chunk), per_class_precision(second, chunk)
        parts.append([mean_over_classes(a) - mean_over_classes(b) for a, b in zip(one, other, strict=True)])
    return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])


def _interval(difference: float, drawn: NDArray[np.float64]) -> Interval:
    tail = 50 * (1 - CONFIDENCE)
    low, high = np.nanpercentile(drawn, (tail, 100 - tail))
    return Interval(float(difference), float(low), float(high))

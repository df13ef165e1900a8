"""Whether a score means what it says: of the boxes with a score of 0.7, seven in ten should be right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from detector.evaluation.matching import ClassMatches, Matches

IOU_50 = 0
FLOOR = 0.1
"""Boxes with smaller scores are many, hardly ever shown and nearly always wrong, which every model knows."""
BIN_EDGES = np.linspace(FLOOR, 1.0, 10)
PRIOR_WEIGHT = 10.0
"""How strongly a class holds to what all classes have in common; a class has some hundred boxes."""
STEPS = 50


@dataclass(frozen=True)
class Bin:
    """Boxes with scores from `low` to `high`: their mean score, the share of them that is right, how many."""

    low: float
    high: float
    score: float
    right: float
    count: int


@dataclass(frozen=True)
class Reliability:
    """error: expected calibration error, 0..1 (Guo et al., 1706.04599, equation 3): what a box's score and the share
    of right boxes among those with like scores differ by, on average. class_gap: what a class' mean score and the share
    of its boxes that is right differ by, mean of the classes; bins of one class would hold too few boxes to tell."""

    error: float
    class_gap: float
    bins: tuple[Bin, ...]


@dataclass(frozen=True)
class ScoreMap:
    """`sigmoid(scale * logit(score) + shift)` for each class (Platt, 1999): float64 `[C]` each; a scale is above 0."""

    scale: NDArray[np.float64]
    shift: NDArray[np.float64]

    def apply(self, matches: Matches) -> Matches:
        """The same detections with the scores that they would have; their order within a class stays."""
        classes = (
            replace(one, scores=_sigmoid(scale * _logit(one.scores) + shift).astype(np.float32))
            for one, scale, shift in zip(matches.classes, self.scale, self.shift, strict=True)
        )
        return replace(matches, classes=tuple(classes))


def reliability(matches: Matches) -> Reliability:
    """Measured on boxes with a score of at least `FLOOR`; difficult objects count neither for nor against."""
    pairs = [_counted(one) for one in matches.classes]
    bins = _bins(np.concatenate([s for s, _ in pairs]), np.concatenate([r for _, r in pairs]))
    gaps = [abs(float(s.mean()) - float(r.mean())) for s, r in pairs if len(s)]
    count = sum(one.count for one in bins)
    error = sum(one.count * abs(one.score - one.right) for one in bins) / count if count else 0.0
    return Reliability(error, float(np.mean(gaps)) if gaps else 0.0, tuple(bins))


def fit_score_map(matches: Matches) -> ScoreMap:
    """The map that makes these scores most likely; each class is held to what all have in common."""
    pairs = [_counted(one) for one in matches.classes]
    everything = np.concatenate([s for s, _ in pairs]), np.concatenate([r for _, r in pairs])
    common = _fitted(*everything, np.array([1.0, 0.0]), 1.0)
    rows = np.array([_fitted(*pair, common, PRIOR_WEIGHT) for pair in pairs])  # [C, 2]
    return ScoreMap(rows[:, 0], rows[:, 1])


def reliability_after(matches: Matches, fit: Callable[[Matches], ScoreMap] = fit_score_map) -> Reliability:
    """What scores mapped by `fit` would be worth on photographs that it has not seen: each half by the other's map."""
    halves = [_of_photographs(matches, half) for half in (0, 1)]
    mapped = [fit(other).apply(own) for own, other in zip(halves, reversed(halves), strict=True)]
    classes = tuple(_together(pair) for pair in zip(*(half.classes for half in mapped), strict=True))
    return reliability(replace(matches, classes=classes))


def _counted(one: ClassMatches) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Scores and whether they hit, of what counts."""
    kept = (one.scores >= FLOOR) & ~one.ignored[IOU_50]
    return one.scores[kept].astype(np.float64), one.hit[IOU_50][kept]


def _bins(scores: NDArray[np.float64], right: NDArray[np.bool_]) -> list[Bin]:
    """Those with anything in them."""
    places = np.clip(np.digitize(scores, BIN_EDGES) - 1, 0, len(BIN_EDGES) - 2)
    found = []
    for place in range(len(BIN_EDGES) - 1):
        mine = places == place
        if mine.any():
            low, high = float(BIN_EDGES[place]), float(BIN_EDGES[place + 1])
            found.append(Bin(low, high, float(scores[mine].mean()), float(right[mine].mean()), int(mine.sum())))
    return found


def _fitted(
    scores: NDArray[np.float64], right: NDArray[np.bool_], prior: NDArray[np.float64], weight: float
) -> NDArray[np.float64]:
    """Scale and shift `[2]` by Newton's method: logistic regression with a normal prior around `prior`."""
    x = np.stack((_logit(scores), np.ones(len(scores))), axis=1)  # [N, 2]
    found = prior.copy()
    for _ in range(STEPS):
        p = _sigmoid(x @ found)
        gradient = x.T @ (p - right) + weight * (found - prior)
        curvature = (x * (p * (1 - p))[:, None]).T @ x + weight * np.eye(2)
        found = found - np.linalg.solve(curvature, gradient)
        # A map that falls would turn the order of the boxes around.
        found[0] = max(found[0], 0.1)
    return found


def _of_photographs(matches: Matches, half: int) -> Matches:
    """Only detections on every second photograph."""
    classes = []
    for one in matches.classes:
        kept = one.photographs % 2 == half
        classes.append(
            replace(
                one,
                scores=one.scores[kept],
                photographs=one.photographs[kept],
                hit=one.hit[:, kept],
                ignored=one.ignored[:, kept],
            )
        )
    return replace(matches, classes=tuple(classes))


def _together(parts: Sequence[ClassMatches]) -> ClassMatches:
    """In no order, which reliability does not ask for."""
    return replace(
        parts[0],
        scores=np.concatenate([one.scores for one in parts]),
        photographs=np.concatenate([one.photographs for one in parts]),
        hit=np.concatenate([one.hit for one in parts], axis=1),
        ignored=np.concatenate([one.ignored for one in parts], axis=1),
    )


def _logit(scores: NDArray[np.floating]) -> NDArray[np.float64]:
    inside = np.clip(scores.astype(np.float64), 1e-6, 1 - 1e-6)
    return np.log(inside / (1 - inside))


def _sigmoid(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1 / (1 + np.exp(-x))

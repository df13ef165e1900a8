"""Timing by turns: a disturbance of the machine hits everything that is measured, not one row of a table."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from detector.detector import Detector
from detector.selection import Thresholds, select

Sample = TypeVar("Sample")
WARM_LOOKS, TIMED_LOOKS = 2, 4


@dataclass(frozen=True)
class Times:
    """Milliseconds of a frame. end_to_end: from the frame to the boxes that are kept, and more than its parts by what
    lies between them. post: candidates and what is kept of them."""

    prepare_ms: float
    network_ms: float
    post_ms: float
    end_to_end_ms: float


def timed_look(detector: Detector, frame: NDArray[np.uint8]) -> Times:
    """One frame, RGB uint8 `[H, W, 3]`, at the model's usual score."""
    thresholds = Thresholds(score=detector.info.default_score)
    start_s = time.perf_counter()
    candidates = detector.predict(frame)
    predicted_s = time.perf_counter()
    select(candidates, thresholds)
    end_s = time.perf_counter()
    parts = detector.times
    post_s = parts.post_s + end_s - predicted_s
    return Times(1000 * parts.prepare_s, 1000 * parts.network_s, 1000 * post_s, 1000 * (end_s - start_s))


def take_turns(
    acts: Sequence[Callable[[int], Sample]],
    rounds: int,
    warm: int = WARM_LOOKS,
    timed: int = TIMED_LOOKS,
    advance: Callable[[], None] | None = None,
) -> list[list[Sample]]:
    """In every round every act is done `warm` times for nothing and `timed` times for the record.

    Each act is told the number of the frame, the same ones for all. Every round begins with the next act, so that
    nobody comes after the same one each time.

    Args:
        advance: called after each act's turn.

    Returns:
        What each act gave, in the order of the acts.
    """
    given: list[list[Sample]] = [[] for _ in acts]
    for number in range(rounds):
        for step in range(len(acts)):
            place = (step + number) % len(acts)
            for _ in range(warm):
                acts[place](number * timed)
            given[place] += [acts[place](number * timed + look) for look in range(timed)]
            if advance is not None:
                advance()
    return given


def medians(times: Sequence[Times]) -> Times:
    """The median of each part by itself."""
    return Times(
        median(one.prepare_ms for one in times),
        median(one.network_ms for one in times),
        median(one.post_ms for one in times),
        median(one.end_to_end_ms for one in times),
    )

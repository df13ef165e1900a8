"""Counts of classes spread over equal parts of a stretch: what a timeline draws."""

from __future__ import annotations

from math import ceil

import numpy as np
from numpy.typing import NDArray


class Bins:
    """The mean number of each class at once in each of `bins` equal parts of `low..high` (frames, or seconds)."""

    def __init__(self, classes: int, bins: int, low: float, high: float) -> None:
        self._low, self._scale = low, bins / (high - low) if high > low else 0.0
        self._sums = np.zeros((classes, bins), np.float64)
        self._looked = np.zeros(bins, np.float64)

    def add(self, start: float, end: float, counts: NDArray[np.intp]) -> None:
        """From `start` to `end` there were `counts`, integers `[C]`; what lies outside of the stretch is left out."""
        bins = len(self._looked)
        first = max(0.0, (start - self._low) * self._scale)
        last = min(float(bins), (end - self._low) * self._scale)
        there = np.flatnonzero(counts)
        for place in range(int(first), ceil(last)):
            share = min(last, place + 1) - max(first, place)
            self._looked[place] += share
            self._sums[there, place] += share * counts[there]

    def means(self) -> NDArray[np.float32]:
        """float32 `[C, bins]`; 0 where nothing was added."""
        shares = np.divide(self._sums, self._looked, out=np.zeros_like(self._sums), where=self._looked > 0)
        return shares.astype(np.float32)

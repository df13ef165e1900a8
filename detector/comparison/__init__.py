"""Two models' detections on the same frame beside each other, and beside the truth."""

from __future__ import annotations

from detector.comparison.judging import Judgement, judge
from detector.comparison.pairing import (
    DEFAULT_IOU,
    NO_COMMON_CLASS,
    FrameComparison,
    Side,
    Status,
    compare,
)
from detector.comparison.totals import ClassCounts, ComparisonTotals, Totals

__all__ = [
    "DEFAULT_IOU",
    "NO_COMMON_CLASS",
    "ClassCounts",
    "ComparisonTotals",
    "FrameComparison",
    "Judgement",
    "Side",
    "Status",
    "Totals",
    "compare",
    "judge",
]

"""Comparisons of single frames, summed over a run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from detector.comparison.pairing import FrameComparison
from detector.detections import Detections
from detector.families.coco import voc_name


@dataclass(frozen=True)
class ClassCounts:
    """Detections of one class over a run, by what the other model said. differ: it gave the box another class.

    agree counts pairs, only_first and only_second detections, differ_first and differ_second the detections of this
    class that the other model names otherwise.
    """

    agree: int = 0
    only_first: int = 0
    only_second: int = 0
    differ_first: int = 0
    differ_second: int = 0


@dataclass(frozen=True)
class ComparisonTotals:
    """Sums over the compared frames. mean_iou and mean_score_difference are over agreeing pairs; None without any.

    per_class: by class name, in VOC's words, most frequent first.
    """

    frames: int = 0
    agree: int = 0
    only_first: int = 0
    only_second: int = 0
    labels_differ: int = 0
    mean_iou: float | None = None
    mean_score_difference: float | None = None
    per_class: dict[str, ClassCounts] = field(default_factory=dict)


class Totals:
    """Adds frames up. Has one owner; `snapshot` is for everybody else."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Begin again at nothing."""
        self._frames = self._agree = self._only_first = self._only_second = self._differ = 0
        self._iou_sum = self._score_sum = 0.0
        self._classes: dict[str, list[int]] = {}

    def add(
        self,
        comparison: FrameComparison,
        first: Detections,
        second: Detections,
        first_names: Sequence[str],
        second_names: Sequence[str],
    ) -> None:
        """One more frame; the arguments as for `compare` and what it gave."""
        agree = comparison.same_label
        self._frames += 1
        self._agree += comparison.agree_count
        self._differ += comparison.differ_count
        self._only_first += len(comparison.only_first)
        self._only_second += len(comparison.only_second)
        self._iou_sum += float(comparison.ious[agree].sum())
        self._score_sum += float(comparison.score_differences[agree].sum())
        for column, rows, detections, names in (
            (0, comparison.pairs[agree, 0], first, first_names),
            (1, comparison.only_first, first, first_names),
            (2, comparison.only_second, second, second_names),
            (3, comparison.pairs[~agree, 0], first, first_names),
            (4, comparison.pairs[~agree, 1], second, second_names),
        ):
            self._count(column, (names[label] for label in detections.labels[rows]))

    def snapshot(self) -> ComparisonTotals:
        """The sums so far."""
        rows = {name: ClassCounts(*counts) for name, counts in self._classes.items()}
        ordered = sorted(rows, key=lambda name: (-sum(self._classes[name]), name))
        return ComparisonTotals(
            self._frames,
            self._agree,
            self._only_first,
            self._only_second,
            self._differ,
            self._iou_sum / self._agree if self._agree else None,
            self._score_sum / self._agree if self._agree else None,
            {name: rows[name] for name in ordered},
        )

    def _count(self, column: int, names: Iterable[str]) -> None:
        for name in names:
            self._classes.setdefault(voc_name(name), [0] * 5)[column] += 1

"""Two models' detections on the same frame: where they agree, where only one sees something, where labels differ.

Boxes are paired one to one where they overlap enough, first those of the same class, best overlap first; what is left
then pairs across classes. Which of the models is called the first changes nothing but the words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from detector.detections import Detections
from detector.families.coco import voc_name
from detector.geometry import box_iou

DEFAULT_IOU = 0.5
Side = Literal["first", "second"]
NO_COMMON_CLASS = "The two models have no class in common, so boxes are compared by their place alone."


class Status(Enum):
    """What the other model says of a detection."""

    AGREE = "agree"
    ONLY = "only"
    DIFFERS = "differs"


@dataclass(frozen=True)
class FrameComparison:
    """How the detections of two models on one frame go together. Rows are those of `Detections`.

    pairs: int32 `[P, 2]`, a row of the first and its partner of the second; best overlap first, same class before
    others. ious: float32 `[P]`. same_label: bool `[P]`, agree, or else the labels differ. score_differences: float32
    `[P]`, first minus second. only_first, only_second: int32, the rows without a partner, in order.
    class_agnostic: the models share no class name, and every pair agrees by its place alone.
    """

    pairs: NDArray[np.int32]
    ious: NDArray[np.float32]
    same_label: NDArray[np.bool_]
    score_differences: NDArray[np.float32]
    only_first: NDArray[np.int32]
    only_second: NDArray[np.int32]
    class_agnostic: bool = False

    @property
    def agree_count(self) -> int:
        return int(self.same_label.sum())

    @property
    def differ_count(self) -> int:
        return len(self.pairs) - self.agree_count

    def partner(self, side: Side, row: int) -> int | None:
        """The row of the other model's detection that goes with `row` of this side; None where it stands alone."""
        own = 0 if side == "first" else 1
        found = np.flatnonzero(self.pairs[:, own] == row)
        return int(self.pairs[found[0], 1 - own]) if len(found) else None

    def statuses(self, side: Side) -> list[Status]:
        """One for each detection of this side, in its order."""
        own, alone = (0, self.only_first) if side == "first" else (1, self.only_second)
        statuses = [Status.ONLY] * (len(self.pairs) + len(alone))
        for row, same in zip(self.pairs[:, own], self.same_label, strict=True):
            statuses[row] = Status.AGREE if same else Status.DIFFERS
        return statuses


def compare(
    first: Detections,
    second: Detections,
    first_names: Sequence[str],
    second_names: Sequence[str],
    iou: float = DEFAULT_IOU,
) -> FrameComparison:
    """Pair the detections of two models on the same frame.

    Args:
        first_names, second_names: the models' class names in label order; they meet by name, VOC's and COCO's words
            for the same thing counting as one.
        iou: pairs overlap at least this much, above 0 and at most 1.
    """
    names, others = [voc_name(name) for name in first_names], [voc_name(name) for name in second_names]
    class_agnostic = not set(names) & set(others)
    overlaps = box_iou(first.boxes_xyxy, second.boxes_xyxy)  # [K1, K2]
    if class_agnostic:
        same = np.ones(overlaps.shape, np.bool_)
    else:
        numbers = {name: number for number, name in enumerate(dict.fromkeys([*names, *others]))}
        own = np.array([numbers[name] for name in names])[first.labels]
        other = np.array([numbers[name] for name in others])[second.labels]
        same = own[:, None] == other[None, :]
    rows, columns = np.nonzero(overlaps >= iou)
    order = _best_first(rows, columns, overlaps, same, first, second)
    pairs = _one_to_one(rows[order], columns[order], len(first), len(second))
    left, right = pairs[:, 0], pairs[:, 1]
    return FrameComparison(
        pairs,
        overlaps[left, right],
        same[left, right],
        first.scores[left] - second.scores[right],
        _without(len(first), left),
        _without(len(second), right),
        class_agnostic,
    )


def _best_first(
    rows: NDArray[np.intp],
    columns: NDArray[np.intp],
    overlaps: NDArray[np.float32],
    same: NDArray[np.bool_],
    first: Detections,
    second: Detections,
) -> NDArray[np.intp]:
    """The order in which possible pairs are made. Its keys stay the same when first and second are swapped."""
    corners = (first.boxes_xyxy[rows] + second.boxes_xyxy[columns]).T  # [4, pairs]
    scores = first.scores[rows] + second.scores[columns]
    return np.lexsort((*corners, -scores, -overlaps[rows, columns], ~same[rows, columns]))


def _one_to_one(
    rows: NDArray[np.intp], columns: NDArray[np.intp], row_count: int, column_count: int
) -> NDArray[np.int32]:
    """Take possible pairs in order, none whose row or column is taken: int32 `[P, 2]`."""
    free_rows, free_columns = [True] * row_count, [True] * column_count
    pairs = []
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        if free_rows[row] and free_columns[column]:
            free_rows[row] = free_columns[column] = False
            pairs.append((row, column))
    return np.array(pairs, np.int32).reshape(-1, 2)


def _without(count: int, taken: NDArray[np.int32]) -> NDArray[np.int32]:
    return np.setdiff1d(np.arange(count, dtype=np.int32), taken).astype(np.int32)


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

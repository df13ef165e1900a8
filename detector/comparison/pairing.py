"""Two models' detections on the same frame: where they agree, where only one sees something, where labels differ.

Boxes are paired one to one where they overlap enough, first those of the same class, best overlap first; what is left
then pairs across classes. Which of the models is called the first changes nothing but the words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from detector.detections import Detections
from detector.errors import OptionError
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

    Raises:
        OptionError: `iou` is out of range.
    """
    check_iou(iou)
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


def check_iou(iou: float) -> None:
    """Raises OptionError where no boxes, or those that do not even touch, would go together."""
    if not 0.0 < iou <= 1.0:
        raise OptionError(f"the IoU from which boxes go together is {iou:g}; it must lie above 0 and at most at 1.")


def _best_first(
    rows: NDArray[np.intp],
    columns: NDArray[np.intp],
    overlaps: NDArray[np.float32],
    same: NDArray[np.bool_],
    first: Detections,
    second: Detections,
) -> NDArray[np.intp]:
    """The order in which possible pairs are made. Its keys stay the same when first and second are swapped."""
    height = overlaps[rows, columns].astype(np.float64) + 2.0 * same[rows, columns]
    order = np.argsort(-height, kind="stable")
    equal = np.diff(height[order]) == 0
    if equal.any():
        # Ties are rare, and settling them takes many keys.
        places = np.flatnonzero(np.append(equal, False) | np.insert(equal, 0, False))
        tied = order[places]
        left, right = rows[tied], columns[tied]
        corners = (first.boxes_xyxy[left] + second.boxes_xyxy[right]).T  # [4, pairs]
        order[places] = tied[np.lexsort((*corners, -(first.scores[left] + second.scores[right]), -height[tied]))]
    return order


def _one_to_one(
    rows: NDArray[np.intp], columns: NDArray[np.intp], row_count: int, column_count: int
) -> NDArray[np.int32]:
    """Take possible pairs in order, none whose row or column is taken: int32 `[P, 2]`."""
    free_rows, free_columns = [True] * row_count, [True] * column_count
    most = min(row_count, column_count)
    pairs: list[tuple[int, int]] = []
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        if free_rows[row] and free_columns[column]:
            free_rows[row] = free_columns[column] = False
            pairs.append((row, column))
            if len(pairs) == most:
                break
    return np.array(pairs, np.int32).reshape(-1, 2)


def _without(count: int, taken: NDArray[np.int32]) -> NDArray[np.int32]:
    return np.setdiff1d(np.arange(count, dtype=np.int32), taken).astype(np.int32)

"""What is written of every frame: a row per pair, a line of JSON, a row per box."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.comparison import FrameComparison, Judgement, Side
from detector.lockstep.lanes import Lane
from detector.lockstep.looks import Look, Pair
from detector.writers import Row, detection_rows

TRUTH_COLUMNS = ("right", "false", "missed")
FRAME_COLUMNS = (
    "frame", "time_s", "name", "first", "second", "agree", "only_first", "only_second", "labels_differ", "mean_iou",
    "score_difference", "first_ms", "second_ms",
    *(f"{side}_{column}" for side in ("first", "second") for column in TRUTH_COLUMNS),
)  # fmt: skip
"""A row per frame and pair. mean_iou and score_difference (first minus second) are over the boxes that agree, empty
without any. right, false, missed: by the annotations, empty where a frame has none. Where only one model is left to
look, its name is in `first` and all about pairs is empty."""

BOX_COLUMNS = (
    "frame", "time_s", "name", "model", "against", "box", "class", "label", "score", "x1", "y1", "x2", "y2", "status",
    "partner", "iou", "truth",
)  # fmt: skip
"""A row per frame, pair and box of either model. box: its number in this model's answer, best score first. status:
agree, only, differs. partner: the number of the box of `against` that it goes with. truth: right, false, ignored."""


def frame_rows(look: Look, lanes: Sequence[Lane]) -> list[Row]:
    """Rows with the keys of `FRAME_COLUMNS`."""
    if not look.pairs:
        return [_alone(look, lanes, place) for place in look.answers]
    return [_pair_row(look, lanes, pair) for pair in look.pairs]


def frame_document(look: Look, lanes: Sequence[Lane]) -> dict[str, Any]:
    """The same as an object: the models by title, the pairs in a list; null for what is not known."""
    models: dict[str, Any] = {}
    for place, answer in look.answers.items():
        models[lanes[place].title] = {"ms": round(answer.ms, 3), "detections": len(answer.detections)}
        if look.judgements is not None:
            models[lanes[place].title] |= judged(look.judgements[place])
    pairs = []
    for pair in look.pairs:
        names = {"first": lanes[pair.first].title, "second": lanes[pair.second].title}
        pairs.append(names | _counts(pair.comparison))
    return _about(look) | {"models": models, "pairs": pairs}


def box_rows(look: Look, lanes: Sequence[Lane]) -> Iterator[Row]:
    """Rows with the keys of `BOX_COLUMNS`; of the reference once for each model that it is compared with."""
    if not look.pairs:
        for place in look.answers:
            yield from _boxes_of(look, lanes, place, None, "first")
    for pair in look.pairs:
        yield from _boxes_of(look, lanes, pair.first, pair, "first")
        yield from _boxes_of(look, lanes, pair.second, pair, "second")


def judged(judgement: Judgement) -> dict[str, int]:
    """How many boxes are right and false, and how many objects were missed."""
    right, false = int(judgement.true_positive.sum()), int(judgement.false_positive.sum())
    return dict(zip(TRUTH_COLUMNS, (right, false, len(judgement.missed)), strict=True))


def _about(look: Look) -> Row:
    return {"frame": look.frame.index, "time_s": round(look.frame.time_s, 4), "name": look.frame.name}


def _alone(look: Look, lanes: Sequence[Lane], place: int) -> Row:
    row: Row = {"first": lanes[place].title, "first_ms": round(look.answers[place].ms, 3)}
    return _about(look) | row | _judged_side(look, "first", place)


def _pair_row(look: Look, lanes: Sequence[Lane], pair: Pair) -> Row:
    row: Row = {
        "first": lanes[pair.first].title,
        "second": lanes[pair.second].title,
        "first_ms": round(look.answers[pair.first].ms, 3),
        "second_ms": round(look.answers[pair.second].ms, 3),
    }
    counts: Row = {name: "" if value is None else value for name, value in _counts(pair.comparison).items()}
    truth = _judged_side(look, "first", pair.first) | _judged_side(look, "second", pair.second)
    return _about(look) | row | counts | truth


def _judged_side(look: Look, side: Side, place: int) -> Row:
    if look.judgements is None:
        return {}
    return {f"{side}_{name}": count for name, count in judged(look.judgements[place]).items()}


def _counts(comparison: FrameComparison) -> dict[str, int | float | None]:
    agree = comparison.same_label
    return {
        "agree": comparison.agree_count,
        "only_first": len(comparison.only_first),
        "only_second": len(comparison.only_second),
        "labels_differ": comparison.differ_count,
        "mean_iou": _mean(comparison.ious[agree]),
        "score_difference": _mean(comparison.score_differences[agree]),
    }


def _mean(values: NDArray[np.float32]) -> float | None:
    return round(float(values.mean()), 4) if len(values) else None


def _boxes_of(look: Look, lanes: Sequence[Lane], place: int, pair: Pair | None, side: Side) -> Iterator[Row]:
    lane, detections, frame = lanes[place], look.answers[place].detections, look.frame
    rows = detection_rows("", frame.index, frame.time_s, detections, lane.class_names)
    statuses = pair.comparison.statuses(side) if pair is not None else None
    other = "" if pair is None else lanes[pair.second if side == "first" else pair.first].title
    ious = {} if pair is None else _partners(pair.comparison, side)
    for number, row in enumerate(rows):
        del row["source"]
        partner, iou = ious.get(number, ("", ""))
        yield row | {
            "name": frame.name,
            "model": lane.title,
            "against": other,
            "box": number,
            "status": "" if statuses is None else statuses[number].value,
            "partner": partner,
            "iou": iou,
            "truth": "" if look.judgements is None else _truth_word(look.judgements[place], number),
        }


def _partners(comparison: FrameComparison, side: Side) -> dict[int, tuple[int, float]]:
    own, other = (0, 1) if side == "first" else (1, 0)
    return {
        int(pair[own]): (int(pair[other]), round(float(iou), 4))
        for pair, iou in zip(comparison.pairs, comparison.ious, strict=True)
    }


def _truth_word(judgement: Judgement, number: int) -> str:
    if judgement.true_positive[number]:
        return "right"
    return "ignored" if judgement.ignored[number] else "false"

"""How detections stand beside the other model's or the truth, in marks that can be told apart without colour."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QColor

from detector.comparison import FrameComparison, Side, Status, judge
from detector.data.frame_truth import FrameTruth
from gui.canvas.marking import DASH_DOT, DASHED, DOTTED, SOLID, Mark, Marking, Missed
from gui.translation import tr
from gui.values import ShownFrame

AGREE_COLOUR, ONLY_COLOUR, DIFFERS_COLOUR = QColor(86, 180, 233), QColor(230, 159, 0), QColor(221, 120, 180)
HIT_COLOUR, FALSE_COLOUR, MISSED_COLOUR = QColor(60, 190, 140), QColor(226, 96, 16), QColor(240, 228, 66)
UNJUDGED_COLOUR = QColor(190, 196, 204)


def comparison_marks() -> dict[Status, Mark]:
    """What the other model says of a detection, in the order of the legend."""
    return {
        Status.AGREE: Mark("agree", AGREE_COLOUR, SOLID, "=", tr("both agree")),
        Status.ONLY: Mark("only", ONLY_COLOUR, DASHED, tr("only"), tr("only here")),
        Status.DIFFERS: Mark("differs", DIFFERS_COLOUR, DASH_DOT, "\N{NOT EQUAL TO}", tr("labels differ")),
    }


def comparison_marking(
    comparison: FrameComparison, side: Side, own: ShownFrame, other: ShownFrame, other_name: str
) -> Marking:
    """How one side's detections stand beside the other's. other_name: the other model, for people."""
    marks = comparison_marks()

    def note(row: int) -> str:
        return partner_note(comparison, side, row, other, other_name)

    return Marking(own.detections, tuple(marks[status] for status in comparison.statuses(side)), note)


def partner_note(comparison: FrameComparison, side: Side, row: int, other: ShownFrame, other_name: str) -> str:
    """What the other model says of a detection, in a sentence."""
    partner = comparison.partner(side, row)
    if partner is None:
        return tr("{model} has no box here").format(model=other_name)
    (place,) = np.flatnonzero(comparison.pairs[:, 0 if side == "first" else 1] == row)
    text = tr("{model}: {name} {score}, IoU {iou}")
    if not comparison.same_label[place]:
        text = tr("{model} says {name} {score}, IoU {iou}")
    return text.format(
        model=other_name,
        name=other.class_names[int(other.detections.labels[partner])],
        score=f"{other.detections.scores[partner]:.3f}",
        iou=f"{comparison.ious[place]:.2f}",
    )


def truth_marks() -> tuple[Mark, Mark, Mark, Mark]:
    """True positives, false positives, misses, and what does not count, in the order of the legend."""
    return (
        Mark("hit", HIT_COLOUR, SOLID, tr("hit"), tr("hit, a true positive")),
        Mark("false", FALSE_COLOUR, DASHED, tr("false"), tr("false positive")),
        Mark("missed", MISSED_COLOUR, DOTTED, tr("missed"), tr("missed")),
        Mark("unjudged", UNJUDGED_COLOUR, DASH_DOT, tr("not judged"), tr("not judged")),
    )


def truth_marking(shown: ShownFrame, truth: FrameTruth) -> tuple[Marking, tuple[int, int, int, int]]:
    """How detections stand beside the truth, and how many there are of each of `truth_marks`."""
    judgement = judge(shown.detections, shown.class_names, truth)
    hit, false, missed, unjudged = truth_marks()
    words = {
        hit.name: tr("right by the annotations"),
        false.name: tr("nothing of that class is annotated here"),
        unjudged.name: tr("difficult, or of a class that is not annotated"),
    }
    marks = tuple(
        hit if right else unjudged if ignored else false
        for right, ignored in zip(judgement.true_positive.tolist(), judgement.ignored.tolist(), strict=True)
    )
    rows = judgement.missed.tolist()
    left = Missed(truth.boxes_xyxy[rows], tuple(truth.class_names[row] for row in rows), missed)
    counts = [sum(mark.name == kind.name for mark in marks) for kind in (hit, false, unjudged)]
    return (
        Marking(shown.detections, marks, lambda row: words[marks[row].name], left),
        (counts[0], counts[1], len(rows), counts[2]),
    )

"""How detections stand beside the other model's, in marks that can be told apart without colour."""

from __future__ import annotations

from PySide6.QtGui import QColor

from detector.comparison import FrameComparison, Side, Status
from gui.canvas.marking import DASH_DOT, DASHED, SOLID, Mark, Marking
from gui.translation import tr
from gui.values import ShownFrame

AGREE_COLOUR, ONLY_COLOUR, DIFFERS_COLOUR = QColor(86, 180, 233), QColor(230, 159, 0), QColor(221, 120, 180)


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
    statuses = comparison.statuses(side)
    partners: dict[int, tuple[int, float]] = {}
    for (first, second), iou in zip(comparison.pairs.tolist(), comparison.ious.tolist(), strict=True):
        row, partner = (first, second) if side == "first" else (second, first)
        partners[row] = (partner, iou)
    notes = []
    for row, status in enumerate(statuses):
        if row not in partners:
            notes.append((tr("{model} has no box here").format(model=other_name),))
            continue
        partner, iou = partners[row]
        name = other.class_names[int(other.detections.labels[partner])]
        text = tr("{model}: {name} {score}, IoU {iou}")
        if status is Status.DIFFERS:
            text = tr("{model} says {name} {score}, IoU {iou}")
        score = f"{other.detections.scores[partner]:.3f}"
        notes.append((text.format(model=other_name, name=name, score=score, iou=f"{iou:.2f}"),))
    return Marking(own.detections, tuple(marks[status] for status in statuses), tuple(notes))

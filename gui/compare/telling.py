"""What is told of a compared frame: the marks of both canvases, the legend that explains them, and its counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from detector.comparison import Status
from gui.canvas.marking import Mark, Marking
from gui.compare.marks import comparison_marking, comparison_marks, truth_marking, truth_marks
from gui.comparing import ComparedFrame
from gui.translation import tr

Entry = tuple[Mark, str]


@dataclass(frozen=True)
class Told:
    """legend: kinds of lines and their words; counts: how many of each, None while nothing is compared."""

    first: Marking | None
    second: Marking | None
    legend: tuple[Entry, ...]
    counts: tuple[str, ...] | None


def tell(compared: ComparedFrame | None, names: Sequence[str], by_truth: bool = False) -> Told:
    """How a frame's boxes stand beside the other model's, or beside the truth where that is wanted and known.

    Args:
        compared: None where nothing is on show.
        names: what the two models are called.
    """
    if by_truth and compared is not None and compared.truth is not None:
        return _by_truth(compared)
    marks = comparison_marks()
    agree, only, differs = marks[Status.AGREE], marks[Status.ONLY], marks[Status.DIFFERS]
    legend = (
        (agree, f"{agree.tag} {agree.words}"),
        (only, tr("only {model}").format(model=names[0])),
        (only, tr("only {model}").format(model=names[1])),
        (differs, f"{differs.tag} {differs.words}"),
    )
    if compared is None or compared.comparison is None or compared.second is None:
        return Told(None, None, legend, None)
    comparison = compared.comparison
    counts = (comparison.agree_count, len(comparison.only_first), len(comparison.only_second), comparison.differ_count)
    return Told(
        comparison_marking(comparison, "first", compared.first, compared.second, names[1]),
        comparison_marking(comparison, "second", compared.second, compared.first, names[0]),
        legend,
        tuple(str(count) for count in counts),
    )


def _by_truth(compared: ComparedFrame) -> Told:
    assert compared.truth is not None
    # The truth is of the first one's frame.
    same = compared.second is not None and compared.second.frame.index == compared.first.frame.index
    sides = [compared.first, *([compared.second] if same and compared.second is not None else [])]
    told = [truth_marking(shown, compared.truth) for shown in sides if shown.model is not None]
    legend = tuple((mark, mark.words) for mark in truth_marks())
    counts = tuple(" / ".join(str(each[1][place]) for each in told) for place in range(len(legend)))
    return Told(told[0][0] if told else None, told[1][0] if len(told) > 1 else None, legend, counts if told else None)

"""What is told of a compared frame: the marks of both canvases, the legend that explains them, and its counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from detector.comparison import Status
from gui.canvas.marking import Mark, Marking
from gui.compare.marks import comparison_marking, comparison_marks
from gui.translation import tr

if TYPE_CHECKING:
    from gui.comparing import ComparedFrame

Entry = tuple[Mark, str]


@dataclass(frozen=True)
class Told:
    """legend: kinds of lines and their words; counts: how many of each, None while nothing is compared."""

    first: Marking | None
    second: Marking | None
    legend: tuple[Entry, ...]
    counts: tuple[int, ...] | None


def tell(compared: ComparedFrame | None, names: Sequence[str]) -> Told:
    """The comparison of a frame, told. names: what the two models are called; None: nothing is on show."""
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
    counts = (
        comparison.agree_count,
        len(comparison.only_first),
        len(comparison.only_second),
        comparison.differ_count,
    )
    first = comparison_marking(comparison, "first", compared.first, compared.second, names[1])
    second = comparison_marking(comparison, "second", compared.second, compared.first, names[0])
    return Told(first, second, legend, counts)

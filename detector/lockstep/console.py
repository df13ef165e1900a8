"""A summary as tables on the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from detector.evaluation.bootstrap import Interval
from detector.lockstep.summary import ModelSummary, PairSummary, Summary

NOTHING = "-"
FILE_WIDTH = 200


def print_summary(summary: Summary) -> None:
    """Models, pairs, what the annotations say, and what has to be known beside it, on standard output."""
    console = Console(highlight=False, soft_wrap=True)
    if not console.is_terminal:
        # Whoever reads it from a file does not fold it.
        console.width = FILE_WIDTH
    console.print(f"{summary.frames} frame{'s' if summary.frames != 1 else ''} compared")
    console.print(_models(summary))
    if summary.annotated:
        console.print(f"by the annotations of {summary.annotated} frames")
        console.print(_truth(summary))
    for pair in summary.pairs:
        console.print(_sentence(pair), markup=False)
        if pair.precision_difference is not None:
            told = (_interval(pair.precision_difference.ap50), _interval(pair.precision_difference.ap))
            console.print(f"  {pair.first} minus {pair.second}: AP50 {told[0]}; AP {told[1]}", markup=False)
    for note in summary.notes:
        console.print(f"note: {note}", markup=False)


def _models(summary: Summary) -> Table:
    heads = ("size", "parameters", "GMAC", "ms", "FPS", "card's AP50", "boxes")
    return _table(heads, [_cells(model) for model in summary.models])


def _truth(summary: Summary) -> Table:
    heads = ("AP50", "AP", "right", "false", "missed")
    return _table(heads, [_truth_cells(model) for model in summary.models])


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    table = Table(box=None, pad_edge=False)
    # On a narrow terminal names are folded; figures are never cut.
    table.add_column("model", overflow="fold")
    for head in heads:
        table.add_column(head, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(*map(escape, row))
    return table


def _cells(model: ModelSummary) -> tuple[str, ...]:
    facts, speed = model.facts, model.speed
    return (
        model.title,
        str(facts.size) if facts else NOTHING,
        f"{facts.parameters / 1e6:.2f} M" if facts and facts.parameters else NOTHING,
        f"{facts.gmac:.2f}" if facts and facts.gmac is not None else NOTHING,
        f"{speed.median_ms:.1f}" if speed else NOTHING,
        f"{speed.fps:.1f}" if speed else NOTHING,
        f"{facts.ap50:.1f}" if facts and facts.ap50 is not None else NOTHING,
        str(model.detections),
    )


def _truth_cells(model: ModelSummary) -> tuple[str, ...]:
    precision = (NOTHING if value is None else f"{value:.1f}" for value in (model.ap50, model.ap))
    truth = model.truth
    counts = (NOTHING,) * 3 if truth is None else (str(truth.right), str(truth.false), str(truth.missed))
    return (model.title, *precision, *counts)


def _sentence(pair: PairSummary) -> str:
    totals = pair.totals
    share = NOTHING if pair.agreement is None else f"{100 * pair.agreement:.1f} %"
    iou = "" if totals.mean_iou is None else f", mean IoU {totals.mean_iou:.3f}"
    return (
        f"{pair.first} and {pair.second}: agreement {share} (agree {totals.agree}, labels differ "
        f"{totals.labels_differ}, only {pair.first} {totals.only_first}, only {pair.second} {totals.only_second}{iou})"
    )


def _interval(interval: Interval) -> str:
    return f"{interval.difference:+.1f} (95 % interval {interval.low:+.1f} to {interval.high:+.1f})"

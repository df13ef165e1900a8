"""A summary as tables on the terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from detector.evaluation.bootstrap import Interval
from detector.lockstep.summary import ModelSummary, PairSummary, Summary

NOTHING = "-"


def print_summary(summary: Summary) -> None:
    """Models, pairs, what the annotations say, and what has to be known beside it, on standard output."""
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"{summary.frames} frame{'s' if summary.frames != 1 else ''} compared")
    console.print(_models(summary))
    for pair in summary.pairs:
        console.print(_sentence(pair), markup=False)
        if pair.precision_difference is not None:
            told = (_interval(pair.precision_difference.ap50), _interval(pair.precision_difference.ap))
            console.print(f"  {pair.first} minus {pair.second}: AP50 {told[0]}; AP {told[1]}", markup=False)
    for note in summary.notes:
        console.print(f"note: {note}", markup=False)


def _models(summary: Summary) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("model", no_wrap=True)
    with_truth = summary.annotated > 0
    heads = ("size", "parameters", "GMAC", "ms", "FPS", "AP50 of card", "boxes")
    for head in (*heads, *(("AP50", "AP", "right", "false", "missed") if with_truth else ())):
        table.add_column(head, justify="right")
    for model in summary.models:
        table.add_row(*_cells(model), *(_truth_cells(model) if with_truth else ()))
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
    precision = tuple(NOTHING if value is None else f"{value:.1f}" for value in (model.ap50, model.ap))
    if model.truth is None:
        return (*precision, NOTHING, NOTHING, NOTHING)
    return (*precision, str(model.truth.right), str(model.truth.false), str(model.truth.missed))


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

"""The summary as one HTML page that needs nothing beside it: tables, plots, small pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

from detector.evaluation.bootstrap import Interval
from detector.lockstep.plots import legend, share_bar, speeds, timeline
from detector.lockstep.summary import ModelSummary, PairSummary, Summary, TruthCounts
from detector.lockstep.worst import WorstFrame
from detector.pages import facts_list, notes, picture, table, tiles, whole_page

NOTHING = "-"
BAR_WH = (220, 12)


def page(summary: Summary) -> str:
    """The page's text."""
    title = "Models compared: " + ", ".join(model.title for model in summary.models)
    parts = [
        f"<h1>{escape(title)}</h1>",
        facts_list({**summary.about, "frames": str(summary.frames)}),
        notes(summary.notes),
        "<h2>Models</h2>",
        _models(summary.models),
        "<p>ms: of one prediction, from the frame to its boxes before thresholds; the models took turns on every "
        "frame. FPS: how many of the median prediction go into a second.</p>",
        _measured_on(summary.models),
        f"<figure>{speeds(summary.models)}<figcaption>Dot: median of the milliseconds. Line: 80 % of the predictions."
        "</figcaption></figure>",
        _truth(summary),
        *(_pair(pair, summary.timed) for pair in summary.pairs),
        _worst(summary.worst),
    ]
    return whole_page(title, parts)


def _models(models: Sequence[ModelSummary]) -> str:
    heads = (
        "model", "family", "input", "parameters", "GMAC", "ms", "FPS", "AP50 (card)", "AP (card)", "score above",
        "boxes", "boxes a frame", "runs on",
    )  # fmt: skip
    rows = []
    for model in models:
        facts, speed = model.facts, model.speed
        rows.append(
            (
                model.title,
                facts.family if facts else NOTHING,
                str(facts.size) if facts else NOTHING,
                _told(facts.parameters if facts else None, lambda value: f"{value / 1e6:.2f} M"),
                _told(facts.gmac if facts else None, lambda value: f"{value:.2f}"),
                f"{speed.median_ms:.1f}" if speed else NOTHING,
                f"{speed.fps:.1f}" if speed else NOTHING,
                _told(facts.ap50 if facts else None, lambda value: f"{value:.1f}"),
                _told(facts.ap if facts else None, lambda value: f"{value:.1f}"),
                f"{facts.score:.2f}" if facts else NOTHING,
                str(model.detections),
                f"{model.detections / model.frames:.2f}" if model.frames else NOTHING,
                f"{facts.engine} {facts.precision}, {facts.device}" if facts else NOTHING,
            )
        )
    return table(heads, rows, words=(0, 1, 12))


def _measured_on(models: Sequence[ModelSummary]) -> str:
    """What the cards' figures were measured on, which is not always the same."""
    places: dict[str, list[str]] = {}
    for model in models:
        if model.facts is not None and model.facts.measured_on and (model.facts.ap50, model.facts.ap) != (None, None):
            places.setdefault(model.facts.measured_on, []).append(model.title)
    told = "; ".join(f"{', '.join(titles)}: {place}" for place, titles in places.items())
    return f"<p>What the cards' figures were measured on: {escape(told)}.</p>" if told else ""


def _truth(summary: Summary) -> str:
    if not summary.annotated:
        return ""
    heads = ("model", "AP50", "AP", "right", "false", "missed", "precision", "recall")
    rows = [
        (
            model.title,
            _told(model.ap50, lambda value: f"{value:.1f}"),
            _told(model.ap, lambda value: f"{value:.1f}"),
            *_truth_cells(model.truth),
        )
        for model in summary.models
    ]
    parts = [
        f"<h2>By the annotations</h2><p>On {summary.annotated} annotated frames. Right, false and missed: at the score "
        "that each model keeps boxes above. AP50 and AP: as <code>evaluate</code> computes them, 0 to 100.</p>",
        table(heads, rows),
    ]
    differences = [(pair, pair.precision_difference) for pair in summary.pairs]
    told = [
        (f"{pair.first} minus {pair.second}", _interval(one.ap50), _interval(one.ap))
        for pair, one in differences
        if one is not None
    ]
    if told:
        parts.append("<p>Differences with their 95 % intervals from a paired bootstrap over the same frames:</p>")
        parts.append(table(("difference", "AP50", "AP"), told, words=(0, 1, 2)))
    return "".join(parts)


def _truth_cells(truth: TruthCounts | None) -> tuple[str, ...]:
    if truth is None:
        return (NOTHING,) * 5
    shares = (_told(value, lambda share: f"{share:.3f}") for value in (truth.precision, truth.recall))
    return (str(truth.right), str(truth.false), str(truth.missed), *shares)


def _interval(interval: Interval) -> str:
    verdict = "beyond chance" if interval.excludes_zero() else "within chance"
    return f"{interval.difference:+.1f} ({interval.low:+.1f} to {interval.high:+.1f}), {verdict}"


def _pair(pair: PairSummary, timed: bool) -> str:
    totals = pair.totals
    counts = (totals.agree, totals.labels_differ, totals.only_first, totals.only_second)
    iou = _told(totals.mean_iou, lambda value: f"{value:.3f}")
    score = _told(totals.mean_score_difference, lambda value: f"{value:+.3f}")
    agreement = _told(pair.agreement, lambda share: f"{100 * share:.1f} %")
    facts = (
        ("agreement", agreement),
        ("agree", str(totals.agree)),
        ("labels differ", str(totals.labels_differ)),
        (f"only {pair.first}", str(totals.only_first)),
        (f"only {pair.second}", str(totals.only_second)),
        ("mean IoU where they agree", iou),
        (f"score of {pair.first} above {pair.second}'s, mean", score),
    )
    heading = f"{pair.first} and {pair.second}"
    return (
        f"<h2>{escape(heading)}</h2>{tiles(facts)}{legend(pair.first, pair.second)}"
        f"{share_bar(counts, sum(counts), 960, 20, stretch=True)}"
        f"<h3>Frame by frame</h3><figure>{timeline(pair.moments, f'{heading}: boxes frame by frame', timed)}"
        f"<figcaption>Boxes a frame, {totals.frames} frames compared.</figcaption></figure>{_classes(pair)}"
    )


def _classes(pair: PairSummary) -> str:
    if not pair.totals.per_class:
        return "<p>Neither sees anything.</p>"
    heads = ("class", "", "agree", f"only {pair.first}", f"only {pair.second}", "named otherwise by the other")
    rows, bars = [], []
    most = max(_class_total(pair, name) for name in pair.totals.per_class)
    for name, one in pair.totals.per_class.items():
        differ = one.differ_first + one.differ_second
        bars.append(share_bar((one.agree, differ, one.only_first, one.only_second), most, *BAR_WH))
        told = f"{one.differ_first} / {one.differ_second}"
        rows.append((name, "", str(one.agree), str(one.only_first), str(one.only_second), told))
    return "<h3>By class</h3>" + table(heads, rows, drawn={1: bars})


def _class_total(pair: PairSummary, name: str) -> int:
    one = pair.totals.per_class[name]
    return one.agree + one.only_first + one.only_second + one.differ_first + one.differ_second


def _worst(frames: Sequence[WorstFrame]) -> str:
    if not frames:
        return ""
    figures = []
    for one in frames:
        where = f"frame {one.index}, {one.time_s:.2f} s" + (f", {one.name}" if one.name else "")
        told = f"{where}: {one.disagreements} disagreement{'s' if one.disagreements != 1 else ''}"
        figures.append(picture(one.jpeg, told))
    return "<h2>Where they disagree most</h2>" + "".join(figures)


def _told(value: float | None, form: Callable[[float], str]) -> str:
    return NOTHING if value is None else form(value)

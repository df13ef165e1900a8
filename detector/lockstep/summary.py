"""What a run comes to: every model, every pair, and what both are by the truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from detector.comparison import ComparisonTotals, Totals
from detector.evaluation.bootstrap import Comparison
from detector.lockstep.lanes import Lane
from detector.lockstep.looks import Look
from detector.lockstep.rows import judged
from detector.lockstep.truth import Measured
from detector.lockstep.worst import WorstFrame


@dataclass(frozen=True)
class ModelFacts:
    """What is known of a model that was loaded. None: not known.

    parameters: how many numbers are learned. gmac: thousand million multiply-accumulates a frame at `size`.
    ap50, ap: as its card tells them, measured on `measured_on`, 0-100. score: boxes above it were kept.
    """

    name: str
    family: str
    file: str
    size: int
    class_count: int
    score: float
    engine: str
    precision: str
    device: str
    parameters: int | None = None
    gmac: float | None = None
    ap50: float | None = None
    ap: float | None = None
    measured_on: str = ""


@dataclass(frozen=True)
class Speed:
    """Milliseconds of whole predictions, and how many of the median one go into a second."""

    median_ms: float
    low_ms: float
    high_ms: float
    fps: float


@dataclass(frozen=True)
class TruthCounts:
    """Over the annotated frames, at the model's score. precision, recall: 0..1, None where nothing counts."""

    right: int
    false: int
    missed: int

    @property
    def precision(self) -> float | None:
        return self.right / (self.right + self.false) if self.right + self.false else None

    @property
    def recall(self) -> float | None:
        return self.right / (self.right + self.missed) if self.right + self.missed else None


@dataclass(frozen=True)
class ModelSummary:
    """A model's run. facts: None where it could not be loaded. speed: None where it never answered (10 % of the
    predictions were faster than its low_ms, 10 % slower than its high_ms). failure: why it stopped, or "".
    ap50, ap: measured in this run, 0-100; None where that was not asked for or not possible.
    """

    title: str
    facts: ModelFacts | None
    frames: int
    detections: int
    per_class: dict[str, int]
    speed: Speed | None
    failure: str = ""
    truth: TruthCounts | None = None
    ap50: float | None = None
    ap: float | None = None


@dataclass(frozen=True)
class Moment:
    """A pair on one frame. index, time_s: the frame's."""

    index: int
    time_s: float
    agree: int
    labels_differ: int
    only_first: int
    only_second: int

    @property
    def boxes(self) -> int:
        return self.agree + self.labels_differ + self.only_first + self.only_second


@dataclass(frozen=True)
class PairSummary:
    """Two models by title. agreement: share of the places where either sees something, 0..1; None without any."""

    first: str
    second: str
    totals: ComparisonTotals
    class_agnostic: bool
    moments: tuple[Moment, ...]
    precision_difference: Comparison | None = None

    @property
    def agreement(self) -> float | None:
        totals = self.totals
        places = totals.agree + totals.labels_differ + totals.only_first + totals.only_second
        return totals.agree / places if places else None


@dataclass(frozen=True)
class Summary:
    """about: what was run, on what, when, as words. notes: sentences that a reader has to know.

    annotated: frames with annotations. measured: the average precision of the models, None without it.
    timed: frames follow each other in time, as in a film.
    """

    about: dict[str, str]
    frames: int
    models: tuple[ModelSummary, ...]
    pairs: tuple[PairSummary, ...]
    worst: tuple[WorstFrame, ...]
    notes: tuple[str, ...]
    annotated: int = 0
    measured: Measured | None = None
    timed: bool = True


class Tally:
    """Adds looks up."""

    def __init__(self, lanes: Sequence[Lane]) -> None:
        self._lanes = lanes
        self.frames = self.annotated = 0
        self._ms: list[list[float]] = [[] for _ in lanes]
        self._classes: list[Counter[str]] = [Counter() for _ in lanes]
        self._truth: list[Counter[str]] = [Counter() for _ in lanes]
        self._pairs: dict[tuple[int, int], tuple[Totals, list[Moment]]] = {}
        self._class_agnostic: set[tuple[int, int]] = set()

    def add(self, look: Look) -> None:
        """One more frame."""
        self.frames += 1
        for place, answer in look.answers.items():
            self._ms[place].append(answer.ms)
            names = self._lanes[place].class_names
            self._classes[place].update(names[label] for label in answer.detections.labels)
        if look.judgements is not None:
            self.annotated += 1
            for place, judgement in look.judgements.items():
                self._truth[place].update(judged(judgement))
        for pair in look.pairs:
            totals, moments = self._pairs.setdefault((pair.first, pair.second), (Totals(), []))
            first, second = look.answers[pair.first].detections, look.answers[pair.second].detections
            one = pair.comparison
            totals.add(one, first, second, self._lanes[pair.first].class_names, self._lanes[pair.second].class_names)
            alone = len(one.only_first), len(one.only_second)
            moments.append(Moment(look.frame.index, look.frame.time_s, one.agree_count, one.differ_count, *alone))
            if one.class_agnostic:
                self._class_agnostic.add((pair.first, pair.second))

    def models(self, facts: Sequence[ModelFacts], measured: Measured | None) -> tuple[ModelSummary, ...]:
        """Every lane, in order. facts: of each."""
        found = []
        for place, lane in enumerate(self._lanes):
            figures = measured.figures.get(place) if measured is not None else None
            truth = self._truth[place]
            found.append(
                ModelSummary(
                    lane.title,
                    facts[place],
                    len(self._ms[place]),
                    self._classes[place].total(),
                    dict(self._classes[place].most_common()),
                    _speed(self._ms[place]),
                    lane.failure,
                    TruthCounts(truth["right"], truth["false"], truth["missed"]) if self.annotated else None,
                    None if figures is None else figures.ap50,
                    None if figures is None else figures.ap,
                )
            )
        return tuple(found)

    def pairs(self, measured: Measured | None) -> tuple[PairSummary, ...]:
        """Every pair that was compared on any frame."""
        differences = {} if measured is None else measured.differences
        return tuple(
            PairSummary(
                self._lanes[places[0]].title,
                self._lanes[places[1]].title,
                totals.snapshot(),
                places in self._class_agnostic,
                tuple(moments),
                differences.get(places),
            )
            for places, (totals, moments) in self._pairs.items()
        )


def as_document(summary: Summary) -> dict[str, Any]:
    """All of it but pictures and single frames, ready for JSON; null for what is not known."""
    return {
        "about": summary.about,
        "notes": list(summary.notes),
        "frames": summary.frames,
        "annotated_frames": summary.annotated,
        "scored_classes": None if summary.measured is None else list(summary.measured.class_names),
        "models": [_model_document(model) for model in summary.models],
        "pairs": [_pair_document(pair) for pair in summary.pairs],
        "worst_frames": [
            {"frame": one.index, "time_s": round(one.time_s, 4), "name": one.name, "disagreements": one.disagreements}
            for one in summary.worst
        ],
    }


def _model_document(model: ModelSummary) -> dict[str, Any]:
    document = asdict(model)
    if model.truth is not None:
        document["truth"] |= {"precision": model.truth.precision, "recall": model.truth.recall}
    return document


def _pair_document(pair: PairSummary) -> dict[str, Any]:
    return {
        "first": pair.first,
        "second": pair.second,
        "class_agnostic": pair.class_agnostic,
        "agreement": pair.agreement,
        **asdict(pair.totals),
        "precision_difference": None if pair.precision_difference is None else asdict(pair.precision_difference),
    }


def _speed(ms: Sequence[float]) -> Speed | None:
    if not ms:
        return None
    low, median, high = (float(value) for value in np.percentile(ms, (10, 50, 90)))
    return Speed(round(median, 3), round(low, 3), round(high, 3), round(1000 / median, 2) if median > 0 else 0.0)

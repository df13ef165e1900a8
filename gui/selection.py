"""What the user wants to see of the candidates: thresholds, class filter, undo. Owned by the session; no Qt."""

from __future__ import annotations

import json
import math
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from detector.detections import Detections
from detector.selection import Thresholds

MODEL_SCORE = 0.35
"""The score threshold before any model has said its own."""
NMS_IOU = 0.5
MOST = 300
STEPS_KEPT = 200
GESTURE_S = 1.0
"""Changes of one thing that follow each other within this time are one step of the history."""


@dataclass(frozen=True)
class SelectionState:
    """One state of the selection.

    score: 0.01..1, or None for the model's own. nms_iou: 0.05..1. Classes are meant by name, so that the choice
    outlives a change of model. hidden: classes that are not shown. only: where not None, the classes that are shown and
    no others; `hidden` is empty then. class_scores: other score thresholds for single classes. most: at most so many
    detections, 1..10,000.
    """

    score: float | None = None
    nms_iou: float = NMS_IOU
    hidden: frozenset[str] = frozenset()
    only: frozenset[str] | None = None
    class_scores: Mapping[str, float] = field(default_factory=dict)
    most: int = MOST

    def shows(self, name: str) -> bool:
        """Whether detections of this class are shown."""
        return name not in self.hidden if self.only is None else name in self.only

    def to_dict(self) -> dict[str, Any]:
        """As plain values for JSON; what is as by default is left out."""
        told: dict[str, Any] = {}
        if self.score is not None:
            told["score"] = self.score
        if self.nms_iou != NMS_IOU:
            told["nms_iou"] = self.nms_iou
        if self.hidden:
            told["hidden"] = sorted(self.hidden)
        if self.only is not None:
            told["only"] = sorted(self.only)
        if self.class_scores:
            told["class_scores"] = dict(sorted(self.class_scores.items()))
        if self.most != MOST:
            told["most"] = self.most
        return told

    @staticmethod
    def from_dict(told: object) -> SelectionState:
        """The state that `to_dict` wrote; each part that makes no sense is as by default."""
        if not isinstance(told, Mapping):
            return SelectionState()
        scores = told.get("class_scores")
        own = {name: _number(value, 0.01, 1.0) for name, value in scores.items()} if isinstance(scores, Mapping) else {}
        nms_iou = _number(told.get("nms_iou"), 0.05, 1.0)
        most = _number(told.get("most"), 1, 10_000)
        only = _names(told.get("only"))
        return SelectionState(
            score=_number(told.get("score"), 0.01, 1.0),
            nms_iou=NMS_IOU if nms_iou is None else nms_iou,
            hidden=(_names(told.get("hidden")) or frozenset()) if only is None else frozenset(),
            only=only,
            class_scores={name: value for name, value in own.items() if value is not None and isinstance(name, str)},
            most=MOST if most is None else int(most),
        )


@dataclass(frozen=True)
class Step:
    """One step of the history. sizes: the input size chosen before and after, where the step changed that too."""

    before: SelectionState
    after: SelectionState
    kind: str
    sizes: tuple[int | None, int | None] | None = None


class Selection:
    """The selection of now, and how it came to be.

    Args:
        score: score threshold, or 0 for the model's own.
        nms_iou: of two boxes of one class that overlap more the weaker goes.
        clock: seconds, for what is one gesture.
    """

    def __init__(
        self, score: float = 0.0, nms_iou: float = NMS_IOU, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.state = SelectionState(score or None, nms_iou)
        self.model_score = MODEL_SCORE
        self._clock = clock
        self._undone: list[Step] = []
        self._done: list[Step] = []
        self._held = self._settled = False
        self._changed_s = -math.inf

    # What is chosen

    @property
    def score(self) -> float:
        """The score threshold that holds: the user's, or the model's own."""
        return self.model_score if self.state.score is None else self.state.score

    @property
    def default_score(self) -> bool:
        """Whether the model's own score holds."""
        return self.state.score is None

    @property
    def nms_iou(self) -> float:
        return self.state.nms_iou

    @property
    def class_scores(self) -> Mapping[str, float]:
        return self.state.class_scores

    @property
    def most(self) -> int:
        return self.state.most

    @property
    def filters(self) -> bool:
        """Whether the class filter may hide something."""
        return bool(self.state.hidden) or self.state.only is not None

    def shows(self, name: str) -> bool:
        return self.state.shows(name)

    def thresholds(self, class_names: Sequence[str], *, filtered: bool = True) -> Thresholds:
        """The thresholds for a model with these class names; without the class filter where not `filtered`."""
        shown = frozenset(i for i, name in enumerate(class_names) if not filtered or self.shows(name))
        own = {label: self.class_scores[name] for label, name in enumerate(class_names) if name in self.class_scores}
        labels = None if len(shown) == len(class_names) else shown
        return Thresholds(self.score, self.nms_iou, labels, own, self.most)

    # Changes, each a step that can be taken back

    def set_score(self, score: float | None) -> None:
        """None for the model's own."""
        self._change(replace(self.state, score=score), "score")

    def set_nms_iou(self, nms_iou: float) -> None:
        self._change(replace(self.state, nms_iou=nms_iou), "nms")

    def set_most(self, most: int) -> None:
        self._change(replace(self.state, most=most), "most")

    def set_shown(self, name: str, shown: bool) -> None:
        """Show or hide one class."""
        self.set_many_shown({name: shown})

    def set_many_shown(self, shown: Mapping[str, bool]) -> None:
        """Show or hide several classes in one step; others stay as they are."""
        state = self.state
        on = frozenset(name for name, wanted in shown.items() if wanted)
        off = frozenset(shown) - on
        if state.only is not None:
            self._change(replace(state, only=(state.only | on) - off), "class")
        else:
            self._change(replace(state, hidden=(state.hidden | off) - on), "class")

    def set_only(self, names: Collection[str] | None) -> None:
        """Show these classes and no others, also of models to come; None shows all."""
        self._change(replace(self.state, hidden=frozenset(), only=None if names is None else frozenset(names)), "class")

    def set_class_score(self, name: str, score: float | None) -> None:
        """A score threshold for one class alone, or None: the common one holds for it."""
        scores = {key: value for key, value in self.class_scores.items() if key != name}
        if score is not None:
            scores[name] = score
        self._change(replace(self.state, class_scores=scores), f"score of {name}")

    def apply(self, state: SelectionState, sizes: tuple[int | None, int | None] | None = None) -> None:
        """Change everything at once, in one step, with the change of input size that belongs to it."""
        self._change(state, "all", sizes)

    def reset(self) -> None:
        """Everything as the model suggests; can be taken back."""
        self.apply(SelectionState())

    # History

    def hold(self) -> None:
        """A gesture begins, as by taking hold of a slider: until `settle` it is one step, however long it takes."""
        self._held, self._settled = True, True

    def settle(self) -> None:
        """The gesture is over: the next change is a step of its own."""
        self._held, self._settled = False, True

    @property
    def can_undo(self) -> bool:
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        return bool(self._undone)

    def undo(self) -> Step | None:
        """Take back the last step and give it; None when there is none."""
        if not self._done:
            return None
        step = self._done.pop()
        self._undone.append(step)
        self.state, self._settled = step.before, True
        return step

    def redo(self) -> Step | None:
        """Do again what was taken back last and give it; None when there is nothing."""
        if not self._undone:
            return None
        step = self._undone.pop()
        self._done.append(step)
        self.state, self._settled = step.after, True
        return step

    def _change(self, state: SelectionState, kind: str, sizes: tuple[int | None, int | None] | None = None) -> None:
        now_s = self._clock()
        resized = sizes is not None and sizes[0] != sizes[1]
        if state == self.state and not resized:
            return
        last = self._done[-1] if self._done else None
        goes_on = not self._settled and (self._held or now_s - self._changed_s < GESTURE_S)
        # Single classes ticked one after the other are steps each; what slides is one.
        slides = kind not in ("class", "all")
        if last is not None and last.kind == kind and goes_on and slides and not self._undone:
            self._done.pop()
            if state != last.before:
                self._done.append(replace(last, after=state))
        else:
            self._done.append(Step(self.state, state, kind, sizes if resized else None))
            del self._done[:-STEPS_KEPT]
        self._undone.clear()
        self.state, self._changed_s, self._settled = state, now_s, False


def counts_by_class(detections: Detections, class_names: Sequence[str]) -> Counter[str]:
    """How many detections there are of each class name."""
    return Counter(class_names[label] for label in detections.labels.tolist())


def state_from_text(text: str) -> SelectionState:
    """The state in a JSON text; rubbish gives the defaults."""
    try:
        return SelectionState.from_dict(json.loads(text))
    except (ValueError, RecursionError):
        return SelectionState()


def _number(value: object, low: float, high: float) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if low <= value <= high else None


def _names(value: object) -> frozenset[str] | None:
    if not isinstance(value, (list, tuple)):
        return None
    return frozenset(name for name in value if isinstance(name, str))

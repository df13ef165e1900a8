"""The second model beside the first: what both say of the same frame, and the sums over a run."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from detector.comparison import NO_COMMON_CLASS, ComparisonTotals, FrameComparison, Totals, compare
from detector.data.beside import truth_beside
from detector.data.frame_truth import FrameTruth, FrameTruths
from detector.detections import Detections
from detector.frames.protocol import Frame, SourceInfo
from detector.pipeline.meter import Meter
from detector.pipeline.pairing import Pair
from detector.pipeline.results import (
    SECOND,
    FrameResult,
    ModelEvent,
    ModelFailed,
    ModelLoading,
    ModelReady,
    RunningModel,
)
from detector.registry import load_detector
from detector.selection import Thresholds, select
from gui.background import Background
from gui.fetching import Fetches
from gui.session import Session
from gui.translation import tr
from gui.values import ModelChoice, ShownFrame

TOPIC = "second model"
MOST_WAITING = 8


@dataclass(frozen=True)
class ComparedFrame:
    """What both halves of the window show.

    second: of the second model, None before it has answered. comparison: None where the two are of different frames, or
    the first model does not answer.
    truth: of the frame, where truth lies beside it.
    """

    first: ShownFrame
    second: ShownFrame | None
    comparison: FrameComparison | None
    truth: FrameTruth | None = None


class Comparing(QObject):
    """Owns what is known of the second model. Lives in the GUI thread; without a second model it does nothing.

    Signals: `shown` a ComparedFrame to draw, right after the session has shown its first half; `changed` when the
    second model comes, goes or fails, or truth was found; `totals_changed`. Troubles come from the session, under the
    topic "second model".

    `truths` is the truth beside the running source, where there is any; `note` a sentence worth standing beside the
    figures. The sums begin anew with other models, thresholds or sources: they are of one and the same thing.
    """

    shown = Signal(object)
    changed = Signal()
    totals_changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent or session)
        self.session = session
        self.active = False
        self.loading = False
        self.choice: ModelChoice | None = None
        self.model: RunningModel | None = None
        self.current: ComparedFrame | None = None
        self.truths: FrameTruths | None = None
        self.note = ""
        self.fetches = Fetches()
        self._first = session.model
        self._totals = Totals()
        self._counted: Frame | None = None
        self._pair: Pair | None = None
        self._recent: list[Pair] = []
        self._answering: ModelChoice | None = None
        self._asked = self._began = 0
        self._give_up_truth = threading.Event()
        self._background = Background("truth", self)
        session.shown.connect(self._first_shown)
        session.second_model_event.connect(self._on_event)
        session.selection_changed.connect(self._selection_changed)
        session.model_changed.connect(self._first_changed)
        session.source_opened.connect(self._source_opened)
        session.source_closed.connect(self._source_closed)

    @property
    def meter(self) -> Meter:
        """How fast the second model is."""
        return self.session.bridge.second_meter

    @property
    def totals(self) -> ComparisonTotals:
        """The sums so far."""
        return self._totals.snapshot()

    def start(self, choice: ModelChoice) -> None:
        """Set a second model beside the first."""
        self.active = True
        self._look_for_truth()
        self.choose(choice)
        self._began = self._asked

    def choose(self, choice: ModelChoice) -> None:
        """Change the second model; the one before answers until this one is ready."""
        self.choice = choice
        self.loading = True
        load = self.fetches.before(choice.name, lambda: load_detector(*choice.words, engine=choice.engine))
        self._asked = self.session.runner.load_model(Path(choice.name).stem, load, SECOND)
        self.fetches.stop_earlier()
        self.changed.emit()

    def stop(self) -> None:
        """The first model goes on alone."""
        self.active = self.loading = False
        self.session.runner.remove_second()
        self.fetches.stop()
        self.choice = self._answering = None
        self._forget_truth()
        self._lose_model()
        self.session.trouble_over.emit(TOPIC)

    def reset_totals(self) -> None:
        """Begin the sums anew."""
        self._totals.reset()
        self._counted = None
        self.totals_changed.emit()

    # The second model

    def _on_event(self, event: ModelEvent) -> None:
        if not self.active or event.request < self._began:
            # Given up while its event was under way.
            return
        self._take_over(event)
        self.changed.emit()
        if isinstance(event, ModelReady) and self.session.current is not None:
            # Its first answer may have come before this.
            self._first_shown(self.session.current)

    def _take_over(self, event: ModelEvent) -> None:
        match event:
            case ModelLoading():
                self.loading = True
            case ModelReady(model=model):
                self.loading, self.model, self._answering = False, model, self.choice
                if self._pair is not None and self._pair[1].model != model:
                    self._forget_pairs()
                self.meter.reset()
                self._note_classes()
                self.session.trouble_over.emit(TOPIC)
                self.reset_totals()
            case ModelFailed(message=message, running=running):
                self.loading = False
                if running:
                    self.choice = self._answering
                else:
                    self._lose_model()
                self.session.trouble.emit(TOPIC, message)

    def _lose_model(self) -> None:
        self.model = self.current = None
        self._forget_pairs()
        self.note = ""
        self.session.bridge.set_paired(False)
        self.meter.reset()
        self.reset_totals()
        self.changed.emit()

    def _first_changed(self, model: RunningModel | None) -> None:
        other = model is not None and model != self._first
        if model is not None:
            # The sums of one that failed stay to be read.
            self._first = model
        if self.active:
            self._note_classes()
            if other:
                self.reset_totals()
            self.changed.emit()

    def _note_classes(self) -> None:
        first, second = self.session.model, self.model
        self.note = ""
        if first is not None and second is not None:
            nothing = Detections.empty()
            met = compare(nothing, nothing, first.info.class_names, second.info.class_names)
            self.note = tr(NO_COMMON_CLASS) if met.class_agnostic else ""

    # Frames

    def _selection_changed(self) -> None:
        if self.active:
            self.reset_totals()

    def _first_shown(self, shown: ShownFrame) -> None:
        if not self.active or self.model is None:
            return
        pairs = self.session.bridge.take_pairs()
        for pair in pairs:
            models = pair[0].model, pair[1].model
            if models == (self._first, self.model) and self.session.runner.is_current(pair[0].generation):
                self._add(pair)
        self._choose_pair(shown, pairs)
        if shown.candidates is not None:
            self.current = self._compared(shown)
        elif self.session.model is None:
            self.current = self._second_alone(shown)
        else:
            # Its answer follows.
            return
        self.shown.emit(self.current)
        if pairs:
            self.totals_changed.emit()

    def _choose_pair(self, shown: ShownFrame, pairs: list[Pair]) -> None:
        """Find the pair of the frame on show. The pipeline may be further on; a later pair waits for its turn."""
        self._recent = [*self._recent, *pairs][-MOST_WAITING:]
        for place in reversed(range(len(self._recent))):
            if self._recent[place][0].frame is shown.frame:
                self._pair, self._recent = self._recent[place], self._recent[place + 1 :]
                return
        if self._recent and (self._pair is None or self._pair[0].frame is not shown.frame):
            self._pair = self._recent[-1]

    def _forget_pairs(self) -> None:
        self._pair = None
        self._recent.clear()

    def _compared(self, shown: ShownFrame) -> ComparedFrame:
        truth = self._truth_of(shown)
        if self._pair is None:
            return ComparedFrame(shown, None, None, truth)
        second = self._selected(self._pair[1])
        if self._pair[0].frame is not shown.frame:
            return ComparedFrame(shown, second, None, truth)
        together = compare(shown.detections, second.detections, shown.class_names, second.class_names)
        return ComparedFrame(shown, second, together, truth)

    def _second_alone(self, shown: ShownFrame) -> ComparedFrame:
        """What there is while the first model does not answer."""
        result = self.session.bridge.second
        own = result is not None and result.model == self.model and result.frame is shown.frame
        return ComparedFrame(shown, self._selected(result) if own and result else None, None, self._truth_of(shown))

    def _truth_of(self, shown: ShownFrame) -> FrameTruth | None:
        if self.truths is None:
            return None
        height, width = shown.frame.image.shape[:2]
        return self.truths.of(shown.frame.name, (width, height))

    def _add(self, pair: Pair) -> None:
        if pair[0].frame is self._counted:
            # Answered again for its feature maps.
            return
        self._counted = pair[0].frame
        first, second = (self._selected(result) for result in pair)
        names = first.class_names, second.class_names
        together = compare(first.detections, second.detections, *names)
        self._totals.add(together, first.detections, second.detections, *names)

    def _selected(self, result: FrameResult) -> ShownFrame:
        assert result.candidates is not None
        assert result.model is not None
        info = result.model.info
        thresholds = self.thresholds(info.class_names, info.default_score)
        return ShownFrame(result.frame, result.candidates, select(result.candidates, thresholds), result.model)

    def thresholds(self, class_names: Sequence[str], default_score: float) -> Thresholds:
        """What is kept of a model's candidates: as for the first, by its own default score where none was chosen."""
        selection = self.session.selection
        thresholds = selection.thresholds(class_names)
        return replace(thresholds, score=default_score) if selection.default_score else thresholds

    # Truth

    def _source_opened(self, _info: SourceInfo) -> None:
        self.current = None
        self._forget_pairs()
        self._forget_truth()
        if self.active:
            self.reset_totals()
            self._look_for_truth()
            self.changed.emit()

    def _source_closed(self) -> None:
        self.current = None
        self._forget_pairs()
        self._forget_truth()
        if self.active:
            self.reset_totals()
            self.changed.emit()

    def _forget_truth(self) -> None:
        self._give_up_truth.set()
        self._give_up_truth = threading.Event()
        self.truths = None

    def _look_for_truth(self) -> None:
        info, text = self.session.playback.info, self.session.playback.text
        if info is None or info.kind != "images" or self.truths is not None:
            return
        given_up = self._give_up_truth

        def found(truths: FrameTruths | None) -> None:
            if not given_up.is_set():
                self.truths = truths
                self.changed.emit()
                if truths is not None and self.current is not None:
                    self._first_shown(self.current.first)

        def failed(error: Exception) -> None:
            if not given_up.is_set():
                sentence = tr("The truth beside the frames cannot be read: {error}").format(error=error)
                self.session.trouble.emit("truth", sentence)

        self._background.run(lambda: truth_beside(text, given_up), found, failed)

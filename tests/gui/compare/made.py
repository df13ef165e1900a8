"""Compared frames made by hand, and what stands in for the session and the comparing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from PySide6.QtCore import QObject, Signal

from detector.comparison import ComparisonTotals, Totals, compare
from detector.detections import Candidates, Proposals
from detector.detector import ModelInfo
from detector.frames.protocol import Frame
from detector.pipeline.meter import Meter
from detector.pipeline.results import FrameTimes, RunningModel
from detector.selection import Thresholds, select
from gui.comparing import ComparedFrame
from gui.values import ModelChoice, ShownFrame

NAMES = ("person", "dog", "cat")
FRAME_WH = (320, 160)
FIRST = RunningModel(ModelInfo("one-look", NAMES, 64, Path("none")), 64, "torch", "f32", "CPU x1", (8, 16, 32))
SECOND = RunningModel(ModelInfo("two-looks", NAMES, 96, Path("none")), 96, "torch", "bf16", "CPU x1")
Box = tuple[float, float, float, float]
PERSON, DOG, CAT = range(3)

BOTH, DIFFERENT = (20.0, 20.0, 90.0, 120.0), (120.0, 30.0, 190.0, 130.0)
ONLY_FIRST, ONLY_SECOND = (210.0, 20.0, 250.0, 70.0), (260.0, 80.0, 310.0, 150.0)
IMAGE = np.full((FRAME_WH[1], FRAME_WH[0], 3), 128, np.uint8)


def made_shown(
    boxes: Sequence[Box],
    labels: Sequence[int],
    scores: Sequence[float],
    model: RunningModel = FIRST,
    index: int = 0,
    image: np.ndarray = IMAGE,
) -> ShownFrame:
    """What one model finds on a gray frame. One without a grid gives proposals, a little larger than its boxes."""
    each = np.zeros((len(boxes), len(model.info.class_names)), np.float32)
    each[np.arange(len(boxes)), list(labels)] = scores
    corners = np.array(boxes, np.float32).reshape(-1, 4)
    proposals = None
    if model.grid_strides is None:
        rest = corners[::-1] + np.float32(3)
        larger = np.concatenate((corners + np.array([-8, -6, 9, 5], np.float32), rest))
        proposals = Proposals(larger, np.linspace(0.99, 0.2, len(larger), dtype=np.float32))
    frame_wh = (image.shape[1], image.shape[0])
    candidates = Candidates(corners, each, np.arange(len(boxes), dtype=np.int32), frame_wh, proposals)
    found = select(candidates, Thresholds(nms_iou=1.0))
    return ShownFrame(Frame(image, index, index / 30), candidates, found, model)


def made_compared(index: int = 0, second: RunningModel = SECOND) -> ComparedFrame:
    """A frame with one box of each kind: both agree, only first, only second, labels differ."""
    image = IMAGE.copy()
    first = made_shown([BOTH, DIFFERENT, ONLY_FIRST], [PERSON, DOG, CAT], [0.9, 0.8, 0.7], index=index, image=image)
    moved = (DIFFERENT[0] + 4, DIFFERENT[1] + 4, DIFFERENT[2] + 4, DIFFERENT[3] + 4)
    other = made_shown([moved, ONLY_SECOND, BOTH], [CAT, DOG, PERSON], [0.95, 0.6, 0.5], second, index, image)
    together = compare(first.detections, other.detections, first.class_names, other.class_names)
    return ComparedFrame(first, other, together, None)


def apart(compared: ComparedFrame) -> ComparedFrame:
    """The same, as if the second model had looked at another frame."""
    return replace(compared, comparison=None)


class MadeSelection:
    def thresholds(self, _names: Sequence[str]) -> Thresholds:
        return Thresholds(nms_iou=1.0)


class MadeSession(QObject):
    """What stage and panel ask of a session."""

    model_changed = Signal(object)
    source_closed = Signal()
    trouble = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self.selection = MadeSelection()
        self.default_score = True
        self.model: RunningModel | None = FIRST
        self.choice: ModelChoice | None = ModelChoice("vgg-yolo-voc20")
        self.bridge = SimpleNamespace(meter=Meter())

    def set_classes_shown(self, _names: object) -> None:
        raise AssertionError("nobody asked for it")


class MadeComparing(QObject):
    """What stage and panel ask of the comparing; every step is made by hand."""

    shown = Signal(object)
    changed = Signal()
    totals_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.active = self.loading = False
        self.choice: ModelChoice | None = None
        self.model: RunningModel | None = None
        self.current: ComparedFrame | None = None
        self.sums = Totals()
        self.meter = Meter()
        self.fetches = SimpleNamespace(under_way=None)
        self.truths: object = None
        self.note = ""

    @property
    def totals(self) -> ComparisonTotals:
        return self.sums.snapshot()

    def start(self, choice: ModelChoice) -> None:
        self.active = self.loading = True
        self.choice = choice
        self.changed.emit()

    choose = start

    def stop(self) -> None:
        self.active = self.loading = False
        self.choice = self.model = self.current = None
        self.changed.emit()

    def thresholds(self, _names: Sequence[str], _score: float) -> Thresholds:
        return Thresholds(nms_iou=1.0)

    def reset_totals(self) -> None:
        self.sums.reset()
        self.totals_changed.emit()

    # Steps

    def load(self, model: RunningModel = SECOND) -> None:
        self.loading, self.model = False, model
        self.changed.emit()

    def fail(self) -> None:
        self.loading, self.model = False, None
        self.changed.emit()

    def show(self, compared: ComparedFrame) -> None:
        self.current = compared
        self.meter.add(FrameTimes(0, 0.001, 0.03, 0.001))
        if compared.comparison is not None and compared.second is not None:
            names = (compared.first.class_names, compared.second.class_names)
            self.sums.add(compared.comparison, compared.first.detections, compared.second.detections, *names)
        self.shown.emit(compared)
        self.totals_changed.emit()

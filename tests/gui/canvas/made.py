"""A ShownFrame made by hand, and what stands in for the session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Signal

from detector.detections import Candidates
from detector.detector import ModelInfo
from detector.frames.protocol import Frame
from detector.pipeline.results import RunningModel
from detector.selection import Thresholds, select
from gui.values import ShownFrame

NAMES = ("person", "dog", "cat")
MODEL = RunningModel(ModelInfo("made", NAMES, 64, Path("none")), 64, "fake", "f32", "CPU x1", (8, 16, 32))
FRAME_WH = (320, 160)
Box = tuple[float, float, float, float]


def made_frame(
    boxes: Sequence[Box],
    labels: Sequence[int],
    scores: Sequence[float],
    origins: Sequence[int] | None = None,
    index: int = 0,
    thresholds: Thresholds | None = None,
    frame_wh: tuple[int, int] = FRAME_WH,
) -> ShownFrame:
    """A gray frame on which a model proposes these boxes, one class each, and what is selected of them."""
    each = np.zeros((len(boxes), len(NAMES)), np.float32)
    each[np.arange(len(boxes)), list(labels)] = scores
    rows = np.array(origins if origins is not None else range(len(boxes)), np.int32)
    candidates = Candidates(np.array(boxes, np.float32).reshape(-1, 4), each, rows, frame_wh)
    image = np.full((frame_wh[1], frame_wh[0], 3), 128, np.uint8)
    found = select(candidates, thresholds or Thresholds())
    return ShownFrame(Frame(image, index, index / 30), candidates, found, MODEL)


def tracked(shown: ShownFrame, ids: Sequence[int]) -> ShownFrame:
    return replace(shown, detections=replace(shown.detections, track_ids=np.array(ids, np.int32)))


class FixedThresholds:
    def __init__(self, thresholds: Thresholds) -> None:
        self.fixed = thresholds

    def thresholds(self, _names: Sequence[str]) -> Thresholds:
        return self.fixed


class MadeSession(QObject):
    """What canvas and view panel ask of a session."""

    model_changed = Signal(object)

    def __init__(self, thresholds: Thresholds | None = None, model: RunningModel | None = MODEL) -> None:
        super().__init__()
        self.selection = FixedThresholds(thresholds or Thresholds())
        self.model = model
        self.only: list[set[str] | None] = []
        self.shown_classes: list[tuple[str, bool]] = []

    def set_classes_shown(self, names: set[str] | None) -> None:
        self.only.append(names)

    def set_class_shown(self, name: str, shown: bool) -> None:
        self.shown_classes.append((name, shown))

"""A session with a model that answers without a pipeline, for panels; and a double click."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

from detector.detections import Candidates, Detections
from detector.detector import ModelInfo
from detector.frames import Frame
from detector.pipeline.results import ModelReady, RunningModel
from gui.selection import Selection
from gui.session import Session
from gui.values import ModelChoice, ShownFrame
from tests.e2e.hands import click, middle, release

NAMES = ("person", "dog", "cat", "car")
SIDE_PX = 100


def running_model(names: tuple[str, ...] = NAMES, default_score: float = 0.4) -> RunningModel:
    info = ModelInfo("fake", names, 320, Path("fake.safetensors"), default_score=default_score)
    return RunningModel(info, 320, "torch", "f32", "CPU x1")


def candidates(*found: tuple[int, float]) -> Candidates:
    """One box apart from the others per (label, score)."""
    boxes = np.array([[10 * i, 10 * i, 10 * i + 9, 10 * i + 9] for i in range(len(found))], np.float32)
    scores = np.zeros((len(found), len(NAMES)), np.float32)
    for row, (label, score) in enumerate(found):
        scores[row, label] = score
    origin = np.zeros(len(found), np.int32)
    return Candidates(boxes.reshape(-1, 4), scores, origin, (SIDE_PX, SIDE_PX))


def give_model(session: Session, model: RunningModel | None = None) -> None:
    """As if this model had been loaded."""
    session._on_event(ModelReady(0, model or running_model()))


def give_frame(session: Session, *found: tuple[int, float]) -> None:
    """As if a frame had been answered with these (label, score)."""
    frame = Frame(np.zeros((SIDE_PX, SIDE_PX, 3), np.uint8), 0, 0.0)
    session._show(ShownFrame(frame, candidates(*found), Detections.empty(), session.model))


class Chosen(Session):
    """A session that notes which models are chosen instead of loading them."""

    def __init__(self) -> None:
        super().__init__(Selection())
        self.asked_for: list[ModelChoice] = []

    def choose_model(self, choice: ModelChoice) -> None:
        self.choice = choice
        self.asked_for.append(choice)


def double_click(widget: QWidget, at: QPointF | None = None) -> None:
    """Click twice, as Qt tells it."""
    at = at or middle(widget)
    left = Qt.MouseButton.LeftButton
    click(widget, at)
    again = QMouseEvent(
        QEvent.Type.MouseButtonDblClick, at, QPointF(widget.mapToGlobal(at)), left, left, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(widget, again)
    release(widget, at)

"""One model of several: it answers frame by frame, and where it fails only its own lane ends."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from detector.detections import Candidates, Detections
from detector.frames import Frame
from detector.selection import Thresholds, select

log = logging.getLogger(__name__)


class Predictor(Protocol):
    """What is needed of a detector."""

    @property
    def class_names(self) -> Sequence[str]: ...

    def predict(self, image: NDArray[np.uint8]) -> Candidates: ...


@dataclass(frozen=True)
class Answer:
    """What a model says of a frame. ms: of the whole prediction, from the frame to the candidates."""

    candidates: Candidates
    detections: Detections
    ms: float


@dataclass
class Lane:
    """A model of the run. title: unlike every other's. failure: why it gives no answers any more; "" while it does."""

    title: str
    detector: Predictor
    thresholds: Thresholds
    failure: str = ""

    @property
    def class_names(self) -> Sequence[str]:
        return self.detector.class_names

    def answer(self, frame: Frame) -> Answer | None:
        """Look at a frame; None where the model fails, which ends the lane with `failure`."""
        if self.failure:
            return None
        try:
            start_s = time.perf_counter()
            candidates = self.detector.predict(frame.image)
            ms = 1000 * (time.perf_counter() - start_s)
            return Answer(candidates, select(candidates, self.thresholds), ms)
        except Exception as error:  # whatever breaks in an engine is this model's own affair
            log.info("%s failed", self.title, exc_info=True)
            self.failure = f"{self.title} {why_it_failed(error)} on frame {frame.index} and was left out from there."
            return None


def why_it_failed(error: Exception) -> str:
    """A predicate for the sentence about a model whose engine raised `error`."""
    # torch tells that memory has run out by a RuntimeError.
    if isinstance(error, MemoryError) or "not enough memory" in str(error).lower():
        return "ran out of memory"
    reason = " ".join(str(error).split())[:200]
    return f"failed ({reason or type(error).__name__})"

"""A detector: a family's knowledge on an engine's back. `Detector.predict(frame)` gives candidates."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from detector.detections import Candidates
from detector.engines.protocol import Engine
from detector.families.protocol import Family
from detector.geometry import Letterbox

CANDIDATE_FLOOR = 0.005


@dataclass(frozen=True)
class ModelInfo:
    """What is known of a model before it is loaded.

    name: as in the list of models. class_names: in label order. size: default input side in pixels, the shorter one
    where the input is not square. file: its weights. summary: one line for people. ap50: by VOC's rules, 0-100, or None
    where not measured. ap: by COCO's rules, likewise. measured_on: what both were measured on. parameters: how many
    numbers are learned. gmac: thousand million multiply-accumulates a frame at the default size. source: where the file
    can be fetched, empty where it came with Looktwice or is the user's own.
    """

    name: str
    class_names: tuple[str, ...]
    size: int
    file: Path
    summary: str = ""
    ap50: float | None = None
    default_score: float = 0.35
    ap: float | None = None
    measured_on: str = ""
    parameters: int | None = None
    gmac: float | None = None
    source: str = ""


@dataclass(frozen=True)
class PartTimes:
    """Seconds of one prediction, by part."""

    prepare_s: float
    network_s: float
    post_s: float


class Detector:
    """A loaded model. Not to be used from two threads at once.

    Args:
        size: side of the square input in pixels, a multiple of 32.
        floor: candidates whose best score is not above this are dropped at once.
        note: one sentence worth telling once, such as that another engine runs it than would by itself; "" for none.
    """

    def __init__(
        self,
        info: ModelInfo,
        family: Family,
        engine: Engine,
        size: int | None = None,
        floor: float = CANDIDATE_FLOOR,
        note: str = "",
    ) -> None:
        self.info, self.family, self.engine, self.note = info, family, engine, note
        self.size = size or info.size
        self.floor = floor
        self.times = PartTimes(0.0, 0.0, 0.0)

    @property
    def class_names(self) -> tuple[str, ...]:
        return self.info.class_names

    def place(self, frame_size_wh: tuple[int, int]) -> Letterbox:
        """Where `prepare` puts a frame of so many pixels."""
        return self.family.place(frame_size_wh, self.size)

    def prepare(self, image: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], Letterbox]:
        """RGB uint8 `[H, W, 3]` -> the network's input `[h, w, 3]`, mostly square, and its letterbox."""
        return self.family.prepare(image, self.size)

    def predict(self, image: NDArray[np.uint8]) -> Candidates:
        """Candidates of one frame, RGB uint8 `[H, W, 3]`. `times` then says how long each part took."""
        start_s = time.perf_counter()
        tensor, letterbox = self.prepare(image)
        prepared_s = time.perf_counter()
        outputs = self.engine.run(tensor[None])
        ran_s = time.perf_counter()
        candidates = self.family.interpret([output[0] for output in outputs], letterbox, self.floor)
        self.times = PartTimes(prepared_s - start_s, ran_s - prepared_s, time.perf_counter() - ran_s)
        return candidates

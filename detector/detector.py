"""A detector: a family's knowledge on an engine's back. `Detector.predict(frame)` gives candidates."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
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


NO_TIMES = PartTimes(0.0, 0.0, 0.0)


class Detector:
    """A loaded model. To be used from several threads at once where its engine bears it: OpenVINO does.

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
        self._told = threading.local()

    @property
    def times(self) -> PartTimes:
        """Of this thread's last prediction."""
        return getattr(self._told, "times", NO_TIMES)

    def side_by_side(self, frames: int) -> Detector | None:
        """The same model, loaded again, for so many threads that run it at once, each on its share of the cores.

        None where the engine cannot, or there are too few cores. What a frame gives is the same.

        Raises:
            LooktwiceError: the files went away meanwhile, or do not load.
        """
        engine = self.engine.side_by_side(frames)
        return None if engine is None else Detector(self.info, self.family, engine, self.size, self.floor)

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
        self._told.times = PartTimes(prepared_s - start_s, ran_s - prepared_s, time.perf_counter() - ran_s)
        return candidates

    def predict_many(self, images: Sequence[NDArray[np.uint8]]) -> list[Candidates]:
        """Candidates of several frames, each RGB uint8 `[H, W, 3]`, in their order.

        Frames whose inputs have the same size go through the network together. `times` then tells each part's share of
        one frame.
        """
        start_s = time.perf_counter()
        prepared = [self.prepare(image) for image in images]
        groups: dict[tuple[int, ...], list[int]] = {}
        for place, (tensor, _) in enumerate(prepared):
            groups.setdefault(tensor.shape, []).append(place)
        prepared_s = time.perf_counter()
        outputs = [
            (place, [output[row] for output in raw])
            for places in groups.values()
            for raw in [self.engine.run(np.stack([prepared[place][0] for place in places]))]
            for row, place in enumerate(places)
        ]
        ran_s = time.perf_counter()
        found = {place: self.family.interpret(one, prepared[place][1], self.floor) for place, one in outputs}
        count = max(1, len(images))
        spent_s = prepared_s - start_s, ran_s - prepared_s, time.perf_counter() - ran_s
        self._told.times = PartTimes(*(part_s / count for part_s in spent_s))
        return [found[place] for place in range(len(images))]

"""What is asked of an analysis, the detectors that do it, and the settings that this comes to."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from detector.analysis.choosing import Choice
from detector.analysis.values import AnalysisSettings
from detector.detector import CANDIDATE_FLOOR, Detector
from detector.downloads import Fetching
from detector.errors import OptionError, WeightsError
from detector.registry import DEFAULT_MODEL, EngineChoice, PrecisionChoice, engine_for, load_detector, model_info
from detector.selection import Thresholds

# One frame on one thread: a frame's result then depends on nothing that runs beside it.
THREADS_OF_A_FRAME = 1


@dataclass(frozen=True)
class RunOrder:
    """What is asked for.

    model, size, precision, engine: as for `load_detector`. score: None for the model's own. classes: names of the
    wanted ones, None for all. every, fps, from_s, to_s: see `Choice`.

    Raises:
        OptionError: it holds no frame.
    """

    model: str = DEFAULT_MODEL
    size: int | None = None
    precision: PrecisionChoice = "auto"
    engine: EngineChoice = "auto"
    score: float | None = None
    nms_iou: float = Thresholds().nms_iou
    classes: tuple[str, ...] | None = None
    every: int = 1
    fps: float | None = None
    from_s: float = 0.0
    to_s: float | None = None

    def __post_init__(self) -> None:
        Choice(self.every, self.fps, self.from_s, self.to_s)


def lanes_here() -> int:
    """How many frames this computer looks at side by side: as many as it has cores for this process."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def load_detectors(order: RunOrder, count: int, fetching: Fetching | None = None) -> tuple[Detector, ...]:
    """`count` detectors that share one network, to be used from a thread each.

    Raises:
        OptionError, WeightsError: in one sentence.
    """
    info = model_info(order.model)
    score = info.default_score if order.score is None else order.score
    engine = engine_for(info, order.engine, order.precision)
    # OpenVINO shares its threads among the frames; torch counts them for each of our threads, when these begin.
    threads = {"torch": None, "openvino": count * THREADS_OF_A_FRAME}.get(engine, THREADS_OF_A_FRAME)
    first = load_detector(
        order.model,
        order.size,
        order.precision,
        threads,
        floor=min(CANDIDATE_FLOOR, score),
        fetching=fetching,
        engine=engine,
        frames_at_once=count,
    )
    return tuple(Detector(first.info, first.family, first.engine, first.size, first.floor) for _ in range(count))


def settings_of(order: RunOrder, detector: Detector) -> AnalysisSettings:
    """Everything that decides what is found, with what was left open filled in.

    Raises:
        OptionError: a class that the model does not know. WeightsError: the weights file cannot be read.
    """
    names = detector.class_names
    unknown = [name for name in order.classes or () if name not in names]
    if unknown:
        raise OptionError(f"the model has no class named {unknown[0]!r}; there is {', '.join(names)}.")
    return AnalysisSettings(
        model=detector.info.name,
        model_sha256=weights_sha256(detector.info.file),
        engine=detector.engine.name,
        precision=detector.engine.precision,
        threads=THREADS_OF_A_FRAME,
        size=detector.size,
        score=detector.info.default_score if order.score is None else order.score,
        nms_iou=order.nms_iou,
        class_names=tuple(names),
        classes=None if order.classes is None else tuple(name for name in names if name in order.classes),
        every=order.every,
        fps=order.fps,
        from_s=order.from_s,
        to_s=order.to_s,
    )


def thresholds_of(settings: AnalysisSettings) -> Thresholds:
    """Raises OptionError: a threshold out of range."""
    return Thresholds(
        score=settings.score,
        nms_iou=settings.nms_iou,
        labels=None if settings.classes is None else labels_of(settings.classes, settings.class_names),
    )


def labels_of(classes: Sequence[str], class_names: Sequence[str]) -> frozenset[int]:
    return frozenset(class_names.index(name) for name in classes)


def choice_of(settings: AnalysisSettings) -> Choice:
    return Choice(settings.every, settings.fps, settings.from_s, settings.to_s)


def weights_sha256(file: Path) -> str:
    """Of a weights file's bytes. Raises WeightsError: it cannot be read."""
    try:
        found = file.stat()
        return _sha256(file, found.st_size, found.st_mtime_ns)
    except OSError as error:
        raise WeightsError(f"the weights file {file} cannot be read: {error.strerror or error}.") from error


@lru_cache(maxsize=8)
def _sha256(file: Path, _size_bytes: int, _changed_ns: int) -> str:
    with open(file, "rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()

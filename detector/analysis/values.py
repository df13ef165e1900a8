"""What an analysis is of, what decides what it finds, and what it found on a frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.detections import Detections

SCORE_DIGITS, PIXEL_DIGITS, TIME_DIGITS = 4, 2, 6


@dataclass(frozen=True)
class AnalysisSettings:
    """Everything that decides what is found: equal settings on an equal file give the same journal, byte for byte.

    model: its name. model_sha256: of its weights file. engine, precision, threads: what computes; threads is how many
    one frame is computed on. size: side of the network's input in pixels. score, nms_iou: the thresholds. class_names:
    of the model, in label order. classes: the wanted ones, in label order; None for all. every: only every so many
    frames. fps: at most so many frames a second, by their times; None for all. from_s, to_s: only frames whose time is
    in `from_s <= time < to_s`.
    """

    model: str
    model_sha256: str
    engine: str
    precision: str
    threads: int
    size: int
    score: float
    nms_iou: float
    class_names: tuple[str, ...]
    classes: tuple[str, ...] | None = None
    every: int = 1
    fps: float | None = None
    from_s: float = 0.0
    to_s: float | None = None


@dataclass(frozen=True)
class SourceFacts:
    """What is known of the analysed file.

    path: as it was given; it does not count for whether two files are the same, `sha256` and `size_bytes` do. fps,
    frame_count: as declared, None where unknown. kind: "video", "images" or "sample".
    """

    path: str
    kind: str
    size_bytes: int
    sha256: str
    size_wh: tuple[int, int]
    fps: float | None
    frame_count: int | None

    def is_same_file(self, other: SourceFacts) -> bool:
        return (self.sha256, self.size_bytes) == (other.sha256, other.size_bytes)


@dataclass(frozen=True)
class StoredFrame:
    """What was found on one frame, rounded as it is stored.

    index: in the source, from 0. time_s: seconds from the source's start. size_wh: of this frame, in pixels; a source
    may change it midway. name: the file's name where frames are files, else "". labels int32 `[K]`, scores float32
    `[K]`, boxes_xyxy float32 `[K, 4]` in pixels, best score first.
    """

    index: int
    time_s: float
    size_wh: tuple[int, int]
    labels: NDArray[np.int32]
    scores: NDArray[np.float32]
    boxes_xyxy: NDArray[np.float32]
    name: str = ""

    def __len__(self) -> int:
        return len(self.labels)

    def detections(self, track_ids: NDArray[np.int32] | None = None) -> Detections:
        """The same as everything else exchanges it; `candidate` counts up, for candidates are not stored."""
        rows = np.arange(len(self), dtype=np.int32)
        return Detections(self.boxes_xyxy, self.scores, self.labels, rows, track_ids)


def stored_frame(
    index: int, time_s: float, size_wh: tuple[int, int], detections: Detections, name: str = ""
) -> StoredFrame:
    """`detections` as they will be read back."""
    return StoredFrame(
        index,
        round(float(time_s), TIME_DIGITS),
        size_wh,
        detections.labels.astype(np.int32),
        np.round(detections.scores.astype(np.float64), SCORE_DIGITS).astype(np.float32),
        np.round(detections.boxes_xyxy.astype(np.float64), PIXEL_DIGITS).astype(np.float32),
        name,
    )


def as_document(value: AnalysisSettings | SourceFacts) -> dict[str, Any]:
    """For JSON."""
    return asdict(value)


def settings_from(document: Mapping[str, Any]) -> AnalysisSettings:
    """Raises KeyError or TypeError where `document` is none of ours."""
    known = {field.name: document[field.name] for field in fields(AnalysisSettings)}
    known["class_names"] = tuple(known["class_names"])
    known["classes"] = None if known["classes"] is None else tuple(known["classes"])
    return AnalysisSettings(**known)


def source_from(document: Mapping[str, Any]) -> SourceFacts:
    """Raises KeyError or TypeError where `document` is none of ours."""
    known = {field.name: document[field.name] for field in fields(SourceFacts)}
    width, height = known["size_wh"]
    return SourceFacts(**{**known, "size_wh": (width, height)})

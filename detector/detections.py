"""The two values that everything exchanges: what a network proposes, and what is kept of it. NumPy only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Proposals:
    """Where the first stage of a two-stage network bids the second one look, best first.

    boxes_xyxy: float32 `[P, 4]` in pixels of the original frame, may reach beyond it.
    scores: float32 `[P]`, 0..1, how sure it is that there is an object of any class (*objectness*).
    """

    boxes_xyxy: NDArray[np.float32]
    scores: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.boxes_xyxy)


@dataclass(frozen=True)
class Candidates:
    """Boxes of one frame before thresholds and non-maximum suppression (NMS); shown as *raw boxes*.

    boxes_xyxy: float32 `[N, 4]` in pixels of the original frame, may reach beyond it.
    scores: float32 `[N, C]`, 0..1.
    origin: int32 `[N]`, the anchor point that each came from; where there are proposals, the row of its proposal.
    frame_size_wh: width and height of the frame in pixels.
    proposals: of a two-stage network; None where one stage answers.
    """

    boxes_xyxy: NDArray[np.float32]
    scores: NDArray[np.float32]
    origin: NDArray[np.int32]
    frame_size_wh: tuple[int, int]
    proposals: Proposals | None = None

    def __len__(self) -> int:
        return len(self.boxes_xyxy)

    @staticmethod
    def empty(class_count: int, frame_size_wh: tuple[int, int]) -> Candidates:
        return Candidates(
            np.zeros((0, 4), np.float32), np.zeros((0, class_count), np.float32), np.zeros(0, np.int32), frame_size_wh
        )


@dataclass(frozen=True)
class Detections:
    """What is kept of the candidates of one frame, best score first.

    boxes_xyxy: float32 `[K, 4]` in pixels of the original frame, `0 <= x1 < x2 <= W`, `0 <= y1 < y2 <= H`.
    scores: float32 `[K]`. labels: int32 `[K]` into the model's class names.
    candidate: int32 `[K]`, the row of the candidates each grew from.
    track_ids: int32 `[K]`, -1 where a detection belongs to no track, or None when nothing tracks.
    """

    boxes_xyxy: NDArray[np.float32]
    scores: NDArray[np.float32]
    labels: NDArray[np.int32]
    candidate: NDArray[np.int32]
    track_ids: NDArray[np.int32] | None = None

    def __len__(self) -> int:
        return len(self.boxes_xyxy)

    @staticmethod
    def empty() -> Detections:
        return Detections(
            np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, np.int32), np.zeros(0, np.int32)
        )

    def to_supervision(self) -> Any:
        """The same boxes as `supervision.Detections`. Raises ImportError where supervision is not installed."""
        import supervision

        return supervision.Detections(
            xyxy=self.boxes_xyxy, confidence=self.scores, class_id=self.labels.astype(int), tracker_id=self.track_ids
        )

    @staticmethod
    def from_supervision(other: Any) -> Detections:
        """Detections from `supervision.Detections`; missing scores become 1, missing classes 0."""
        count = len(other.xyxy)
        scores = np.ones(count) if other.confidence is None else other.confidence
        labels = np.zeros(count) if other.class_id is None else other.class_id
        return Detections(
            np.asarray(other.xyxy, np.float32).reshape(-1, 4),
            np.asarray(scores, np.float32),
            np.asarray(labels, np.int32),
            np.arange(count, dtype=np.int32),
            None if other.tracker_id is None else np.asarray(other.tracker_id, np.int32),
        )

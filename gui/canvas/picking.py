"""Which detection the pointer means, and where a selected one went on the next frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from detector.detections import Detections
from detector.geometry import box_area, box_iou

SAME_IOU = 0.5


@dataclass(frozen=True)
class Picked:
    """A selected detection. `row`: of the detections it was last seen among.

    box_xyxy: in frame pixels. track_id: None while nothing tracks.
    """

    row: int
    class_name: str
    score: float
    box_xyxy: tuple[float, float, float, float]
    track_id: int | None = None


def picked(detections: Detections, row: int, class_names: Sequence[str]) -> Picked:
    """Row `row` of the detections, as a selection."""
    x1, y1, x2, y2 = detections.boxes_xyxy[row].tolist()
    track = None if detections.track_ids is None else int(detections.track_ids[row])
    name = class_names[int(detections.labels[row])]
    return Picked(row, name, float(detections.scores[row]), (x1, y1, x2, y2), track)


def rows_at(detections: Detections, x: float, y: float, slack: float = 0.0) -> list[int]:
    """The detections over a place of the frame, the smallest first. `slack`: so far beside the box still counts."""
    if len(detections) == 0:
        return []
    boxes = detections.boxes_xyxy
    inside = (boxes[:, 0] - slack <= x) & (x <= boxes[:, 2] + slack)
    inside &= (boxes[:, 1] - slack <= y) & (y <= boxes[:, 3] + slack)
    rows = np.flatnonzero(inside)
    return [int(row) for row in rows[np.argsort(box_area(boxes[rows]), kind="stable")]]


def next_of(rows: Sequence[int], current: int | None) -> int | None:
    """What a click picks of overlapping boxes: the first, or the one after `current` where that is among them."""
    if not rows:
        return None
    return rows[(rows.index(current) + 1) % len(rows)] if current in rows else rows[0]


def followed(before: Picked, detections: Detections, class_names: Sequence[str]) -> Picked | None:
    """The same thing on another frame: its track where there are tracks, else the box of its class that overlaps most.

    None when no box of that class has an IoU of at least 0.5 with the old one.
    """
    same = [row for row, label in enumerate(detections.labels.tolist()) if class_names[label] == before.class_name]
    if before.track_id is not None and detections.track_ids is not None:
        tracked = [row for row in same if int(detections.track_ids[row]) == before.track_id]
        return picked(detections, tracked[0], class_names) if tracked else None
    if not same:
        return None
    overlap = box_iou(np.array([before.box_xyxy], np.float32), detections.boxes_xyxy[same])[0]
    best = int(overlap.argmax())
    return picked(detections, same[best], class_names) if overlap[best] >= SAME_IOU else None

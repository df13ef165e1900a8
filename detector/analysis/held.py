"""What is drawn on each frame of a film: the findings of the last analysed one, and the ways that objects came."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from math import ceil

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.analysis.journal import Journal
from detector.analysis.seeking import walk_from
from detector.analysis.tracking import TrackTable
from detector.analysis.values import StoredFrame
from detector.analysis.walking import FALLBACK_FPS, UNTRACKED, Shown
from detector.drawing import annotate, text_height
from detector.frames import Frame
from detector.palette import class_colour

TRAIL_S = 1.5


@dataclass(frozen=True)
class FilmLook:
    """What is drawn. numbers: of tracks, beside the class names. trails: where objects were in the last seconds."""

    numbers: bool = True
    trails: bool = False


PLAIN_LOOK = FilmLook()


class HeldFindings:
    """Gives each frame of a source the findings that hold on it. Frames are asked for in order.

    Args:
        first: the first frame that will be asked for.
    """

    def __init__(self, journal: Journal, tracks: TrackTable | None, look: FilmLook, first: int = 0) -> None:
        self._look, self._class_names = look, journal.class_names
        # Trails begin before.
        before = ceil(TRAIL_S * (journal.head.source.fps or FALLBACK_FPS)) if look.trails else 0
        self._walk = walk_from(journal, tracks, first - before)
        self._next: Shown | None = next(self._walk, None)
        self._now: Shown | None = None
        self._trails: dict[int, deque[tuple[float, float, float]]] = {}

    def drawn(self, frame: Frame) -> NDArray[np.uint8]:
        """The frame's picture with what holds on it, RGB uint8 `[H, W, 3]`; before the first findings as it is."""
        while self._next is not None and self._next.frame.index <= frame.index:
            self._now = self._next
            self._remember(self._now)
            self._next = next(self._walk, None)
        if self._now is None:
            return frame.image
        found = _fitted(self._now.frame, frame.size_wh)
        ids = self._now.track_ids
        picture = annotate(frame.image, found.detections(ids if self._look.numbers else None), self._class_names)
        if self._look.trails and ids is not None:
            self._draw_trails(picture, found, ids, frame.time_s)
        return picture

    def _remember(self, shown: Shown) -> None:
        if not self._look.trails or shown.track_ids is None:
            return
        width, height = shown.frame.size_wh
        for row in np.flatnonzero(shown.track_ids != UNTRACKED).tolist():
            x1, _y1, x2, y2 = shown.frame.boxes_xyxy[row].tolist()
            trail = self._trails.setdefault(int(shown.track_ids[row]), deque())
            # As shares: a source may change its size midway.
            trail.append((shown.frame.time_s, (x1 + x2) / 2 / width, y2 / height))
        oldest_s = shown.frame.time_s - TRAIL_S
        for number in list(self._trails):
            trail = self._trails[number]
            while trail and trail[0][0] < oldest_s:
                trail.popleft()
            if not trail:
                del self._trails[number]

    def _draw_trails(
        self, picture: NDArray[np.uint8], found: StoredFrame, ids: NDArray[np.int32], time_s: float
    ) -> None:
        height, width = picture.shape[:2]
        line_px = max(1, round(text_height(width, height) / 8))
        for row in np.flatnonzero(ids != UNTRACKED).tolist():
            places = [(x, y) for at_s, x, y in self._trails.get(int(ids[row]), ()) if at_s >= time_s - TRAIL_S]
            points = np.rint(np.array(places, np.float64).reshape(-1, 2) * (width, height)).astype(np.int32)
            cv2.polylines(picture, [points], False, class_colour(int(found.labels[row])), line_px, cv2.LINE_AA)


def _fitted(found: StoredFrame, size_wh: tuple[int, int]) -> StoredFrame:
    """Findings of an earlier frame on one of another size."""
    if found.size_wh == size_wh:
        return found
    scale = np.array([size_wh[0] / found.size_wh[0], size_wh[1] / found.size_wh[1]] * 2, np.float32)
    return replace(found, size_wh=size_wh, boxes_xyxy=found.boxes_xyxy * scale)

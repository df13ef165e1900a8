"""Boxes of frame after frame to objects that go on: ByteTrack or SORT, of the library `trackers`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.analysis.journal import JournalHead
from detector.analysis.steady import SteadyClock
from detector.analysis.values import StoredFrame
from detector.analysis.walking import UNTRACKED, installed_version, step_s
from detector.errors import OptionError
from detector.geometry import box_iou
from detector.heavy_imports import import_heavy

TRACKERS = ("bytetrack", "sort")
LOST_AFTER_S, LOST_AFTER_STEPS = 1.0, 3
"""A track that was not seen for longer than either has ended; what appears there later is another object."""

FRAMES_TO_BELIEVE = 2
# ByteTrack only goes on with a track on weak boxes, and begins one on boxes surer than this above the threshold.
SURER = 0.1
LEAST_STEP_S = 1e-4
# The library counts its buffer in frames of this rate, whatever the film's.
LIBRARY_FPS = 30.0


class ObjectTracker:
    """Gives detections the numbers of the objects that they belong to. Same frames, same numbers.

    An object is followed by where its box is, whatever its class: a label that flickers makes no second object. It
    counts once it was found on two analysed frames in a row, and its number then goes to the first of them as well.
    Times between frames are the frames' own, so that left out frames and uneven times are allowed for.

    Args:
        name: one of `TRACKERS`.

    Raises:
        OptionError: there is no such tracker.
    """

    def __init__(self, name: str, head: JournalHead) -> None:
        self._library = _library_tracker(name, head)
        self._before: tuple[StoredFrame, NDArray[np.int32]] | None = None
        self._clock, self._last_s = SteadyClock(step_s(head)), -1.0
        self._known = 0

    def update(self, frame: StoredFrame) -> tuple[StoredFrame, NDArray[np.int32]] | None:
        """Take the next frame; gives the one before with its ids, int32 `[K]`, from 1, `UNTRACKED` for none."""
        ids = self._ids(frame)
        done = self._before
        if done is not None:
            self._reach_back(frame, ids, *done)
        self._known = max(self._known, int(ids.max(initial=0)))
        self._before = frame, ids
        return done

    def finish(self) -> tuple[StoredFrame, NDArray[np.int32]] | None:
        """The last frame with its ids."""
        done, self._before = self._before, None
        return done

    def _ids(self, frame: StoredFrame) -> NDArray[np.int32]:
        import supervision

        found = supervision.Detections(
            xyxy=frame.boxes_xyxy.astype(np.float64).reshape(-1, 4),
            confidence=frame.scores,
            class_id=frame.labels.astype(int),
            data={"row": np.arange(len(frame))},
        )
        # Times that stand still or run backwards would be refused.
        time_s = frame.time_s + self._clock.shift_s(frame.time_s)
        self._last_s = max(time_s, self._last_s + LEAST_STEP_S)
        tracked = self._library.update(found, timestamp=self._last_s)
        ids = np.full(len(frame), UNTRACKED, np.int32)
        if len(tracked):
            given = np.asarray(tracked.tracker_id)
            # The library counts from 0, and may give rows in another order.
            ids[np.asarray(tracked.data["row"])] = np.where(given < 0, UNTRACKED, given + 1)
        return ids

    def _reach_back(
        self, frame: StoredFrame, ids: NDArray[np.int32], before: StoredFrame, before_ids: NDArray[np.int32]
    ) -> None:
        """Give the numbers that are new on this frame to the boxes of the frame before where they began."""
        new = np.flatnonzero(ids > self._known)
        free = np.flatnonzero(before_ids == UNTRACKED)
        if len(new) == 0 or len(free) == 0:
            return
        overlap = box_iou(frame.boxes_xyxy[new], before.boxes_xyxy[free])
        for place in np.argsort(ids[new], kind="stable"):
            nearest = int(overlap[place].argmax())
            if overlap[place, nearest] > 0:
                before_ids[free[nearest]] = ids[new[place]]
                overlap[:, nearest] = 0


def library_version() -> str:
    """Which library gives the numbers, for whoever wants the same ones again."""
    return f"trackers {installed_version('trackers')}".rstrip()


def _library_tracker(name: str, head: JournalHead) -> Any:
    if name not in TRACKERS:
        raise OptionError(f"there is no tracker {name!r}; there are {' and '.join(TRACKERS)}.")
    import_heavy("trackers")
    from trackers import ByteTrackTracker, SORTTracker

    step = step_s(head)
    common: dict[str, Any] = {
        "lost_track_buffer": round(max(LOST_AFTER_S, LOST_AFTER_STEPS * step) * LIBRARY_FPS),
        "frame_rate": 1 / step,
        "minimum_consecutive_frames": FRAMES_TO_BELIEVE,
    }
    score = head.settings.score
    if name == "sort":
        return SORTTracker(track_activation_threshold=score, **common)
    sure = min(score + SURER, 0.9)
    return ByteTrackTracker(track_activation_threshold=sure, high_conf_det_threshold=sure, **common)

"""What a channel wants: the patches of the frames that fired it most (Zeiler & Fergus, 1311.2901, figure 2).

They are collected while the source plays. Of each frame a channel's peak alone counts, which the tap tells anyway, so
most frames change nothing and cost one comparison.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.errors import OptionError
from detector.geometry import PAD_VALUE, Letterbox
from detector.inspection.anatomy import Layer
from detector.inspection.receptive_field import Axis, Field

PATCH_PX = 64
MOST_BYTES = 64 * 2**20


@dataclass(frozen=True)
class Patch:
    """What a unit saw when it fired.

    value: its activation. frame_index, time_s: of the frame. yx: row and column in the layer's map. box_xyxy: what it
    sees, float32 `[4]` in frame pixels, may reach beyond the frame. picture: that part, RGB uint8 `[h, w, 3]`, shrunk
    to the sides allowed; gray beside the frame.
    """

    value: float
    frame_index: int
    time_s: float
    yx: tuple[int, int]
    box_xyxy: NDArray[np.float32]
    picture: NDArray[np.uint8]


class TopPatches:
    """The `k` patches of each channel with the highest peaks. Has one owner.

    Args:
        layer: of the maps; one whose places see a part of the frame.
        k: patches per channel.
        apart: at most one patch of a channel is kept of so many successive frames; 1 takes all frames. A frame that is
            seen again, as in a clip that loops, never counts twice.
        patch_px: no side is longer; less where the layer has so many channels that `most_bytes` would not do.

    Raises:
        OptionError: nobody knows what the layer's places see.
    """

    def __init__(
        self, layer: Layer, k: int = 9, apart: int = 1, patch_px: int = PATCH_PX, most_bytes: int = MOST_BYTES
    ) -> None:
        if layer.field is None:
            raise OptionError(f"{layer.name} has no places in the frame, so there are no patches to collect.")
        self.layer, self.k, self.apart = layer, k, apart
        self._field = layer.field
        channels = layer.shape[0]
        self.patch_px = max(1, min(patch_px, int((most_bytes / (3 * channels * k)) ** 0.5)))
        self._patches: list[list[Patch]] = [[] for _ in range(channels)]
        # What a peak has to exceed: zero, for a channel that is silent wants nothing; later the lowest that is kept.
        self._floor = np.zeros(channels, np.float32)

    def patches(self, channel: int) -> Sequence[Patch]:
        """A channel's, highest first, equal ones in the order they came; fewer than `k` where it fired less often."""
        return tuple(self._patches[channel])

    def add(
        self,
        frame: NDArray[np.uint8],
        peak: NDArray[np.float32],
        peak_yx: NDArray[np.int32],
        letterbox: Letterbox,
        frame_index: int,
        time_s: float = 0.0,
    ) -> NDArray[np.intp]:
        """One frame more; the channels whose patches changed.

        Args:
            frame: RGB uint8 `[H, W, 3]`. letterbox: how it lay in the network's input.
            peak, peak_yx: `[C]` and `[C, 2]`, the highest activation of each channel, and its row and column.
        """
        higher = np.flatnonzero(peak > self._floor)
        changed = [channel for channel in higher.tolist() if self._place(channel, float(peak[channel]), frame_index)]
        if not changed:
            return np.zeros(0, np.intp)
        cutter = _Cutter(frame, letterbox, self._field, self.patch_px)
        for channel in changed:
            y, x = (int(side) for side in peak_yx[channel])
            box = cutter.box_xyxy(y, x)
            self._insert(channel, Patch(float(peak[channel]), frame_index, time_s, (y, x), box, cutter.cut(box)))
        return np.array(changed, np.intp)

    def _place(self, channel: int, value: float, frame_index: int) -> bool:
        """Whether a peak is kept, beside or instead of the one of the same few frames."""
        rival = self._rival(channel, frame_index)
        return rival is None or value > self._patches[channel][rival].value

    def _rival(self, channel: int, frame_index: int) -> int | None:
        """The place of the patch from the same few frames."""
        run = frame_index // self.apart
        kept = self._patches[channel]
        return next((i for i, patch in enumerate(kept) if patch.frame_index // self.apart == run), None)

    def _insert(self, channel: int, patch: Patch) -> None:
        kept = self._patches[channel]
        rival = self._rival(channel, patch.frame_index)
        if rival is not None:
            del kept[rival]
        place = next((i for i, other in enumerate(kept) if patch.value > other.value), len(kept))
        kept.insert(place, patch)
        del kept[self.k :]
        if len(kept) == self.k:
            self._floor[channel] = kept[-1].value


class _Cutter:
    """Cuts what places see out of one frame, which is shrunk once so that every cut-out has the size that is wanted."""

    def __init__(self, frame: NDArray[np.uint8], letterbox: Letterbox, field: Field, patch_px: int) -> None:
        self.letterbox, self.field = letterbox, field
        height, width = frame.shape[:2]
        sides = np.array([[0, 0, _longest(field.x), _longest(field.y)]], np.float32)
        seen = letterbox.to_frame(sides)[0, 2:]
        shrink = min(1.0, patch_px / float(seen.max()))
        small_wh = (max(1, round(width * shrink)), max(1, round(height * shrink)))
        self.scale = np.array([small_wh[0] / width, small_wh[1] / height] * 2, np.float32)
        self.side_wh = np.clip(np.rint(seen * self.scale[:2]).astype(int), 1, patch_px)
        # Area averaging is slow, and little better where little is shrunk.
        interpolation = cv2.INTER_AREA if shrink < 0.5 else cv2.INTER_LINEAR
        self.small = frame if shrink == 1 else cv2.resize(frame, small_wh, interpolation=interpolation)

    def box_xyxy(self, y: int, x: int) -> NDArray[np.float32]:
        """What the place sees, float32 `[4]` in frame pixels, also what lies beyond the input's border."""
        y1, y2 = _unclipped(self.field.y, y)
        x1, x2 = _unclipped(self.field.x, x)
        return self.letterbox.to_frame(np.array([[x1, y1, x2, y2]], np.float32))[0]

    def cut(self, box_xyxy: NDArray[np.float32]) -> NDArray[np.uint8]:
        """That part of the frame, uint8 `[h, w, 3]`."""
        width, height = self.side_wh
        left, top = np.rint(box_xyxy[:2] * self.scale[:2]).astype(int)
        picture = np.full((height, width, 3), PAD_VALUE, np.uint8)
        y1, x1 = max(0, top), max(0, left)
        part = self.small[y1 : max(y1, top + height), x1 : max(x1, left + width)]
        picture[y1 - top : y1 - top + len(part), x1 - left : x1 - left + part.shape[1]] = part
        return picture


def _longest(axis: Axis) -> int:
    return int((axis.last - axis.first).max()) + 1


def _unclipped(axis: Axis, place: int) -> tuple[int, int]:
    """First and end input row that a place sees, as if the input went on beyond its border."""
    first, end = int(axis.first[place]), int(axis.last[place]) + 1
    missing = max(0, _longest(axis) - (end - first))
    if first == 0:
        return first - missing, end
    return first, end + missing if end == int(axis.last.max()) + 1 else end

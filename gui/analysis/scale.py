"""Which frame lies where along a timeline: a part of the source, so many frames a pixel. No Qt."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

WIDEST_FRAME_PX = 24.0
"""So wide a frame is at most."""
STEPS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 18000, 36000)


@dataclass(frozen=True)
class Scale:
    """A view over the frames of a source; frame `i` takes the pixels from `x_of(i)` to `x_of(i + 1)`.

    count: frames of the source, at least 1. width: pixels. left: the frame at the left edge, not always a whole one.
    per_px: frames a pixel.
    """

    count: int
    width: int
    left: float
    per_px: float

    @staticmethod
    def fitted(count: int, width: int) -> Scale:
        """The whole source."""
        count, width = max(count, 1), max(width, 1)
        return Scale(count, width, 0.0, max(count / width, 1 / WIDEST_FRAME_PX))

    @property
    def fits(self) -> bool:
        """Whether the whole source is in view."""
        return self.per_px >= Scale.fitted(self.count, self.width).per_px * (1 - 1e-9)

    def x_of(self, index: float) -> float:
        return (index - self.left) / self.per_px

    def index_at(self, x: float) -> int:
        """The frame at a pixel; of several the first one."""
        return max(0, min(math.floor(self.left + math.floor(x) * self.per_px + 1e-9), self.count - 1))

    def last_at(self, x: float) -> int:
        """The last of the frames at a pixel."""
        end = math.ceil(self.left + (math.floor(x) + 1) * self.per_px - 1e-9) - 1
        return max(self.index_at(x), min(end, self.count - 1))

    def zoomed(self, factor: float, x: float) -> Scale:
        """`factor` times as large, around a pixel; never smaller than the whole source."""
        whole = Scale.fitted(self.count, self.width).per_px
        per_px = min(max(self.per_px / factor, 1 / WIDEST_FRAME_PX), whole)
        return replace(self, left=self.left + x * (self.per_px - per_px), per_px=per_px).inside()

    def moved(self, pixels: float) -> Scale:
        """Moved to the right by pixels, as far as there are frames."""
        return replace(self, left=self.left - pixels * self.per_px).inside()

    def resized(self, count: int, width: int) -> Scale:
        """The same view of a source that is longer or in a view that is wider; what was fitted stays so."""
        if self.fits:
            return Scale.fitted(count, width)
        return replace(self, count=max(count, 1), width=max(width, 1)).zoomed(1.0, 0.0)

    def showing(self, index: int) -> Scale:
        """The same, moved as little as it takes to show a frame with some room around it."""
        room = min(self.width / 8, 60.0)
        x = self.x_of(index + 0.5)
        if room <= x <= self.width - room:
            return self
        return self.moved(room - x if x < room else self.width - room - x)

    def inside(self) -> Scale:
        """The nearest view that shows frames only, where there are enough of them."""
        most = max(self.count - self.width * self.per_px, 0.0)
        return replace(self, left=max(0.0, min(self.left, most)))

    def columns(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The first and the last frame of every pixel, both int64 `[width]`; beyond the source's end -1 and -2."""
        edges = self.left + np.arange(self.width + 1) * self.per_px
        firsts = np.floor(edges[:-1] + 1e-9).astype(np.int64)
        lasts = np.maximum(np.ceil(edges[1:] - 1e-9).astype(np.int64) - 1, firsts)
        beyond = firsts >= self.count
        return np.where(beyond, -1, firsts), np.where(beyond, -2, np.minimum(lasts, self.count - 1))

    def ticks(self, fps: float, apart_px: float) -> tuple[float, NDArray[np.float64]]:
        """Seconds between marks that are at least so many pixels apart, and the marks in view, in seconds."""
        px_per_s = fps / self.per_px
        step_s = next((float(step) for step in STEPS_S if step * px_per_s >= apart_px), float(STEPS_S[-1]))
        first = math.ceil(self.left / fps / step_s - 1e-9)
        last = math.floor(min(self.left + self.width * self.per_px, self.count) / fps / step_s + 1e-9)
        return step_s, np.arange(first, last + 1, dtype=np.float64) * step_s

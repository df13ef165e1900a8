"""What the channels of one layer did since it was chosen."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

KEPT = 200


class ChannelHistory:
    """Attributes:
    peaks: (frame number, peak of every channel float32 `[C]`), the newest last, at most `KEPT`.
    highest: the greatest peak of each channel, float32 `[C]`; None before the first reading.
    """

    def __init__(self) -> None:
        self.peaks: deque[tuple[int, NDArray[np.float32]]] = deque(maxlen=KEPT)
        self.highest: NDArray[np.float32] | None = None

    def add(self, index: int, peak: NDArray[np.float32]) -> None:
        """The peaks of frame `index`. A frame that is read once more, for another channel, is no news."""
        if self.peaks and self.peaks[-1][0] == index:
            self.peaks.pop()
        self.peaks.append((index, peak))
        self.highest = peak if self.highest is None else np.maximum(self.highest, peak)

    def of(self, channel: int) -> list[tuple[int, float]]:
        """Frame number and peak of one channel."""
        return [(index, float(peak[channel])) for index, peak in self.peaks]

    def forget(self) -> None:
        self.peaks.clear()
        self.highest = None

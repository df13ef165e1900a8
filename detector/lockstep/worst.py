"""The frames that models disagree on most, kept as small pictures while the run goes by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from detector.lockstep.boxes import Image
from detector.lockstep.looks import Look
from detector.picture_files import small_jpeg


@dataclass(frozen=True)
class WorstFrame:
    """index, time_s, name: as the frame's. disagreements: as the look's. jpeg: the board, small."""

    index: int
    time_s: float
    name: str
    disagreements: int
    jpeg: bytes


class Worst:
    """Keeps the `most` frames with the most disagreements.

    Args:
        apart_s: of frames nearer to each other than this only the worse one is kept: neighbours in a film are alike.
    """

    def __init__(self, most: int = 6, apart_s: float = 0.0) -> None:
        self._most, self._apart_s = most, apart_s
        self._kept: list[WorstFrame] = []

    @property
    def frames(self) -> list[WorstFrame]:
        """The worst first, earlier ones before later ones."""
        return sorted(self._kept, key=lambda frame: (-frame.disagreements, frame.time_s))

    def add(self, look: Look, draw: Callable[[], Image]) -> None:
        """One more frame; it is drawn only if it is kept."""
        count = look.disagreements
        near = [frame for frame in self._kept if abs(frame.time_s - look.frame.time_s) < self._apart_s]
        full = len(self._kept) - len(near) >= self._most
        weakest = min((frame.disagreements for frame in self._kept if frame not in near), default=0)
        if count == 0 or any(frame.disagreements >= count for frame in near) or (full and count <= weakest):
            return
        frame = look.frame
        new = WorstFrame(frame.index, frame.time_s, frame.name, count, small_jpeg(draw()))
        others = [one for one in self.frames if one not in near]
        self._kept = [*others[: self._most - 1], new]

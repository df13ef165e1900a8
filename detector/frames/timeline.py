"""Which time stamp belongs to which frame index: what makes seeking exact when frames last unequally long."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable

import numpy as np

KEYS_TO_TRY = 2


class Timeline:
    """Time stamps of frames 0, 1, 2, ... in the stream's time base, and which of them are keyframes.

    It grows while a video is decoded from its start, or is made at once from a file's packets. `usable` turns False for
    good when stamps are missing or do not increase: then only counting frames from the start is exact.
    """

    def __init__(self) -> None:
        # Eight bytes a frame: an hour at 30 fps takes less than a megabyte.
        self._stamps = array("q")
        self._keys = array("q")
        self.usable = True

    @staticmethod
    def from_packets(packets: Iterable[tuple[int | None, bool]]) -> Timeline:
        """From (presentation time stamp, is a keyframe) in any order."""
        timeline = Timeline()
        # Bare numbers: a pair of Python's for each of a million frames would take a hundred megabytes.
        stamps, keys = array("q"), array("b")
        for stamp, key in packets:
            if stamp is None:
                timeline.usable = False
                return timeline
            stamps.append(stamp)
            keys.append(key)
        for place in np.argsort(np.array(stamps), kind="stable"):
            timeline.learn(len(timeline), stamps[place], bool(keys[place]))
        return timeline

    def __len__(self) -> int:
        return len(self._stamps)

    def learn(self, index: int, stamp: int | None, key: bool) -> bool:
        """Note that frame `index`, known or the first unknown one, has `stamp`.

        Returns:
            False where that contradicts what was believed; all from `index` on is then forgotten.
        """
        if not self.usable:
            return True
        known = index < len(self)
        if known and self._stamps[index] == stamp:
            return True
        self.cut(index)
        if stamp is None or (index > 0 and self._stamps[-1] >= stamp):
            self.usable = False
            self.cut(0)
        else:
            if key:
                self._keys.append(index)
            self._stamps.append(stamp)
        return not known

    def cut(self, count: int) -> None:
        """Keep the first `count` frames only."""
        del self._stamps[count:]
        del self._keys[bisect_left(self._keys, count) :]

    def begins_with(self, other: Timeline) -> bool:
        """Whether this one goes on where `other` ends."""
        return self._stamps[: len(other)] == other._stamps

    def stamp(self, index: int) -> int:
        return self._stamps[index]

    def index_of(self, stamp: int) -> int | None:
        """The frame with exactly this time stamp."""
        index = bisect_left(self._stamps, stamp)
        return index if index < len(self) and self._stamps[index] == stamp else None

    def first_from(self, stamp: int) -> int:
        """The first frame whose stamp is not below `stamp`; the number of known frames where there is none."""
        return bisect_left(self._stamps, stamp)

    def keys_before(self, index: int) -> list[int]:
        """The nearest keyframes at or before `index`, nearest first; a few, because containers may miss one."""
        end = bisect_right(self._keys, index)
        return list(reversed(self._keys[max(0, end - KEYS_TO_TRY) : end]))

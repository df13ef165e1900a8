"""Whether one object crosses a line or is in a zone, from where it was seen. A box that trembles counts once.

Detected boxes tremble by some pixels. So an object is on a side of a line, or in or out of a zone, only once it is
farther than a margin from the edge; until then it is where it was.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Xy = NDArray[np.float64]


class LineCrosser:
    """One object and one line.

    A crossing counts when the object is surely on the other side, and its way there led through the line itself, not
    past its ends.
    """

    def __init__(self) -> None:
        self._sure = 0
        self._net = 0
        self._point: Xy | None = None

    def move(self, point: Xy, start: Xy, end: Xy, margin_px: float) -> int:
        """The object is seen at `point` (`[2]`). Returns 1 for a crossing in, -1 for one out, 0 for none.

        Args:
            start, end: of the line, `[2]`. Everything in pixels of the frame.
        """
        distance = _distance(point, start, end)
        if self._point is not None:
            self._net += _passes(self._point, point, start, end)
        self._point = point
        side = 0 if abs(distance) <= margin_px else int(np.sign(distance))
        if side == 0 or side == self._sure:
            if side:
                self._net = 0
            return 0
        # Where it began too near to the line to have a side, nobody saw it cross.
        crossed = side if self._sure and self._net == side else 0
        self._sure, self._net = side, 0
        return crossed


class ZoneDweller:
    """One object and one zone. `inside`: where it is."""

    def __init__(self) -> None:
        self.inside: bool | None = None

    def move(self, point: Xy, corners: Xy, margin_px: float) -> bool:
        """The object is seen at `point`. Returns whether it is inside of the polygon `[P, 2]`."""
        distance = cv2.pointPolygonTest(corners.astype(np.float32), (float(point[0]), float(point[1])), True)
        if self.inside is None or abs(distance) > margin_px:
            self.inside = distance >= 0
        return self.inside


def _distance(point: Xy, start: Xy, end: Xy) -> float:
    """From the endless line through `start` and `end`; positive on the right, seen from `start`, where y is down."""
    along, across = end - start, point - start
    return float(along[0] * across[1] - along[1] * across[0]) / float(np.hypot(*along))


def _passes(before: Xy, after: Xy, start: Xy, end: Xy) -> int:
    """1 where the way from `before` to `after` leads through the line from left to right, -1 the other way, else 0."""
    first, second = _distance(before, start, end), _distance(after, start, end)
    # Half open, so that a point on the line itself belongs to one side and no passage counts twice.
    if (first >= 0) == (second >= 0):
        return 0
    met = before + (after - before) * (first / (first - second))
    along = end - start
    share = float((met - start) @ along) / float(along @ along)
    if not 0 <= share <= 1:
        return 0
    return 1 if second >= 0 else -1

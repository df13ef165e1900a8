"""How detections stand beside something else, another model or the truth: told by colour, kind of line and a tag."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPen

from detector.detections import Detections

SOLID: tuple[float, ...] = ()
DASHED = (5.0, 3.0)
DASH_DOT = (7.0, 2.5, 1.0, 2.5)
DOTTED = (1.2, 2.0)


@dataclass(frozen=True)
class Mark:
    """One way to stand. dash: lengths of line and gap by turns in line widths, () for a line without gaps.

    tag: a word or sign at the label. words: the meaning, for legends.
    """

    name: str
    colour: QColor
    dash: tuple[float, ...]
    tag: str
    words: str

    def pen(self, width: float) -> QPen:
        """What a box of this mark is drawn with."""
        return dashed_pen(self.colour, width, self.dash)


def dashed_pen(colour: QColor, width: float, dash: tuple[float, ...]) -> QPen:
    """A pen with these gaps and sharp corners."""
    pen = QPen(colour, width)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    if dash:
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        pen.setDashPattern(list(dash))
    return pen


@dataclass(frozen=True)
class Missed:
    """What is there by the truth and was not found. boxes_xyxy: float32 `[M, 4]` in frame pixels."""

    boxes_xyxy: NDArray[np.float32]
    class_names: tuple[str, ...]
    mark: Mark


@dataclass(frozen=True)
class Marking:
    """How the detections of one frame stand.

    of: the detections that it is about. marks: one per detection. note: what the card of a detection says of it, asked
    for only when somebody points at it.
    """

    of: Detections
    marks: tuple[Mark, ...]
    note: Callable[[int], str]
    missed: Missed | None = None

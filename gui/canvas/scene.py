"""What one paint of the canvas shows, as one value that every overlay is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor

from detector.palette import ONE_COLOUR, class_colour, score_colour
from detector.selection import RawBoxes
from gui.canvas.marking import Mark, Marking
from gui.canvas.transform import ViewTransform
from gui.canvas.view_options import View
from gui.values import ShownFrame

if TYPE_CHECKING:
    from gui.canvas.heat_overlay import HeatMap
    from gui.canvas.stored_overlay import StoredBoxes


@dataclass(frozen=True)
class Scene:
    """A frame in a view.

    area: the view, in its own pixels. raw: the boxes before NMS where they are to be seen. hovered, selected: rows of
    the detections. pointer: where the mouse is, in frame pixels; None when it is elsewhere. marking: how the detections
    stand beside another model's or the truth, where that is to be seen. heat: a map that lies over the frame.
    stored: what was found on it before.
    """

    shown: ShownFrame
    transform: ViewTransform
    area: QRectF
    view: View
    raw: RawBoxes | None = None
    hovered: int | None = None
    selected: int | None = None
    pointer: tuple[float, float] | None = None
    marking: Marking | None = None
    heat: HeatMap | None = None
    stored: StoredBoxes | None = None

    def rect(self, x1: float, y1: float, x2: float, y2: float) -> QRectF:
        """A box of frame pixels, in the view."""
        return QRectF(QPointF(*self.transform.to_view(x1, y1)), QPointF(*self.transform.to_view(x2, y2)))

    def rects(self, boxes_xyxy: NDArray[np.float32]) -> list[QRectF]:
        """Many boxes `[N, 4]` at once."""
        scale, offset = self.transform.scale, (self.transform.offset_x, self.transform.offset_y)
        left_top = boxes_xyxy[:, :2] * scale + offset
        sides = (boxes_xyxy[:, 2:] - boxes_xyxy[:, :2]) * scale
        return [QRectF(*box) for box in np.concatenate((left_top, sides), axis=1).tolist()]

    @property
    def frame_rect(self) -> QRectF:
        return self.rect(0, 0, *self.shown.frame.size_wh)

    def colour(self, label: int, score: float) -> QColor:
        """What a box of that class and score is drawn in."""
        if self.view.colours == "score":
            return QColor(*score_colour(score))
        return QColor(*(ONE_COLOUR if self.view.colours == "one" else class_colour(label)))

    def mark(self, row: int) -> Mark | None:
        """How a detection stands, where that is to be seen."""
        return self.marking.marks[row] if self.marking is not None else None

    def ink(self, row: int) -> QColor:
        """What a detection is drawn in."""
        mark = self.mark(row)
        if mark is not None:
            return mark.colour
        return self.colour(int(self.shown.detections.labels[row]), float(self.shown.detections.scores[row]))

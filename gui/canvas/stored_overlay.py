"""What was found and kept of this frame before, beside what is found now: dashed boxes, and the ways of tracks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPolygonF

from detector.detections import Detections
from detector.palette import text_colour
from gui.canvas.marking import DASHED, SOLID, dashed_pen
from gui.canvas.overlay import LABEL_MARGIN_PX, SEAM, label_font, label_height
from gui.canvas.scene import Scene

UNTRACKED = -1


@dataclass(frozen=True)
class StoredBoxes:
    """Kept results of one frame.

    index: of the frame, for they are drawn over no other. trails: where each track of this frame was until now, by its
    number: float32 `[P, 2]` in frame pixels, the latest last; and the label that it has here.
    """

    index: int
    detections: Detections
    class_names: tuple[str, ...]
    trails: Mapping[int, tuple[int, NDArray[np.float32]]] = field(default_factory=dict)


def paint_stored(painter: QPainter, scene: Scene, stored: StoredBoxes) -> None:
    """Draw each stored box in its class's colour, broken, its name below."""
    found = stored.detections
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setFont(label_font(scene.view.label_px))
    metrics, height = QFontMetricsF(painter.font()), label_height(scene.view.label_px)
    # A little larger: where both models agree, the box that is found now lies inside and hides nothing.
    out = scene.view.line_px + 2.0
    rects = [rect.adjusted(-out, -out, out, out) for rect in scene.rects(found.boxes_xyxy)]
    for row, rect in reversed(list(enumerate(rects))):
        label, score = int(found.labels[row]), float(found.scores[row])
        colour = scene.colour(label, score)
        for ink, width, dash in ((SEAM, scene.view.line_px + 2.0, SOLID), (colour, float(scene.view.line_px), DASHED)):
            painter.setPen(dashed_pen(ink, width, dash))
            painter.drawRect(rect)
        if scene.view.labels == "none":
            continue
        text = stored_text(stored, row, with_score=scene.view.labels == "name_score")
        wide = metrics.horizontalAdvance(text) + 2 * LABEL_MARGIN_PX
        # Below the box, where labels of what is found now seldom are; inside where the view ends.
        top = min(rect.bottom(), scene.area.bottom() - height)
        painter.fillRect(QRectF(rect.left(), top, wide, height), colour)
        painter.setPen(QColor(*text_colour((colour.red(), colour.green(), colour.blue()))))
        painter.drawText(QPointF(rect.left() + LABEL_MARGIN_PX, top + 1 + metrics.ascent()), text)


def paint_trails(painter: QPainter, scene: Scene, stored: StoredBoxes) -> None:
    """Draw where each track was until now."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for label, points in stored.trails.values():
        line = QPolygonF([QPointF(*scene.transform.to_view(x, y)) for x, y in points.tolist()])
        colour = scene.colour(label, 1.0)
        for ink, width in ((SEAM, scene.view.line_px + 2.0), (colour, float(scene.view.line_px))):
            painter.setPen(dashed_pen(ink, width, SOLID))
            painter.drawPolyline(line)


def stored_text(stored: StoredBoxes, row: int, with_score: bool) -> str:
    """`#3 dog 0.83`."""
    found = stored.detections
    number = UNTRACKED if found.track_ids is None else int(found.track_ids[row])
    parts = [f"#{number}"] if number != UNTRACKED else []
    parts.append(stored.class_names[int(found.labels[row])])
    if with_score:
        parts.append(f"{float(found.scores[row]):.2f}")
    return " ".join(parts)

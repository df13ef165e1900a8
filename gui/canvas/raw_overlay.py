"""The boxes before NMS, thin and translucent in the colour of the one that stands for them, and how they merge."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from detector.detections import Candidates
from detector.selection import RawBoxes, Thresholds, raw_boxes
from gui.canvas.card import DOT_PX, LegendRow
from gui.canvas.scene import Scene
from gui.translation import tr

MOST_BOXES = 600
MOST_LINES = 200
OPACITY = 0.55
NOBODY = QColor(170, 170, 170)


class RawCache:
    """The raw boxes of one view, found once for a frame's candidates and thresholds."""

    def __init__(self) -> None:
        self._known: tuple[Candidates, Thresholds, RawBoxes] | None = None

    def get(self, candidates: Candidates, thresholds: Thresholds) -> RawBoxes:
        """As `raw_boxes` gives them."""
        known = self._known
        if known is None or known[0] is not candidates or known[1] != thresholds:
            known = self._known = (candidates, thresholds, raw_boxes(candidates, thresholds))
        return known[2]

    def forget(self) -> None:
        """Let go of the candidates."""
        self._known = None


def paint_raw_boxes(painter: QPainter, scene: Scene) -> None:
    """Draw the best suppressed boxes, at most `MOST_BOXES`, and while they are few a line from each to its keeper."""
    raw = scene.raw
    if raw is None or len(raw) == 0:
        return
    keepers = raw.kept_by.tolist()
    suppressed = [row for row, keeper in enumerate(keepers) if keeper != row][:MOST_BOXES]
    if not suppressed:
        return
    # Qt draws opaque lines ten times faster than translucent ones, so they go into a layer that is translucent as one.
    ratio = painter.device().devicePixelRatioF()
    layer = QImage((scene.area.size() * ratio).toSize(), QImage.Format.Format_ARGB32_Premultiplied)
    layer.setDevicePixelRatio(ratio)
    layer.fill(Qt.GlobalColor.transparent)
    brush = QPainter(layer)
    _paint_opaque(brush, scene, raw, suppressed, keepers)
    brush.end()
    painter.setOpacity(OPACITY)
    painter.drawImage(scene.area.topLeft(), layer)
    painter.setOpacity(1)


def _paint_opaque(brush: QPainter, scene: Scene, raw: RawBoxes, suppressed: list[int], keepers: list[int]) -> None:
    labels, scores = raw.labels.tolist(), raw.scores.tolist()
    rects: dict[int, list[QRectF]] = {}
    for row, rect in zip(suppressed, scene.rects(raw.boxes_xyxy[suppressed]), strict=True):
        rects.setdefault(keepers[row], []).append(rect)
    for keeper, of_one in rects.items():
        colour = NOBODY if keeper < 0 else scene.colour(labels[keeper], scores[keeper])
        brush.setPen(QPen(colour, 1))
        brush.drawRects(of_one)
        if keeper >= 0 and len(suppressed) <= MOST_LINES:
            end = scene.rects(raw.boxes_xyxy[keeper : keeper + 1])[0].center()
            brush.drawLines([QLineF(rect.center(), end) for rect in of_one])
            for rect in of_one:
                corner = rect.center() - QPointF(DOT_PX / 2, DOT_PX / 2)
                brush.fillRect(QRectF(corner, QSizeF(DOT_PX, DOT_PX)), colour)


def raw_legend(scene: Scene) -> list[LegendRow]:
    """What is said of them in the corner."""
    if scene.raw is None:
        return []
    raw = scene.raw
    kept = int(raw.kept.sum())
    text = tr("{raw} raw boxes, {kept} kept by NMS").format(raw=len(raw), kept=kept)
    rows = [LegendRow(text, QColor(255, 255, 255, 140), 1)]
    tied = int((raw.kept_by >= 0).sum()) - kept
    if tied and len(raw) - kept <= MOST_LINES:
        text = tr("dot: the middle of a raw box, tied to the box that NMS kept")
        rows.append(LegendRow(text, QColor(255, 255, 255, 140), 1, dot=True))
    if len(raw) - kept > MOST_BOXES:
        rows.append(LegendRow(tr("the best {most} are drawn").format(most=MOST_BOXES)))
    return rows

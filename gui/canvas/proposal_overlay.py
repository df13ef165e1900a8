"""Where a two-stage network bids its second stage look: the best proposals, thin, the surer the stronger."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from detector.detections import Proposals
from gui.canvas.card import LegendRow
from gui.canvas.scene import Scene
from gui.translation import tr

OPACITY = 0.7
COLOUR = QColor(240, 228, 66)
BANDS = ((0.5, QColor(146, 124, 38)), (0.9, QColor(206, 186, 48)), (2.0, COLOUR))
"""Colours of proposals below an objectness, the least sure first."""


def proposals_of(scene: Scene) -> Proposals | None:
    """The frame's proposals; None where the model that answered has one stage."""
    return scene.shown.candidates.proposals if scene.shown.candidates is not None else None


def paint_proposals(painter: QPainter, scene: Scene) -> None:
    """Draw the best proposals, as many as the view's options say."""
    proposals = proposals_of(scene)
    count = min(len(proposals), scene.view.most_proposals) if proposals is not None else 0
    if proposals is None or count == 0:
        return
    # Translucent as one layer, since Qt draws opaque lines ten times faster than translucent ones.
    ratio = painter.device().devicePixelRatioF()
    layer = QImage((scene.area.size() * ratio).toSize(), QImage.Format.Format_ARGB32_Premultiplied)
    layer.setDevicePixelRatio(ratio)
    layer.fill(Qt.GlobalColor.transparent)
    brush = QPainter(layer)
    rects, end = scene.rects(proposals.boxes_xyxy[:count]), count
    # The least sure first, so that the surest lie on top.
    for enough, colour in BANDS:
        start = int(np.count_nonzero(proposals.scores[:count] >= enough))
        if end > start:
            brush.setPen(QPen(colour, 1))
            brush.drawRects(rects[start:end])
        end = start
    brush.end()
    painter.setOpacity(OPACITY)
    painter.drawImage(scene.area.topLeft(), layer)
    painter.setOpacity(1)


def proposal_legend(scene: Scene) -> list[LegendRow]:
    """How many there are and how many are drawn, or why there are none."""
    if scene.shown.model is None:
        return [LegendRow(tr("no model answers yet"))]
    proposals = proposals_of(scene)
    if proposals is None:
        return [LegendRow(tr("no proposals: this model looks once"))]
    count = min(len(proposals), scene.view.most_proposals)
    text = tr("the best {n} of {all} proposals").format(n=count, all=len(proposals))
    return [LegendRow(text, COLOUR, 1)]

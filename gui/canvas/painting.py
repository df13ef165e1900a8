"""What lies over the frame, in its order: a map of the network, grid, proposals, raw boxes, where detections came from,
what was found before, detections, the legend, and the card at the pointer."""

from __future__ import annotations

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter

from gui.canvas.card import paint_card, paint_legend
from gui.canvas.details import cell_lines, detection_lines
from gui.canvas.grid_overlay import grid_legend, paint_grid
from gui.canvas.heat_overlay import heat_legend, paint_heat
from gui.canvas.missed_overlay import paint_missed
from gui.canvas.origin_overlay import origin_legend, paint_origins
from gui.canvas.overlay import paint_detections
from gui.canvas.proposal_overlay import paint_proposals, proposal_legend
from gui.canvas.raw_overlay import paint_raw_boxes, raw_legend
from gui.canvas.scene import Scene
from gui.canvas.stored_overlay import paint_stored, paint_trails


def paint_scene(painter: QPainter, scene: Scene) -> None:
    """Draw everything that the view's options ask for."""
    view, shown = scene.view, scene.shown
    if scene.heat is not None:
        paint_heat(painter, scene, scene.heat)
    if view.grid:
        paint_grid(painter, scene)
    if view.proposals:
        paint_proposals(painter, scene)
    if view.raw_boxes:
        paint_raw_boxes(painter, scene)
    if scene.marking is not None and scene.marking.missed is not None:
        paint_missed(painter, scene, scene.marking.missed)
    if view.origins:
        paint_origins(painter, scene)
    if scene.stored is not None and view.trails:
        paint_trails(painter, scene, scene.stored)
    if scene.stored is not None and view.stored:
        paint_stored(painter, scene, scene.stored)
    paint_detections(painter, scene)
    legend = [
        *(raw_legend(scene) if view.raw_boxes else ()),
        *(proposal_legend(scene) if view.proposals else ()),
        *(origin_legend(scene) if view.origins else ()),
        *(grid_legend(scene) if view.grid else ()),
        *(heat_legend(scene.heat) if scene.heat is not None else ()),
    ]
    if legend:
        paint_legend(painter, legend, scene.area)
    if scene.pointer is None:
        return
    lines = detection_lines(shown, scene.hovered) if scene.hovered is not None else []
    if scene.hovered is not None and scene.marking is not None:
        lines.append(scene.marking.note(scene.hovered))
    if view.grid:
        lines += cell_lines(scene)
    if lines:
        stripe = None
        if scene.hovered is not None:
            stripe = scene.ink(scene.hovered)
        paint_card(painter, QPointF(*scene.transform.to_view(*scene.pointer)), lines, stripe, scene.area)

"""What is told of a detection, a cell and a frame in words: for the card, the clipboard and screen readers."""

from __future__ import annotations

import numpy as np

from detector.families.grid import cell_of, origin_of
from detector.families.protocol import Cell
from detector.geometry import box_iou
from gui.canvas.grid_overlay import cells_under
from gui.canvas.scene import Scene
from gui.selection import counts_by_class
from gui.translation import tr
from gui.values import ShownFrame

TSV_HEAD = "class\tscore\tx1\ty1\tx2\ty2"


def answering_cell(shown: ShownFrame, row: int) -> Cell | None:
    """The cell that a detection came from; None where the model has no grid."""
    if shown.model is None or not shown.model.grid_strides or shown.candidates is None:
        return None
    origin = int(shown.candidates.origin[shown.detections.candidate[row]])
    return cell_of(origin, shown.model.size, shown.model.grid_strides)


def origin_proposal(shown: ShownFrame, row: int) -> tuple[int, float, float] | None:
    """Rank from 1 and objectness of the proposal that a detection grew out of, and its IoU with it; None without."""
    if shown.candidates is None or shown.candidates.proposals is None:
        return None
    proposals = shown.candidates.proposals
    origin = int(shown.candidates.origin[shown.detections.candidate[row]])
    overlap = box_iou(proposals.boxes_xyxy[origin : origin + 1], shown.detections.boxes_xyxy[row : row + 1])
    return origin + 1, float(proposals.scores[origin]), float(overlap[0, 0])


def detection_lines(shown: ShownFrame, row: int) -> list[str]:
    """A detection's class and score, then its size, share of the frame, place, track and cell."""
    detections = shown.detections
    x1, y1, x2, y2 = detections.boxes_xyxy[row].tolist()
    width, height = shown.frame.size_wh
    share = 100 * (x2 - x1) * (y2 - y1) / (width * height)
    lines = [
        f"{shown.class_names[int(detections.labels[row])]}  {detections.scores[row]:.3f}",
        tr("{w} x {h} px, {share}% of the frame").format(w=round(x2 - x1), h=round(y2 - y1), share=f"{share:.1f}"),
        tr("from {x}, {y}").format(x=round(x1), y=round(y1)),
    ]
    if detections.track_ids is not None:
        lines.append(tr("track {id}").format(id=int(detections.track_ids[row])))
    cell = answering_cell(shown, row)
    if cell is not None:
        lines.append(tr("answered by {cell}").format(cell=cell_words(cell)))
    grown = origin_proposal(shown, row)
    if grown is not None:
        text = tr("grew out of proposal {n}, objectness {score}, IoU {iou} with it")
        lines.append(text.format(n=grown[0], score=f"{grown[1]:.2f}", iou=f"{grown[2]:.2f}"))
    return lines


def cell_words(cell: Cell) -> str:
    words = tr("stride {stride}, column {column}, row {row}")
    return words.format(stride=cell.stride, column=cell.column, row=cell.row)


def cell_lines(scene: Scene) -> list[str]:
    """Per stride on show the cell under the pointer, and the best class that it answers with."""
    shown = scene.shown
    lines = []
    for cell in cells_under(scene):
        assert shown.model is not None
        origin = origin_of(cell, shown.model.size, shown.model.grid_strides or ())
        answer = tr("silent")
        if shown.candidates is not None and origin in shown.candidates.origin:
            scores = shown.candidates.scores[int(np.argmax(shown.candidates.origin == origin))]
            answer = f"{shown.class_names[int(scores.argmax())]} {scores.max():.3f}"
        lines.append(f"{cell_words(cell)}: {answer}")
    return lines


def detection_text(shown: ShownFrame, row: int) -> str:
    """One detection as text: class, score, and the box in frame pixels."""
    name = shown.class_names[int(shown.detections.labels[row])]
    box = ", ".join(f"{side:.1f}" for side in shown.detections.boxes_xyxy[row].tolist())
    return f"{name} {shown.detections.scores[row]:.3f} [{box}]"


def detections_tsv(shown: ShownFrame) -> str:
    """All detections as lines with tabs between the columns, as spreadsheets take them."""
    lines = [TSV_HEAD]
    for row, box in enumerate(shown.detections.boxes_xyxy.tolist()):
        name = shown.class_names[int(shown.detections.labels[row])]
        lines.append("\t".join((name, f"{shown.detections.scores[row]:.4f}", *(f"{side:.1f}" for side in box))))
    return "\n".join(lines) + "\n"


def counts_in_words(shown: ShownFrame) -> str:
    """What is on the frame, the most frequent first: `2 person, 1 dog`."""
    counts = counts_by_class(shown.detections, shown.class_names)
    return ", ".join(f"{count} {name}" for name, count in counts.most_common()) or tr("no detections")

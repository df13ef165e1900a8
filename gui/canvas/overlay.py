"""Boxes, class names and scores, drawn over the frame and never into it."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from detector.palette import text_colour
from gui.canvas.label_layout import Place, Placed, Wish, lay_out
from gui.canvas.marking import SOLID, dashed_pen
from gui.canvas.scene import Scene

# Opaque: Qt draws translucent lines ten times slower.
SEAM = QColor(12, 12, 12)
FILL_ALPHA, HOVER_ALPHA = 56, 28
LABEL_MARGIN_PX = 4


def label_font(label_px: int) -> QFont:
    font = QFont()
    font.setPixelSize(label_px)
    font.setWeight(QFont.Weight.DemiBold)
    return font


@lru_cache(maxsize=4096)
def _text_width(text: str, label_px: int) -> float:
    return QFontMetricsF(label_font(label_px)).horizontalAdvance(text)


@lru_cache(maxsize=32)
def label_height(label_px: int) -> float:
    """The height of a label in view pixels."""
    return QFontMetricsF(label_font(label_px)).height() + 2


def paint_detections(painter: QPainter, scene: Scene) -> None:
    """Draw every detection; the best score last, so that it lies on top, and labels above all boxes."""
    detections = scene.shown.detections
    if len(detections) == 0:
        return
    boxes = scene.rects(detections.boxes_xyxy)
    colours = [scene.ink(row) for row in range(len(boxes))]
    on_top = [row for row in dict.fromkeys((scene.selected, scene.hovered)) if row is not None and row < len(boxes)]
    others = [row for row in range(len(boxes)) if row not in on_top]
    for row in (*reversed(others), *reversed(on_top)):
        if boxes[row].intersects(scene.area):
            _paint_box(painter, scene, boxes[row], colours[row], row)
    if scene.view.labels != "none" or scene.marking is not None:
        _paint_labels(painter, scene, boxes, colours, [*on_top, *others])


def _paint_box(painter: QPainter, scene: Scene, box: QRectF, colour: QColor, row: int) -> None:
    selected, raised = row == scene.selected, row in (scene.hovered, scene.selected)
    width = scene.view.line_px + (1 if raised else 0)
    fill = FILL_ALPHA if scene.view.box_style == "filled" else HOVER_ALPHA if row == scene.hovered else 0
    if fill:
        painter.fillRect(box, QColor(colour.red(), colour.green(), colour.blue(), fill))
    mark = scene.mark(row)
    # A dark seam keeps light lines apart from a light frame, and shows in the gaps of broken ones.
    for ink, line_px, dash in (
        (SEAM, width + 2.0, SOLID),
        (colour, float(width), SOLID if mark is None else mark.dash),
    ):
        painter.setPen(dashed_pen(ink, line_px, dash))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if scene.view.box_style == "corners" and not selected:
            painter.drawLines(corner_lines(box))
        else:
            painter.drawRect(box)
    if selected:
        painter.setPen(QPen(QColor(255, 255, 255), 1.5, Qt.PenStyle.DashLine))
        painter.drawRect(box.adjusted(-width - 1, -width - 1, width + 1, width + 1))


def corner_lines(box: QRectF) -> list[QLineF]:
    """Two short lines at each corner of a box."""
    arm = min(max(min(box.width(), box.height()) * 0.25, 4.0), 28.0, box.width() / 2, box.height() / 2)
    lines = []
    for x, inward_x in ((box.left(), arm), (box.right(), -arm)):
        for y, inward_y in ((box.top(), arm), (box.bottom(), -arm)):
            lines.append(QLineF(x, y, x + inward_x, y))
            lines.append(QLineF(x, y, x, y + inward_y))
    return lines


def label_texts(scene: Scene) -> list[tuple[str, ...]]:
    """What each detection's label may say, from the fullest text to the shortest."""
    detections = scene.shown.detections
    names = [scene.shown.class_names[label] for label in detections.labels.tolist()]
    texts: list[tuple[str, ...]] = [(name,) for name in names]
    if scene.view.labels != "name":
        texts = [(f"{name} {score:.2f}", name) for name, score in zip(names, detections.scores.tolist(), strict=True)]
    if scene.marking is None:
        return texts
    tags = [mark.tag for mark in scene.marking.marks]
    if scene.view.labels == "none":
        return [(tag,) for tag in tags]
    return [(*(f"{tag} {text}" for text in each), tag) for tag, each in zip(tags, texts, strict=True)]


def place_labels(
    scene: Scene, boxes: list[QRectF], texts: list[tuple[str, ...]], order: list[int]
) -> list[Placed | None]:
    """Where the labels of the rows in `order` go: those that come first choose first."""
    px, area = scene.view.label_px, scene.area
    wishes = []
    for row in order:
        widths = [_text_width(text, px) + 2 * LABEL_MARGIN_PX for text in texts[row]]
        wishes.append(Wish(_edges(boxes[row]), widths))
    return lay_out(wishes, label_height(px), _edges(area), scene.view.line_px / 2)


def _paint_labels(
    painter: QPainter, scene: Scene, boxes: list[QRectF], colours: list[QColor], order: list[int]
) -> None:
    painter.setFont(label_font(scene.view.label_px))
    rise = 1 + QFontMetricsF(painter.font()).ascent()
    texts = label_texts(scene)
    for row, placed in zip(order, place_labels(scene, boxes, texts, order), strict=True):
        if placed is not None:
            left, top, right, bottom = placed.place
            colour = colours[row]
            painter.fillRect(QRectF(left, top, right - left, bottom - top), colour)
            painter.setPen(_ink_on(colour.red(), colour.green(), colour.blue()))
            painter.drawText(QPointF(left + LABEL_MARGIN_PX, top + rise), texts[row][placed.text])


def _edges(rect: QRectF) -> Place:
    return rect.left(), rect.top(), rect.right(), rect.bottom()


@lru_cache(maxsize=512)
def _ink_on(red: int, green: int, blue: int) -> QColor:
    return QColor(*text_colour((red, green, blue)))

"""Detections drawn into a picture, for files. The window draws its own overlay and never burns anything in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.detections import Detections
from detector.palette import BLACK, Rgb, class_colour, text_colour

# OpenCV carries this font itself, so that text looks the same on every machine, in every script.
FONT_NAME = "sans"
FONT_WEIGHT = 600
SMALLEST_TEXT_PX = 12
# Pictures are shown scaled to a screen: text grows with the frame to stay readable there.
TEXT_PER_FRAME_SIDE = 0.022


@dataclass(frozen=True)
class Mark:
    """A box to draw, `[4]` xyxy in pixels, with words on a plate of its colour."""

    box_xyxy: NDArray[np.floating]
    text: str
    colour: Rgb


def annotate(image: NDArray[np.uint8], detections: Detections, class_names: Sequence[str]) -> NDArray[np.uint8]:
    """A copy of a frame with a box, class name and score for every detection, the best on top.

    Args:
        image: RGB uint8 `[H, W, 3]`; not changed.
        class_names: in label order.

    Returns:
        RGB uint8 `[H, W, 3]`. A label that is larger than the whole frame is left out; its box is drawn.
    """
    marks = []
    for row, box in enumerate(detections.boxes_xyxy):
        label = int(detections.labels[row])
        text = f"{class_names[label]} {detections.scores[row]:.2f}"
        if detections.track_ids is not None and detections.track_ids[row] >= 0:
            text = f"{text} #{detections.track_ids[row]}"
        marks.append(Mark(box, text, class_colour(label)))
    return draw_marks(image, marks)


def draw_marks(image: NDArray[np.uint8], marks: Sequence[Mark]) -> NDArray[np.uint8]:
    """A copy of a frame, RGB uint8 `[H, W, 3]`, with a box and its words for every mark, the first on top."""
    drawn = np.ascontiguousarray(image).copy()
    text_px = text_height(image.shape[1], image.shape[0])
    last_first = [(np.rint(mark.box_xyxy).astype(int), mark) for mark in reversed(marks)]
    for box, mark in last_first:
        _draw_box(drawn, box, max(1, round(text_px / 8)), mark.colour)
    font = cv2.FontFace(FONT_NAME)
    for box, mark in last_first:
        _draw_label(drawn, box, mark.text, font, text_px, mark.colour)
    return drawn


def text_height(width: int, height: int) -> int:
    """The font size in pixels for a frame of this size."""
    return max(SMALLEST_TEXT_PX, round(TEXT_PER_FRAME_SIDE * sqrt(width * height)))


def _draw_box(image: NDArray[np.uint8], box: NDArray[Any], line_px: int, colour: Rgb) -> None:
    """A line just inside the box, with a dark hair line around it that parts it from a background of its colour."""
    x1, y1, x2, y2 = (int(value) for value in box)
    # A box thinner than a pixel still shows.
    x2, y2 = max(x2, x1 + 1), max(y2, y1 + 1)
    _outline(image, (x1 - 1, y1 - 1, x2 + 1, y2 + 1), 1, BLACK)
    _outline(image, (x1, y1, x2, y2), line_px, colour)


def _outline(image: NDArray[np.uint8], box: tuple[int, int, int, int], line_px: int, colour: Rgb) -> None:
    # Slices instead of cv2.rectangle: its thick lines have round corners and straddle the edge.
    height, width = image.shape[:2]
    x1, y1, x2, y2 = box
    left, right = max(x1, 0), min(x2, width)
    top, bottom = max(y1, 0), min(y2, height)
    image[max(y1, 0) : max(min(y1 + line_px, y2, height), 0), left:right] = colour
    image[max(y2 - line_px, y1, 0) : bottom, left:right] = colour
    image[top:bottom, max(x1, 0) : max(min(x1 + line_px, x2, width), 0)] = colour
    image[top:bottom, max(x2 - line_px, x1, 0) : right] = colour


def _draw_label(image: NDArray[np.uint8], box: NDArray[Any], text: str, font: Any, text_px: int, colour: Rgb) -> None:
    """The text on a plate of the class's colour: above the box, or inside its top where there is no room."""
    height, width = image.shape[:2]
    margin = max(2, text_px // 5)
    _, _, text_width, _ = cv2.getTextSize((0, 0), text, (0, 0), font, text_px, FONT_WEIGHT)
    plate_width, plate_height = text_width + 2 * margin, text_px + 2 * margin
    if plate_width > width or plate_height > height:
        return
    left = int(np.clip(box[0], 0, width - plate_width))
    above = int(box[1]) - plate_height
    top = above if above >= 0 else int(np.clip(box[1], 0, height - plate_height))
    image[top : top + plate_height, left : left + plate_width] = colour
    # Capitals and figures are about 0.73 of the font's size high; this centres them on the plate.
    baseline = top + round((plate_height + 0.73 * text_px) / 2)
    cv2.putText(image, text, (left + margin, baseline), text_colour(colour), font, text_px, FONT_WEIGHT)

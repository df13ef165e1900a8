"""Boxes whose lines tell how they stand beside another model's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.drawing import FONT_NAME, FONT_WEIGHT
from detector.lockstep.styles import Style
from detector.palette import BLACK, Rgb, text_colour

Image = NDArray[np.uint8]


def draw_box(image: Image, box: Sequence[int], width_px: int, style: Style) -> None:
    """A line just inside the box `x1, y1, x2, y2`, on a dark one that shows in its gaps and around it."""
    x1, y1, x2, y2 = box
    x2, y2 = max(x2, x1 + 1), max(y2, y1 + 1)
    _sides(image, (x1 - 1, y1 - 1, x2 + 1, y2 + 1), width_px + 2, BLACK, ())
    _sides(image, (x1, y1, x2, y2), width_px, style.colour, style.dash)


def draw_label(image: Image, box: Sequence[int], text: str, text_px: int, colour: Rgb) -> None:
    """The text on a plate, above the box or inside its top where there is no room; cut at the image's edge."""
    font = cv2.FontFace(FONT_NAME)
    margin = max(2, text_px // 5)
    height, width = image.shape[:2]
    plate_width, plate_height = text_width(text, text_px) + 2 * margin, text_px + 2 * margin
    left = min(max(box[0], 0), max(0, width - plate_width))
    top = box[1] - plate_height if box[1] >= plate_height else min(max(box[1], 0), max(0, height - plate_height))
    image[top : top + plate_height, left : left + plate_width] = colour
    write(image, (left + margin, baseline(top, plate_height, text_px)), text, text_px, text_colour(colour), font)


def write(image: Image, place: tuple[int, int], text: str, text_px: int, colour: Rgb, font: Any = None) -> None:
    """Text from `place`, the left end of its base line."""
    cv2.putText(image, text, place, colour, font or cv2.FontFace(FONT_NAME), text_px, FONT_WEIGHT)


def text_width(text: str, text_px: int) -> int:
    return int(cv2.getTextSize((0, 0), text, (0, 0), cv2.FontFace(FONT_NAME), text_px, FONT_WEIGHT)[2])


def baseline(top: int, height: int, text_px: int) -> int:
    """Where text stands that is centred in a bar; capitals are about 0.73 of the font's size high."""
    return top + round((height + 0.73 * text_px) / 2)


def _sides(image: Image, box: tuple[int, int, int, int], width_px: int, colour: Rgb, dash: tuple[float, ...]) -> None:
    x1, y1, x2, y2 = box
    lengths = [max(1, round(part * width_px)) for part in dash]
    # Slices cut what lies outside on the right and below; what lies left and above must not count from the other end.
    for start, stop in _lines(x2 - x1, lengths):
        columns = slice(max(x1 + start, 0), max(x1 + stop, 0))
        image[max(y1, 0) : max(min(y1 + width_px, y2), 0), columns] = colour
        image[max(y2 - width_px, y1, 0) : max(y2, 0), columns] = colour
    for start, stop in _lines(y2 - y1, lengths):
        rows = slice(max(y1 + start, 0), max(y1 + stop, 0))
        image[rows, max(x1, 0) : max(min(x1 + width_px, x2), 0)] = colour
        image[rows, max(x2 - width_px, x1, 0) : max(x2, 0)] = colour


def _lines(length: int, lengths: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Where a side has line and not gap, from its start."""
    if not lengths:
        yield 0, length
        return
    at, turn = 0, 0
    while at < length:
        stop = min(at + lengths[turn % len(lengths)], length)
        if turn % 2 == 0:
            yield at, stop
        at, turn = stop, turn + 1

"""What is seen inside a network, as pictures with captions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.detections import Detections
from detector.drawing import FONT_NAME, FONT_WEIGHT, annotate
from detector.inspection.contrast import Contrast, Palette, colours, scale_maps
from detector.inspection.mosaic import draw_mosaic, grid_for
from detector.inspection.ordering import Order, order_channels
from detector.inspection.tapping import ChannelMaps

Picture = NDArray[np.uint8]

CAPTION_PX = 26
TEXT_PX = 14
SMALL_TEXT_PX = 11
NUMBERED_FROM_PX = 30
INK_RGB, PAPER_RGB = (20, 20, 20), (255, 255, 255)
HEAT_SHARE = 0.75
# Below 1: what is a tenth as hot is still to be seen.
HEAT_POWER = 0.6


@dataclass(frozen=True)
class Style:
    """How maps are drawn. tile_px: the side of a tile, about. width_px: of the whole picture, at most."""

    order: Order = "peak"
    contrast: Contrast = "channel"
    gamma: float = 1.0
    palette: Palette = "viridis"
    tile_px: int = 96
    width_px: int = 1200


def grid_picture(maps: ChannelMaps, style: Style = Style(), about: str = "") -> Picture:
    """All channels of a layer as tiles with their numbers, in the style's order, under a caption.

    Args:
        about: goes into the caption, for example which frame it is.
    """
    chosen = order_channels(maps, style.order)
    scaled = scale_maps(maps.maps[chosen], style.contrast, style.gamma)
    grid = grid_for(len(chosen), maps.maps.shape[1:], style.width_px, style.tile_px)
    mosaic = draw_mosaic(scaled, grid, style.palette, PAPER_RGB)
    if min(grid.tile_hw) >= NUMBERED_FROM_PX:
        for place, channel in enumerate(chosen):
            x, y = grid.place_of(place)
            _outlined(mosaic, str(channel), x + 3, y + SMALL_TEXT_PX + 2)
    height, width = maps.full_hw
    point = "after ReLU" if maps.request.after_relu and maps.layer.after else "as it is"
    if not maps.request.after_relu and maps.layer.after:
        point = "before ReLU"
    caption = f"{maps.layer.name}: {maps.channels} channels of {width} x {height}, {point}, by {style.order}"
    return captioned(mosaic, ", ".join(part for part in (caption, about) if part))


def heat_picture(
    image: Picture, heat: NDArray[np.float32], detections: Detections, row: int, class_names: Sequence[str]
) -> Picture:
    """A frame under the heat map of one of its detections, with that detection's box.

    Args:
        image: RGB uint8 `[H, W, 3]`. heat: float32 `[H, W]`, >= 0; its greatest value is shown brightest.
    """
    relative = np.clip(heat / max(float(heat.max(initial=0)), 1e-9), 0, 1) ** HEAT_POWER
    steps = np.rint(relative * 255).astype(np.uint8)
    share = (HEAT_SHARE * relative)[..., None]
    blended = image.astype(np.float32) * (1 - share) + colours("magma")[steps].astype(np.float32) * share
    one = replace(
        detections,
        boxes_xyxy=detections.boxes_xyxy[row : row + 1],
        scores=detections.scores[row : row + 1],
        labels=detections.labels[row : row + 1],
        candidate=detections.candidate[row : row + 1],
        track_ids=None,
    )
    return annotate(np.rint(blended).astype(np.uint8), one, class_names)


def captioned(picture: Picture, text: str) -> Picture:
    """A picture under a line of text; made wider where the text needs it."""
    font = cv2.FontFace(FONT_NAME)
    (_, _, wide, _) = cv2.getTextSize((0, 0), text, (0, 0), font, TEXT_PX, FONT_WEIGHT)
    width = max(picture.shape[1], wide + 12)
    sheet = np.empty((picture.shape[0] + CAPTION_PX, width, 3), np.uint8)
    sheet[:] = PAPER_RGB
    sheet[CAPTION_PX:, : picture.shape[1]] = picture
    cv2.putText(sheet, text, (6, CAPTION_PX - 8), INK_RGB, font, TEXT_PX, FONT_WEIGHT)
    return sheet


def strip(pictures: Sequence[Picture], captions: Sequence[str], side_px: int = 128, gap_px: int = 6) -> Picture:
    """Pictures side by side, scaled into squares of `side_px`, each over a line of text."""
    font = cv2.FontFace(FONT_NAME)
    sheet = np.empty((side_px + 20, len(pictures) * (side_px + gap_px) + gap_px, 3), np.uint8)
    sheet[:] = PAPER_RGB
    for number, (picture, caption) in enumerate(zip(pictures, captions, strict=True)):
        times = side_px / max(picture.shape[:2])
        size = max(1, round(picture.shape[1] * times)), max(1, round(picture.shape[0] * times))
        kind = cv2.INTER_NEAREST if times > 1 else cv2.INTER_AREA
        x = gap_px + number * (side_px + gap_px)
        sheet[: size[1], x : x + size[0]] = cv2.resize(picture, size, interpolation=kind)
        cv2.putText(sheet, caption, (x, side_px + 15), INK_RGB, font, SMALL_TEXT_PX, FONT_WEIGHT)
    return sheet


def _outlined(picture: Picture, text: str, x: int, y: int) -> None:
    font = cv2.FontFace(FONT_NAME)
    for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        cv2.putText(picture, text, (x + dx, y + dy), INK_RGB, font, SMALL_TEXT_PX, FONT_WEIGHT)
    cv2.putText(picture, text, (x, y), PAPER_RGB, font, SMALL_TEXT_PX, FONT_WEIGHT)

"""Views of photographs for training: scale and shift, flip, colour, mosaic. Boxes follow the pixels exactly.

All randomness comes from the generator handed in, so that a view is a function of (photograph, seed).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.geometry import PAD_VALUE

MIN_SIDE_PX = 2.0
MIN_VISIBLE = 0.2


@dataclass(frozen=True)
class LabelledImage:
    """RGB uint8 `[H, W, 3]`, boxes float32 `[N, 4]` xyxy in its pixels, labels int64 `[N]`."""

    image: NDArray[np.uint8]
    boxes_xyxy: NDArray[np.float32]
    labels: NDArray[np.int64]


@dataclass(frozen=True)
class AugmentSettings:
    """How far a view may stray. Scales are relative to the photograph fitted into the square view."""

    flip: float = 0.5
    scale_low: float = 0.5
    scale_high: float = 1.5
    aspect: float = 0.15
    colour: float = 0.3
    gray: float = 0.03
    mosaic: float = 0.3

    def calm(self) -> AugmentSettings:
        """The narrow settings for the end of a run: photographs nearly as they will be met."""
        return AugmentSettings(
            flip=self.flip,
            scale_low=max(self.scale_low, 0.9),
            scale_high=min(self.scale_high, 1.1),
            aspect=min(self.aspect, 0.05),
            colour=self.colour / 2,
            gray=self.gray,
            mosaic=0.0,
        )


@dataclass(frozen=True)
class _Part:
    """A photograph in a view: the tile it fills, left, top, right, bottom in view pixels, and the 2x3 matrix from
    photograph pixels to view pixels, both continuous (a pixel's centre is at .5)."""

    picture: LabelledImage
    tile: tuple[int, int, int, int]
    matrix: NDArray[np.float64]


@dataclass(frozen=True)
class ViewPlan:
    """Everything that chance decides about a view of `size` pixels; `render` makes the pixels, at any size."""

    size: int
    parts: tuple[_Part, ...]
    colours: NDArray[np.uint8] | None
    gray: bool


def make_view(
    pictures: Sequence[LabelledImage], size: int, settings: AugmentSettings, rng: np.random.Generator
) -> LabelledImage:
    """One square training view of `size` pixels from one photograph, or a mosaic of four."""
    return render(plan_view(pictures, size, settings, rng), size)


def plan_view(
    pictures: Sequence[LabelledImage], size: int, settings: AugmentSettings, rng: np.random.Generator
) -> ViewPlan:
    """Throw all the dice of a view. Mosaic: Bochkovskiy et al., YOLOv4 (2004.10934), section 3.3."""
    if len(pictures) == 1:
        tiles: tuple[tuple[int, int, int, int], ...] = ((0, 0, size, size),)
    else:
        cx, cy = (int(v) for v in rng.uniform(0.3, 0.7, 2) * size)
        tiles = ((0, 0, cx, cy), (cx, 0, size, cy), (0, cy, cx, size), (cx, cy, size, size))
    parts = tuple(
        _Part(picture, tile, _view_matrix(picture.image.shape, tile, settings, rng))
        for picture, tile in zip(pictures, tiles, strict=True)
    )
    colours, gray = _colour_tables(settings, rng)
    return ViewPlan(size, parts, colours, gray)


def render(plan: ViewPlan, size: int) -> LabelledImage:
    """The planned view in `size` x `size` pixels, with its boxes."""
    zoom = size / plan.size
    canvas = np.full((size, size, 3), PAD_VALUE, np.uint8)
    boxes, labels = [], []
    for part in plan.parts:
        left, top, right, bottom = (round(edge * zoom) for edge in part.tile)
        matrix = part.matrix * zoom
        matrix[:, 2] -= (left, top)
        canvas[top:bottom, left:right] = warp_image(part.picture.image, matrix, right - left, bottom - top)
        moved, kept = warp_boxes(part.picture.boxes_xyxy, matrix, right - left, bottom - top)
        boxes.append(moved + np.array((left, top, left, top), np.float32))
        labels.append(part.picture.labels[kept])
    if plan.colours is not None:
        canvas = cv2.LUT(canvas, plan.colours)
    if plan.gray:
        canvas = cv2.cvtColor(cv2.cvtColor(canvas, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    return LabelledImage(canvas, np.concatenate(boxes), np.concatenate(labels))


def _view_matrix(
    shape: tuple[int, ...], tile: tuple[int, int, int, int], settings: AugmentSettings, rng: np.random.Generator
) -> NDArray[np.float64]:
    left, top, right, bottom = tile
    width, height = right - left, bottom - top
    image_h, image_w = shape[:2]
    fit = min(width / image_w, height / image_h)
    zoom = fit * np.exp(rng.uniform(np.log(settings.scale_low), np.log(settings.scale_high)))
    stretch = np.exp(rng.uniform(-settings.aspect, settings.aspect) / 2)
    scale_x, scale_y = zoom * stretch, zoom / stretch
    free_x, free_y = width - image_w * scale_x, height - image_h * scale_y
    # Where the photograph is larger than the tile this picks a crop, else a place on the gray.
    offset_x, offset_y = left + rng.uniform() * free_x, top + rng.uniform() * free_y
    if rng.uniform() < settings.flip:
        return np.array([[-scale_x, 0, offset_x + image_w * scale_x], [0, scale_y, offset_y]])
    return np.array([[scale_x, 0, offset_x], [0, scale_y, offset_y]])


def warp_image(image: NDArray[np.uint8], matrix: NDArray[np.float64], width: int, height: int) -> NDArray[np.uint8]:
    """RGB uint8 `[H, W, 3]` through an axis-aligned 2x3 `matrix` on continuous coordinates, gray around."""
    matrix = matrix.copy()
    # Linear interpolation looks at four pixels only and aliases below half size, so large photographs are halved first.
    while min(abs(matrix[0, 0]), abs(matrix[1, 1])) < 0.5 and min(image.shape[:2]) >= 2:
        # Exact halves are several times faster; an odd last row or column is half a pixel less of the photograph.
        half_h, half_w = image.shape[0] // 2, image.shape[1] // 2
        image = cv2.resize(image[: half_h * 2, : half_w * 2], (half_w, half_h), interpolation=cv2.INTER_AREA)
        matrix[:, :2] *= 2
    # OpenCV puts pixel centres on whole numbers: half a pixel in, half a pixel out.
    matrix[:, 2] += (matrix[:, 0] + matrix[:, 1]) / 2 - 0.5
    return cv2.warpAffine(
        image,
        matrix,
        (width, height),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(PAD_VALUE,) * 3,
    )


def warp_boxes(
    boxes_xyxy: NDArray[np.float32], matrix: NDArray[np.float64], width: int, height: int
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Move boxes `[N, 4]` by an axis-aligned 2x3 `matrix` and clip them to the view.

    Returns the boxes that stay (large enough and more than a fifth inside) and the mask `[N]` of which those are.
    """
    if len(boxes_xyxy) == 0:
        return boxes_xyxy.reshape(-1, 4), np.zeros(0, np.bool_)
    xs = boxes_xyxy[:, 0::2] * matrix[0, 0] + matrix[0, 2]
    ys = boxes_xyxy[:, 1::2] * matrix[1, 1] + matrix[1, 2]
    moved = np.stack((xs.min(1), ys.min(1), xs.max(1), ys.max(1)), axis=1)
    clipped = np.clip(moved, 0, (width, height, width, height))
    area = np.prod(moved[:, 2:] - moved[:, :2], axis=1)
    sides = clipped[:, 2:] - clipped[:, :2]
    kept = (sides.min(axis=1) >= MIN_SIDE_PX) & (np.prod(sides, axis=1) > MIN_VISIBLE * area)
    return clipped[kept].astype(np.float32), kept


def _colour_tables(settings: AugmentSettings, rng: np.random.Generator) -> tuple[NDArray[np.uint8] | None, bool]:
    """Random brightness, contrast, gamma and colour cast as one lookup table `[1, 256, 3]`, and whether to go gray."""
    gray = bool(rng.uniform() < settings.gray)
    if settings.colour <= 0:
        return None, gray
    strength = settings.colour
    shared = rng.uniform(-strength, strength, 3)
    cast = rng.uniform(-strength, strength, 3) / 3
    ramp = np.linspace(0, 1, 256)[:, None]  # [256, 1]
    curve = ramp ** np.exp(shared[0])
    table = (curve - 0.5) * np.exp(shared[1] + cast) + 0.5 + shared[2] / 2
    return (np.clip(table, 0, 1) * 255).astype(np.uint8)[None], gray

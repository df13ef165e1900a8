"""Boxes, intersection over union (IoU), and the letterbox with its one inverse. NumPy and OpenCV only."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

PAD_VALUE = 114


def box_iou(a_xyxy: NDArray[np.float32], b_xyxy: NDArray[np.float32]) -> NDArray[np.float32]:
    """IoU of every pair: `[N, 4]`, `[M, 4]` -> float32 `[N, M]`; 0 where a box is empty."""
    top_left = np.maximum(a_xyxy[:, None, :2], b_xyxy[None, :, :2])  # [N, M, 2]
    bottom_right = np.minimum(a_xyxy[:, None, 2:], b_xyxy[None, :, 2:])
    intersection = np.prod(np.maximum(bottom_right - top_left, 0), axis=-1)
    union = box_area(a_xyxy)[:, None] + box_area(b_xyxy)[None, :] - intersection
    return np.divide(intersection, union, out=np.zeros_like(intersection), where=union > 0).astype(np.float32)


def box_area(boxes_xyxy: NDArray[np.float32]) -> NDArray[np.float32]:
    """Areas `[N]` of boxes `[N, 4]`; 0 for boxes with no inside."""
    sides: NDArray[np.float32] = np.maximum(boxes_xyxy[:, 2:] - boxes_xyxy[:, :2], 0)
    return sides[:, 0] * sides[:, 1]


def clip_boxes(boxes_xyxy: NDArray[np.float32], size_wh: tuple[int, int]) -> NDArray[np.float32]:
    """Boxes `[N, 4]` cut to a frame of `size_wh` pixels."""
    width, height = size_wh
    return np.clip(boxes_xyxy, 0, np.array((width, height, width, height), np.float32)).astype(np.float32)


@dataclass(frozen=True)
class Letterbox:
    """How a frame lies in the network's square input: scaled by `scale`, top left, gray behind.

    scale_xy: input pixels per frame pixel, along x and y (they differ by less than a pixel's rounding).
    content_wh: the part of the input that the frame covers. frame_size_wh: the frame. size: the square's side.
    step: of the square only the multiples of so many pixels are computed that the frame reaches into; 0 for all of it.
    """

    scale_xy: tuple[float, float]
    content_wh: tuple[int, int]
    frame_size_wh: tuple[int, int]
    size: int
    step: int = 0

    @staticmethod
    def fit(frame_size_wh: tuple[int, int], size: int, step: int = 0) -> Letterbox:
        """The largest placement of a frame in a `size` x `size` input that keeps its shape."""
        width, height = frame_size_wh
        scale = size / max(width, height)
        content = (max(1, min(size, round(width * scale))), max(1, min(size, round(height * scale))))
        return Letterbox((content[0] / width, content[1] / height), content, frame_size_wh, size, step)

    @property
    def input_hw(self) -> tuple[int, int]:
        """Rows and columns that the network gets: the square, or the part of it that is computed."""
        if not self.step:
            return self.size, self.size
        width, height = (min(self.size, math.ceil(side / self.step) * self.step) for side in self.content_wh)
        return height, width

    def apply(self, image: NDArray[np.uint8], averaging: bool = True) -> NDArray[np.uint8]:
        """RGB uint8 `[H, W, 3]` -> `[*input_hw, 3]`. averaging: over areas where it shrinks much; else bilinear."""
        canvas = np.empty((*self.input_hw, 3), np.uint8)
        width, height = self.content_wh
        if averaging:
            image = _halved(image, (width, height))
        # Averaging over areas does not alias; for small shrinking linear is as good and faster.
        shrink = averaging and min(width / image.shape[1], height / image.shape[0]) < 0.5
        interpolation = cv2.INTER_AREA if shrink else cv2.INTER_LINEAR
        # Resized to where it belongs, without a copy.
        cv2.resize(image, (width, height), dst=canvas[:height, :width], interpolation=interpolation)
        canvas[height:] = PAD_VALUE
        canvas[:height, width:] = PAD_VALUE
        return canvas

    def to_frame(self, boxes_xyxy: NDArray[np.float32]) -> NDArray[np.float32]:
        """The inverse for boxes: `[..., 4]` in input pixels -> frame pixels."""
        x, y = self.scale_xy
        return (boxes_xyxy / np.array((x, y, x, y), np.float32)).astype(np.float32)

    def map_to_frame(self, values: NDArray[np.float32], input_hw: tuple[int, int]) -> NDArray[np.float32]:
        """The inverse for maps: float32 `[h, w]` over the whole input of `input_hw` pixels -> `[H, W]` over the frame.

        Between the middles of the cells it is linear.
        """
        height, width = values.shape
        # A map may be coarser than the input: the frame's part of it, to the fraction of a cell.
        x = (np.arange(self.frame_size_wh[0]) + 0.5) * self.scale_xy[0] * (width / input_hw[1]) - 0.5
        y = (np.arange(self.frame_size_wh[1]) + 0.5) * self.scale_xy[1] * (height / input_hw[0]) - 0.5
        grid_x, grid_y = np.meshgrid(x.astype(np.float32), y.astype(np.float32))
        return np.asarray(
            cv2.remap(values, grid_x, grid_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32
        )

    def to_input(self, boxes_xyxy: NDArray[np.float32]) -> NDArray[np.float32]:
        """Boxes `[..., 4]` in frame pixels -> input pixels."""
        x, y = self.scale_xy
        return (boxes_xyxy * np.array((x, y, x, y), np.float32)).astype(np.float32)


def _halved(image: NDArray[np.uint8], least_wh: tuple[int, int]) -> NDArray[np.uint8]:
    """The image halved by averages of 2 x 2 pixels as often as it divides, and does not fall below `least_wh`.

    OpenCV has its own instructions for just this: together several times faster than averaging over large areas.
    """
    height, width = image.shape[:2]
    while height % 2 == width % 2 == 0 and width >= 2 * least_wh[0] and height >= 2 * least_wh[1]:
        height, width = height // 2, width // 2
        image = np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    return image

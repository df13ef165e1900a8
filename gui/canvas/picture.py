"""The visible part of a frame, scaled by OpenCV to the screen's own pixels: several times faster than Qt's painter."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage

from gui.canvas.transform import ViewTransform

MAX_SIDE_PX = 8192


def visible_picture(
    image: NDArray[np.uint8], transform: ViewTransform, view_wh: tuple[int, int], pixel_ratio: float
) -> tuple[QImage, QRectF] | None:
    """What a view of `view_wh` shows of `image` (RGB uint8 `[H, W, 3]`) and where; None when that is nothing.

    The picture is an own copy in the screen's pixels (`pixel_ratio` to one view pixel).
    """
    part = transform.visible((image.shape[1], image.shape[0]), view_wh)
    if part is None:
        return None
    left, top, right, bottom = part
    scale = transform.scale * pixel_ratio
    width = min(max(1, round((right - left) * scale)), MAX_SIDE_PX)
    height = min(max(1, round((bottom - top) * scale)), MAX_SIDE_PX)
    # Far in, one wants to see the pixels themselves.
    enlarging = cv2.INTER_LINEAR if scale < 4 else cv2.INTER_NEAREST
    interpolation = cv2.INTER_AREA if scale < 0.5 else enlarging
    scaled = cv2.resize(image[top:bottom, left:right], (width, height), interpolation=interpolation)
    # 32 bits a pixel is what Qt's raster engine copies without converting.
    buffer = cv2.cvtColor(scaled, cv2.COLOR_RGB2BGRA)
    picture = QImage(buffer.data, width, height, 4 * width, QImage.Format.Format_RGB32).copy()
    x, y = transform.to_view(left, top)
    return picture, QRectF(x, y, (right - left) * transform.scale, (bottom - top) * transform.scale)


class PictureCache:
    """The picture of one view, made anew only for another frame, transform or size: moving a slider on a paused frame
    redraws no more than the boxes."""

    def __init__(self) -> None:
        self._picture: tuple[QImage, QRectF] | None = None
        # The array itself is kept: an address alone may soon be that of another frame.
        self._image: NDArray[np.uint8] | None = None
        self._key: tuple[object, ...] = ()

    def get(
        self, image: NDArray[np.uint8], transform: ViewTransform, view_wh: tuple[int, int], pixel_ratio: float
    ) -> tuple[QImage, QRectF] | None:
        """As `visible_picture` gives it."""
        key = (transform, view_wh, pixel_ratio)
        if self._image is not image or self._key != key:
            self._picture = visible_picture(image, transform, view_wh, pixel_ratio)
            self._image, self._key = image, key
        return self._picture

    def forget(self) -> None:
        """Let go of the frame."""
        self._picture = self._image = None

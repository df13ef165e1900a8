"""Small pictures for cards, made of frames."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage

SIZE = QSize(320, 180)
"""Twice the place on a card, for screens with many pixels."""


def thumbnail_of(image: NDArray[np.uint8]) -> QImage:
    """A copy of an RGB frame `[H, W, 3]`, no larger than `SIZE`, in its own proportions."""
    # Big frames are thinned out first: a smooth scaling of 4K would hold the window still.
    step = max(1, min(image.shape[0] // (2 * SIZE.height()), image.shape[1] // (2 * SIZE.width())))
    small = np.ascontiguousarray(image[::step, ::step])
    height, width = small.shape[:2]
    whole = QImage(small.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    if width <= SIZE.width() and height <= SIZE.height():
        return whole.copy()
    return whole.scaled(SIZE, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)

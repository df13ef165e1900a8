"""Encoded photographs to pixels, lying as they lay when they were annotated."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray


def decode_photograph(data: bytes, size_wh: tuple[int, int] | None) -> NDArray[np.uint8] | None:
    """RGB uint8 `[H, W, 3]`, turned by its EXIF orientation unless only the unturned picture is of the given size.

    Args:
        data: the photograph's file.
        size_wh: width and height that its boxes were drawn on; None where the annotations do not say.

    Returns:
        None when it cannot be decoded, or is of another size either way.
    """
    if not data:
        return None
    raw = np.frombuffer(data, np.uint8)
    # Some tools annotate what a camera's orientation flag shows, others what the file stores: the size tells which.
    for flags in (cv2.IMREAD_COLOR_RGB, cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION):
        try:
            image = cv2.imdecode(raw, flags)
        except cv2.error:  # raised for sizes beyond OpenCV's limit
            return None
        if image is None:
            return None
        if size_wh is None or (image.shape[1], image.shape[0]) == size_wh:
            return image
    return None


def is_truncated_jpeg(data: bytes) -> bool:
    """Whether a JPEG ends inside its last scan, which decoders fill with gray without a word.

    Marker bytes do not occur inside a scan, so the last end-of-image must come after the last start-of-scan.
    """
    return data.startswith(b"\xff\xd8") and data.rfind(b"\xff\xd9") < data.rfind(b"\xff\xda")

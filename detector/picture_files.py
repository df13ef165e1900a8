"""Pictures written to disk, whole under their names."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.errors import OutputError
from detector.files import write_atomically

JPEG_QUALITY, SMALL_JPEG_QUALITY = 95, 78
PAGE_WIDTH = 1280


def write_picture(path: Path, image: NDArray[np.uint8]) -> None:
    """Write an RGB uint8 `[H, W, 3]` picture; the ending (.jpg or .png) decides the format. Raises OutputError."""
    quality = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY] if path.suffix.lower() in (".jpg", ".jpeg") else []
    try:
        done, data = cv2.imencode(path.suffix, cv2.cvtColor(image, cv2.COLOR_RGB2BGR), quality)
    except cv2.error as error:
        raise OutputError(f"{path} cannot be written: {error.err}.") from error
    if not done:
        raise OutputError(f"{path} cannot be written: no {path.suffix} picture can be made of it.")
    write_atomically(path, data.tobytes())


def small_jpeg(image: NDArray[np.uint8], most_wide: int = PAGE_WIDTH) -> bytes:
    """RGB uint8 `[H, W, 3]` as a JPEG file for a page, no wider than `most_wide`. Raises OutputError."""
    scale = min(1.0, most_wide / image.shape[1])
    if scale < 1:
        image = np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    done, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, SMALL_JPEG_QUALITY])
    if not done:
        raise OutputError("a frame cannot be made into a JPEG for the summary.")
    return bytes(data.tobytes())

"""From what decoders hand over to the one kind of picture: RGB uint8 `[H, W, 3]`, upright, C-contiguous."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

BACKDROP_GRAY = 128


def rgb_from_opencv(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    """OpenCV's gray `[H, W]`, BGR `[H, W, 3]` or BGRA `[H, W, 4]` -> RGB uint8 `[H, W, 3]`.

    16-bit values are scaled to 8 bits, floating-point ones from 0..1. What is transparent shows middle gray, so that
    colours hidden under it are not seen by a detector when no person sees them. This is where colours are swapped.

    Raises:
        ValueError: another number of channels.
    """
    eight = _eight_bit(pixels)
    channels = 1 if eight.ndim == 2 else eight.shape[2]
    if channels == 3:
        return np.asarray(cv2.cvtColor(eight, cv2.COLOR_BGR2RGB))
    if channels == 1:
        return np.asarray(cv2.cvtColor(eight, cv2.COLOR_GRAY2RGB))
    if channels == 4:
        return _on_gray(np.asarray(cv2.cvtColor(eight, cv2.COLOR_BGRA2RGBA)))
    raise ValueError(f"pictures of {channels} channels are not known")


def _eight_bit(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    if pixels.dtype == np.uint8:
        return pixels
    if pixels.dtype == np.uint16:
        return np.asarray(cv2.convertScaleAbs(pixels, alpha=1 / 257))
    if np.issubdtype(pixels.dtype, np.floating):
        return np.rint(np.clip(np.nan_to_num(pixels), 0, 1) * 255).astype(np.uint8)
    raise ValueError(f"pictures of {pixels.dtype} values are not known")


def _on_gray(rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    opacity = rgba[..., 3:].astype(np.uint16)
    mixed = (rgba[..., :3] * opacity + BACKDROP_GRAY * (255 - opacity) + 127) // 255
    return mixed.astype(np.uint8)


def upright(image: NDArray[Any], display_matrix: NDArray[np.int32]) -> NDArray[Any]:
    """Turn and mirror `[H, W, C]` as a video's display matrix asks, to the nearest quarter turn.

    Args:
        display_matrix: nine 16.16 fixed-point numbers a, b, u, c, d, v, x, y, w; the pixel (x, y) is shown at
            (a x + c y, b x + d y), y downwards.

    Returns:
        a C-contiguous array; `image` itself where nothing is to be done.
    """
    a, b, _, c, d = (int(value) for value in display_matrix[:5])
    if abs(b) > abs(a):
        image = image.swapaxes(0, 1)
        x_factor, y_factor = c, b
    else:
        x_factor, y_factor = a, d
    if x_factor < 0:
        image = image[:, ::-1]
    if y_factor < 0:
        image = image[::-1]
    return np.ascontiguousarray(image)

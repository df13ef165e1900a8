"""A time written into a picture as black and white blocks, which JPEG cannot blur away."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

TIME_BITS = 24  # milliseconds; they begin again after four and a half hours
CHECK_BITS = 8
BLOCK_ROWS = 16
_ROUND = 1 << TIME_BITS


def stamp(image: NDArray[np.uint8], time_s: float) -> None:
    """Write `time_s` (monotonic seconds) over the first rows of an RGB or BGR image, to the millisecond."""
    milliseconds = round(time_s * 1000) % _ROUND
    bits = _bits(milliseconds << CHECK_BITS | _check(milliseconds))
    edges = _edges(image.shape[1])
    for bit, (left, right) in zip(bits, pairwise(edges), strict=True):
        image[:BLOCK_ROWS, left:right] = 255 if bit else 0


def age_s(image: NDArray[np.uint8], now_s: float) -> float | None:
    """Seconds between the time written into `image` and `now_s`; None where no whole time is written."""
    edges = _edges(image.shape[1])
    middle = image[BLOCK_ROWS // 4 : 3 * BLOCK_ROWS // 4]
    number = 0
    for left, right in pairwise(edges):
        third = (right - left) // 3
        number = number << 1 | int(middle[:, left + third : right - third].mean() > 127)
    milliseconds, check = number >> CHECK_BITS, number & (1 << CHECK_BITS) - 1
    if check != _check(milliseconds):
        return None
    return (now_s * 1000 - milliseconds) % _ROUND / 1000


def _check(milliseconds: int) -> int:
    return (milliseconds ^ milliseconds >> 8 ^ milliseconds >> 16 ^ 0xA5) & 0xFF


def _bits(number: int) -> list[int]:
    count = TIME_BITS + CHECK_BITS
    return [number >> (count - 1 - place) & 1 for place in range(count)]


def _edges(width: int) -> list[int]:
    count = TIME_BITS + CHECK_BITS
    return [width * place // count for place in range(count + 1)]

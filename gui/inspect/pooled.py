"""A pooling layer's maps before and after, side by side in tiles of one size."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from detector.geometry import Letterbox

if TYPE_CHECKING:
    from detector.inspection.tapping import ChannelMaps


def given_of_frame(maps: ChannelMaps, letterbox: Letterbox | None) -> NDArray[np.float16]:
    """What the layer was given `[C, h, w]`, as far as it lies over the frame."""
    given = maps.given
    assert given is not None
    stride = maps.given_stride
    if stride is None or letterbox is None:
        return given
    across, down = (math.ceil(side / (stride * maps.given_step)) for side in letterbox.content_wh)
    return given[:, :down, :across]


def stretched(maps: NDArray[np.float16], size_hw: tuple[int, ...]) -> NDArray[np.float16]:
    """Maps `[C, h, w]` with so many rows and columns: a place stands where those lie that it came from."""
    rows, columns = (np.arange(there) * here // there for there, here in zip(size_hw, maps.shape[1:], strict=True))
    return np.ascontiguousarray(maps[:, rows][:, :, columns])


def cell_behind(cell: tuple[int, int], shown_hw: tuple[int, ...], own_hw: tuple[int, int]) -> tuple[int, int]:
    """The row and column of the map itself that is shown at `cell` of the stretched one."""
    row, column = (place * own // shown for place, shown, own in zip(cell, shown_hw, own_hw, strict=True))
    return row, column

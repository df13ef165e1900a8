"""In which order channels are looked at: by what they do on the frame, or by what they do inside a box. NumPy only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    # It brings torch.
    from detector.inspection.tapping import ChannelMaps

Order = Literal["index", "peak", "mean", "variance", "box"]
ORDERS: tuple[Order, ...] = get_args(Order)


def order_channels(maps: ChannelMaps, order: Order, inside: NDArray[np.bool_] | None = None) -> NDArray[np.intp]:
    """Every channel once, int `[C]`, the highest first; equal ones by their index.

    Args:
        inside: bool `[h, w]`, which cells lie in the box; needed for "box", see `cells_inside`.
    """
    if order == "index" or (order == "box" and inside is None):
        return np.arange(maps.channels)
    if order == "box":
        assert inside is not None
        values = box_preference(maps.maps, inside)
    else:
        values = {"peak": maps.peak, "mean": maps.mean, "variance": maps.variance}[order]
    return np.argsort(-values, kind="stable")


def box_preference(maps: NDArray[np.float16], inside: NDArray[np.bool_]) -> NDArray[np.float32]:
    """How much more each channel fires inside than outside: the difference of the means in standard deviations.

    Args:
        maps: `[C, h, w]`. inside: `[h, w]`.

    Returns:
        float32 `[C]`; 0 for a channel that is the same everywhere, and for all where everything or nothing is inside.
    """
    flat = maps.reshape(len(maps), -1).astype(np.float32)
    chosen = inside.ravel()
    if chosen.all() or not chosen.any():
        return np.zeros(len(maps), np.float32)
    apart = flat[:, chosen].mean(axis=1) - flat[:, ~chosen].mean(axis=1)
    deviation = flat.std(axis=1)
    return np.divide(apart, deviation, out=np.zeros_like(apart), where=deviation > 1e-6).astype(np.float32)


def cells_inside(maps: ChannelMaps, box_xyxy: tuple[float, float, float, float]) -> NDArray[np.bool_] | None:
    """Which cells of the reduced maps have their middle in a box, bool `[h, w]`; the nearest one for a tiny box.

    Args:
        box_xyxy: in pixels of the network's input (`Letterbox.to_input`).

    Returns:
        None for a layer that is no map of the frame.
    """
    if maps.layer.stride is None:
        return None
    side = maps.layer.stride * maps.step
    height, width = maps.maps.shape[1:]
    x1, y1, x2, y2 = box_xyxy
    rows, columns = ((np.arange(count) + 0.5) * side for count in (height, width))
    inside = ((rows >= y1) & (rows <= y2))[:, None] & ((columns >= x1) & (columns <= x2))[None]
    if not inside.any():
        row, column = (
            int(np.abs(places - (a + b) / 2).argmin()) for places, a, b in ((rows, y1, y2), (columns, x1, x2))
        )
        inside[row, column] = True
    return inside

"""What is said of layers, channels and places of maps, in words and numbers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from detector.geometry import Letterbox
from gui.translation import tr

if TYPE_CHECKING:
    from detector.inspection.anatomy import Layer
    from detector.inspection.tapping import ChannelMaps


def number_text(value: float) -> str:
    """Three digits that count, without powers of ten where these are few."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    if 0.01 <= abs(value) < 10_000:
        digits = max(0, 2 - math.floor(math.log10(abs(value))))
        return f"{value:.{min(digits, 4)}f}"
    return f"{value:.2g}"


def count_text(count: int) -> str:
    """A count of parameters or multiply-accumulates, short: 12, 36.9 k, 1.2 M, 2.4 G; "" for none."""
    if count == 0:
        return ""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if count >= size:
            return f"{count / size:.3g} {letter}"
    return str(count)


def shape_text(layer: Layer) -> str:
    """What it gives, such as 64 x 80 x 80."""
    return " x ".join(str(side) for side in layer.shape)


def layer_text(layer: Layer) -> str:
    """One line about a layer."""
    channels, height, width = layer.shape
    parts = [layer.kind, tr("{n} channels of {w} x {h}").format(n=channels, w=width, h=height)]
    if layer.cut_outs:
        parts.append(tr("{n} proposals").format(n=layer.cut_outs))
    if layer.stride is not None:
        parts.append(tr("stride {n}").format(n=layer.stride))
    if layer.receptive_field_px is not None:
        parts.append(tr("sees {n} px").format(n=layer.receptive_field_px))
    return ", ".join(parts)


def channel_text(maps: ChannelMaps, channel: int, pinned: bool) -> list[str]:
    """Which channel it is, and what it does on the frame, line by line."""
    row, column = maps.peak_yx[channel].tolist()
    name = tr("Channel {n}, pinned") if pinned else tr("Channel {n}")
    return [
        name.format(n=channel),
        tr("peak {value} at row {row}, column {column}").format(
            value=number_text(float(maps.peak[channel])), row=row, column=column
        ),
        tr("mean {mean}, deviation {deviation}").format(
            mean=number_text(float(maps.mean[channel])),
            deviation=number_text(float(maps.variance[channel]) ** 0.5),
        ),
    ]


def place_text(
    maps: ChannelMaps,
    channel: int,
    cell: tuple[int, int],
    value: float,
    letterbox: Letterbox | None,
    given: bool = False,
) -> str:
    """Channel, place in the map and in the frame, and value.

    Args:
        cell: row and column of the reduced map. given: it is a place of what a pooling layer was given.
    """
    step, stride = (maps.given_step, maps.given_stride) if given else (maps.step, maps.layer.stride)
    row, column = cell[0] * step, cell[1] * step
    parts = [tr("channel {n}").format(n=channel), tr("row {row}, column {column}").format(row=row, column=column)]
    if stride is not None and letterbox is not None:
        side = stride * step
        x, y = (cell[1] + 0.5) * side / letterbox.scale_xy[0], (cell[0] + 0.5) * side / letterbox.scale_xy[1]
        width, height = letterbox.frame_size_wh
        parts.append(tr("frame {x}, {y}").format(x=min(round(x), width - 1), y=min(round(y), height - 1)))
    text = tr("value {value}") if step == 1 else tr("value {value}, the greatest of {n} x {n}")
    parts.append(text.format(value=number_text(value), n=step))
    return "   ".join(parts)


def cells_of_frame(maps: ChannelMaps, letterbox: Letterbox | None) -> tuple[int, int]:
    """How many rows and columns of the reduced maps lie over the frame; the rest is over the gray beside it."""
    height, width = maps.maps.shape[1:]
    if maps.layer.stride is None or letterbox is None:
        return height, width
    side = maps.layer.stride * maps.step
    across, down = letterbox.content_wh
    return min(height, math.ceil(down / side)), min(width, math.ceil(across / side))

"""How detections are drawn: one set of choices that canvas, panel and actions share, remembered in the settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject

from gui import settings as keys
from gui.remembered import Remembered
from gui.settings import Setting, SettingsStore

BOX_STYLES = keys.BOX_STYLE.choices
LABEL_KINDS = keys.LABELS.choices
COLOUR_KINDS = keys.COLOURS.choices


@dataclass(frozen=True)
class View:
    """One choice of everything.

    box_style: outline, corners or filled. line_px: 1..6 and label_px: 9..28, in view pixels. labels: name_score, name
    or none. colours: by class, by score, or one. grid_stride: 0 for every stride that the model has. most_proposals:
    1..300. truth: where it is known, detections are told by it and not by another model. stored: what an analysis of
    the source found on this frame, beside what is found now. trails: where tracks were on `trail_frames` frames.
    """

    box_style: str = keys.BOX_STYLE.default
    line_px: int = keys.LINE_PX.default
    label_px: int = keys.LABEL_PX.default
    labels: str = keys.LABELS.default
    colours: str = keys.COLOURS.default
    raw_boxes: bool = keys.RAW_BOXES.default
    grid: bool = keys.GRID.default
    grid_stride: int = keys.GRID_STRIDE.default
    proposals: bool = keys.PROPOSALS.default
    most_proposals: int = keys.MOST_PROPOSALS.default
    origins: bool = keys.ORIGINS.default
    truth: bool = keys.TRUTH.default
    stored: bool = keys.STORED.default
    trails: bool = keys.TRAILS.default
    trail_frames: int = keys.TRAIL_FRAMES.default


_SETTINGS: dict[str, Setting[Any]] = {
    "box_style": keys.BOX_STYLE,
    "line_px": keys.LINE_PX,
    "label_px": keys.LABEL_PX,
    "labels": keys.LABELS,
    "colours": keys.COLOURS,
    "raw_boxes": keys.RAW_BOXES,
    "grid": keys.GRID,
    "grid_stride": keys.GRID_STRIDE,
    "proposals": keys.PROPOSALS,
    "most_proposals": keys.MOST_PROPOSALS,
    "origins": keys.ORIGINS,
    "truth": keys.TRUTH,
    "stored": keys.STORED,
    "trails": keys.TRAILS,
    "trail_frames": keys.TRAIL_FRAMES,
}


class ViewOptions(Remembered):
    """Owns the choice; what was chosen is in `view`."""

    view: View

    def __init__(self, settings: SettingsStore | None = None, parent: QObject | None = None) -> None:
        super().__init__(View, _SETTINGS, settings, parent)

    def next_stride(self, strides: tuple[int, ...]) -> None:
        """Show the grid of the next of these strides alone; after the last one all of them."""
        order = (0, *strides)
        now = order.index(self.view.grid_stride) if self.view.grid and self.view.grid_stride in order else -1
        self.set(grid=True, grid_stride=order[(now + 1) % len(order)])

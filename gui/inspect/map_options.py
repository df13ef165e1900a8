"""How feature maps are ordered and coloured: one set of choices, remembered in the settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject

from detector.inspection.contrast import Contrast, Palette
from detector.inspection.ordering import Order
from gui import settings as keys
from gui.remembered import Remembered
from gui.settings import Setting, SettingsStore

TILES_PX = keys.MAP_TILE_PX.choices


@dataclass(frozen=True)
class MapView:
    """One choice of everything. gamma: above 1 shows faint values. tile_px: the longer side of a map on the screen."""

    order: Order = "index"
    contrast: Contrast = "channel"
    gamma: float = keys.MAP_GAMMA.default
    palette: Palette = "viridis"
    tile_px: int = keys.MAP_TILE_PX.default


_SETTINGS: dict[str, Setting[Any]] = {
    "order": keys.MAP_ORDER,
    "contrast": keys.MAP_CONTRAST,
    "gamma": keys.MAP_GAMMA,
    "palette": keys.MAP_PALETTE,
    "tile_px": keys.MAP_TILE_PX,
}


class MapOptions(Remembered):
    """Owns the choice; what was chosen is in `view`."""

    view: MapView

    def __init__(self, settings: SettingsStore | None = None, parent: QObject | None = None) -> None:
        super().__init__(MapView, _SETTINGS, settings, parent)

    def step_tiles(self, step: int) -> None:
        """Draw maps so many sizes larger."""
        place = TILES_PX.index(self.view.tile_px) + step
        self.set(tile_px=TILES_PX[max(0, min(len(TILES_PX) - 1, place))])

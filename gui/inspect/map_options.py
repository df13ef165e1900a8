"""How feature maps are ordered and coloured: one set of choices, remembered in the settings."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from detector.inspection.contrast import Contrast, Palette
from detector.inspection.ordering import Order
from gui import settings as keys
from gui.settings import MemoryStore, Setting, SettingsStore

TILES_PX = keys.MAP_TILE_PX.choices
GAMMA_STEP = 1.25


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


class MapOptions(QObject):
    """Owns the choice. `changed` comes after every change that is one; what was chosen is in `view`.

    Args:
        settings: where it is remembered, at every change; None: nowhere.
    """

    changed = Signal()

    def __init__(self, settings: SettingsStore | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings or SettingsStore(MemoryStore())
        self.view = MapView(**{name: self._settings.get(setting) for name, setting in _SETTINGS.items()})

    def set(self, **changes: str | int | float) -> None:
        """Change some of the choices by their names in `MapView`; a value that cannot be is set to its default."""
        sane: dict[str, Any] = {name: _SETTINGS[name].sane(value) for name, value in changes.items()}
        view = replace(self.view, **sane)
        if view == self.view:
            return
        self.view = view
        for name, value in sane.items():
            self._settings.put(_SETTINGS[name], value)
        self.changed.emit()

    def cycle(self, name: str) -> None:
        """The next of the choices there are for `name`."""
        choices = _SETTINGS[name].choices
        self.set(**{name: choices[(choices.index(getattr(self.view, name)) + 1) % len(choices)]})

    def step_tiles(self, step: int) -> None:
        """Draw maps so many sizes larger."""
        place = TILES_PX.index(self.view.tile_px) + step
        self.set(tile_px=TILES_PX[max(0, min(len(TILES_PX) - 1, place))])

    def reset(self) -> None:
        """Everything as at the first start."""
        defaults = MapView()
        self.set(**{field.name: getattr(defaults, field.name) for field in fields(MapView)})

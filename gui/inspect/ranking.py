"""In which order the channels stand in the grid."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from detector.inspection.ordering import cells_inside, order_channels
from gui.canvas.picking import Picked
from gui.inspect.inspecting import Inspecting
from gui.inspect.map_options import MapOptions

EVERY_S = 1.0
"""While frames come, the order changes no oftener: a map that jumps about cannot be followed."""


class Ranking(QObject):
    """Keeps `order`, every channel once, the first to be shown first. `changed` comes when it is another one,
    `picked_changed` when another detection is selected, or none.

    For the order by box it needs the selected detection, see `set_picked`; without one it is by index.
    """

    changed = Signal()
    picked_changed = Signal()

    def __init__(
        self, inspecting: Inspecting, options: MapOptions, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(inspecting)
        self.inspecting, self.options, self.clock = inspecting, options, clock
        self.picked: Picked | None = None
        self.order: NDArray[np.intp] = np.arange(0)
        self._kind = options.view.order
        self._ranked_s = 0.0
        self._fresh = True
        # What came last before the frames stop is ranked too.
        self._late = QTimer(self, singleShot=True, interval=round(EVERY_S * 1000))
        self._late.timeout.connect(self.rank)
        inspecting.layer_changed.connect(self._begin_anew)
        inspecting.maps_changed.connect(self._maps_changed)
        options.changed.connect(self._options_changed)
        self._begin_anew()

    @property
    def wants_box(self) -> bool:
        """Whether the order would be by a box, and none is selected."""
        return self.options.view.order == "box" and self.picked is None

    def place_of(self, channel: int) -> int:
        """Where a channel stands."""
        found = np.flatnonzero(self.order == channel)
        return int(found[0]) if len(found) else 0

    def set_picked(self, picked: Picked | None) -> None:
        """The detection that is selected now, or the same one on another frame."""
        before, self.picked = self.picked, picked
        if self.options.view.order == "box":
            known = before is not None and picked is not None and before.class_name == picked.class_name
            if known:
                self._maps_changed()
            else:
                self.rank()
        self.picked_changed.emit()

    def rank(self) -> None:
        """Order the channels by the maps there are now."""
        inspecting = self.inspecting
        maps = inspecting.maps
        if maps is None:
            order = np.arange(inspecting.channels)
        else:
            self._fresh = False
            self._ranked_s = self.clock()
            inside, letterbox = None, inspecting.letterbox()
            if self.picked is not None and letterbox is not None:
                x1, y1, x2, y2 = letterbox.to_input(np.array(self.picked.box_xyxy, np.float32)).tolist()
                inside = cells_inside(maps, (x1, y1, x2, y2))
            order = order_channels(maps, self._kind, inside)
        if not np.array_equal(order, self.order):
            self.order = order
            self.changed.emit()

    def _begin_anew(self) -> None:
        self._fresh = True
        if len(self.order) != self.inspecting.channels:
            self.order = np.arange(self.inspecting.channels)
            self.changed.emit()

    def _maps_changed(self) -> None:
        if self.inspecting.maps is None or (self._kind == "index" and not self._fresh):
            return
        if self._fresh or self.clock() - self._ranked_s >= EVERY_S:
            self.rank()
        elif not self._late.isActive():
            self._late.start()

    def _options_changed(self) -> None:
        if self.options.view.order != self._kind:
            self._kind = self.options.view.order
            self.rank()

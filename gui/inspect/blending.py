"""The channel that is looked at, laid over the frame."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject

from gui.canvas.frame_view import FrameView
from gui.canvas.heat_overlay import HeatMap
from gui.inspect.inspecting import Inspecting
from gui.inspect.map_options import MapOptions
from gui.translation import tr

OWNER = "channel"


class Blending(QObject):
    """While it is on, the canvas shows the map of the channel. Layers that see no place of the frame have none."""

    def __init__(self, inspecting: Inspecting, options: MapOptions, canvas: FrameView) -> None:
        super().__init__(inspecting)
        self.inspecting, self.options, self.canvas = inspecting, options, canvas
        self.on = False
        inspecting.maps_changed.connect(self._follow)
        inspecting.channel_changed.connect(self._follow)
        options.changed.connect(self._follow)

    def set_on(self, on: bool) -> None:
        if on != self.on:
            self.on = on
            self.canvas.show_heat(OWNER, self.heat() if on else None)

    def heat(self) -> HeatMap | None:
        """The map as the canvas takes it; None where there is none of the frame."""
        maps, channel, letterbox = self.inspecting.maps, self.inspecting.looked_at, self.inspecting.letterbox()
        if maps is None or letterbox is None or maps.layer.stride is None or channel >= maps.channels:
            return None
        stride, values = maps.layer.stride, maps.maps[channel]
        side = stride * maps.step
        if maps.pinned_map is not None and maps.request.pinned == channel:
            values, side = maps.pinned_map, stride
        highest = self.inspecting.history.highest
        whole = values.astype(np.float32)
        signed = bool((whole < 0).any())
        # By the greatest since the layer was chosen: a frame on which nothing fires stays as it is.
        high = float(np.abs(whole).max()) if signed or highest is None else float(highest[channel])
        title = tr("channel {n} of {layer}").format(n=channel, layer=maps.layer.name)
        covered = float(whole.shape[0] * side), float(whole.shape[1] * side)
        return HeatMap(whole, letterbox, covered, high, signed, palette=self.options.view.palette, title=title)

    def _follow(self) -> None:
        if self.on:
            self.canvas.show_heat(OWNER, self.heat())

"""The actions of the Inspect group, given to the inspector."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, QSignalBlocker
from PySide6.QtGui import QAction

from gui.inspect.blending import Blending
from gui.inspect.controls import InspectorControls
from gui.inspect.inspecting import Inspecting
from gui.inspect.map_grid import MapGrid
from gui.inspect.map_options import MapOptions
from gui.themed_icons import icon

ICONS = {
    "inspector": "inspect",
    "layer_up": "up",
    "layer_down": "down",
    "freeze_maps": "freeze",
    "pin_channel": "pin",
    "blend": "blend",
    "tiles_smaller": "zoom_out",
    "tiles_larger": "zoom_in",
}
WHILE_SEEN = (
    "layer_up", "layer_down", "relu_side", "freeze_maps", "blend", "channel_left", "channel_right", "channel_up",
    "channel_down", "pin_channel", "next_order", "next_contrast", "tiles_larger", "tiles_smaller",
)  # fmt: skip
"""A key must do nothing that nobody sees."""
CURSOR = {"channel_left": (-1, 0), "channel_right": (1, 0), "channel_up": (0, -1), "channel_down": (0, 1)}


class InspectActions(QObject):
    """Enables them while the inspector is seen."""

    def __init__(
        self, inspecting: Inspecting, options: MapOptions, blending: Blending, actions: Mapping[str, QAction]
    ) -> None:
        super().__init__(inspecting)
        self.inspecting, self.options, self.blending, self.actions = inspecting, options, blending, actions
        for name, picture in ICONS.items():
            actions[name].setIcon(icon(picture))
        for name, act in (
            ("layer_up", lambda: inspecting.step_layer(-1)),
            ("layer_down", lambda: inspecting.step_layer(1)),
            ("pin_channel", lambda: inspecting.toggle_pin()),
            ("next_order", lambda: options.cycle("order")),
            ("next_contrast", lambda: options.cycle("contrast")),
            ("tiles_larger", lambda: options.step_tiles(1)),
            ("tiles_smaller", lambda: options.step_tiles(-1)),
        ):
            actions[name].triggered.connect(act)
        actions["freeze_maps"].toggled.connect(inspecting.set_frozen)
        actions["blend"].toggled.connect(self._follow)
        inspecting.active_changed.connect(self._follow)
        inspecting.frozen_changed.connect(self._follow)
        inspecting.channel_changed.connect(self._follow)
        self._follow()

    def use(self, grid: MapGrid, controls: InspectorControls) -> None:
        """The panel is there: what moves in it."""
        for name, (right, down) in CURSOR.items():
            self.actions[name].triggered.connect(lambda _on=False, x=right, y=down: grid.move_cursor(x, y))
        self.actions["relu_side"].triggered.connect(controls.next_side)

    def _follow(self) -> None:
        inspecting = self.inspecting
        for name in WHILE_SEEN:
            self.actions[name].setEnabled(inspecting.active)
        for name, on in (("freeze_maps", inspecting.frozen), ("pin_channel", inspecting.pinned is not None)):
            with QSignalBlocker(self.actions[name]):
                self.actions[name].setChecked(on)
        self.blending.set_on(inspecting.active and self.actions["blend"].isChecked())

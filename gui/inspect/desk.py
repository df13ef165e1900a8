"""The inspector put together: its state, its panel, its actions, and what it lays over the frame."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow

from gui.canvas.frame_view import FrameView
from gui.inspect.blending import Blending
from gui.inspect.composing import Explaining
from gui.inspect.inspect_actions import InspectActions
from gui.inspect.inspecting import Inspecting
from gui.inspect.map_options import MapOptions
from gui.inspect.ranking import Ranking
from gui.panel_docks import PanelDock
from gui.panels.inspector import WIDTH_PX, InspectorPanel
from gui.session import Session
from gui.settings import SettingsStore

WIDE_PX = 1000
"""Of a window in which the frame has room enough beside it."""


class InspectDesk(QObject):
    """Lives with its window; the panel is made when it is first looked at."""

    def __init__(
        self,
        session: Session,
        canvas: FrameView,
        settings: SettingsStore,
        actions: Mapping[str, QAction],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._had_room = False
        self.session, self.canvas, self.actions = session, canvas, actions
        self.inspecting = Inspecting(session, self)
        self.options = MapOptions(settings, self)
        self.ranking = Ranking(self.inspecting, self.options)
        self.blending = Blending(self.inspecting, self.options, canvas)
        self.inspect_actions = InspectActions(self.inspecting, self.options, self.blending, actions)
        self.explaining = Explaining(canvas, session, self.inspecting, actions, self)
        self.options.changed.connect(self._options_changed)
        canvas.selected.connect(self.ranking.set_picked)
        self._options_changed()

    def make_panel(self) -> InspectorPanel:
        panel = InspectorPanel(self.inspecting, self.options, self.ranking, self.actions)
        self.inspect_actions.use(panel.grid, panel.controls)
        self.explaining.add_tabs(panel)
        return panel

    def watch(self, dock: PanelDock, window: QMainWindow) -> None:
        """Layers are read while this dock is seen, and not while it is closed or behind another one's tab."""
        dock.visibilityChanged.connect(self.inspecting.set_active)
        dock.visibilityChanged.connect(lambda seen: self._make_room(dock, window) if seen else None)

    def _make_room(self, dock: PanelDock, window: QMainWindow) -> None:
        """The first time it is seen, where the window is wide, as wide as it likes to be."""
        if not self._had_room and not dock.isFloating() and window.width() >= WIDE_PX:
            window.resizeDocks([dock], [WIDTH_PX], Qt.Orientation.Horizontal)
        self._had_room = True

    def _options_changed(self) -> None:
        self.inspecting.set_tile_px(round(self.options.view.tile_px * self.canvas.devicePixelRatioF()))

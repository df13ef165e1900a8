"""The inspector put together: its state, its panel, its actions, and what it lays over the frame."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

from gui.canvas.frame_view import FrameView
from gui.inspect.blending import Blending
from gui.inspect.inspect_actions import InspectActions
from gui.inspect.inspecting import Inspecting
from gui.inspect.map_options import MapOptions
from gui.inspect.ranking import Ranking
from gui.panel_docks import PanelDock
from gui.panels.inspector import InspectorPanel
from gui.session import Session
from gui.settings import SettingsStore


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
        self.session, self.canvas, self.actions = session, canvas, actions
        self.inspecting = Inspecting(session, self)
        self.options = MapOptions(settings, self)
        self.ranking = Ranking(self.inspecting, self.options)
        self.blending = Blending(self.inspecting, self.options, canvas)
        self.inspect_actions = InspectActions(self.inspecting, self.options, self.blending, actions)
        self.options.changed.connect(self._options_changed)
        canvas.selected.connect(self.ranking.set_picked)
        self._options_changed()

    def make_panel(self) -> InspectorPanel:
        panel = InspectorPanel(self.inspecting, self.options, self.ranking, self.actions)
        self.inspect_actions.use(panel.grid, panel.controls)
        return panel

    def watch(self, dock: PanelDock) -> None:
        """Layers are read while this dock is seen, and not while it is closed or behind another one's tab."""
        dock.visibilityChanged.connect(self.inspecting.set_active)

    def _options_changed(self) -> None:
        self.inspecting.set_tile_px(round(self.options.view.tile_px * self.canvas.devicePixelRatioF()))

"""Puts the explaining parts of the inspector together: made with the window, their tabs with the panel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from gui.canvas.frame_view import FrameView
from gui.inspect.cam_control import CamControl
from gui.inspect.cam_tab import CamTab
from gui.inspect.channel_tab import ChannelTab
from gui.inspect.collecting import PatchCollection
from gui.inspect.explainer import Explainer
from gui.inspect.filters_tab import FiltersTab
from gui.inspect.inspecting import Inspecting
from gui.panel_docks import in_scroll_area
from gui.session import Session
from gui.translation import tr


class HasTabs(Protocol):
    """The inspector's panel."""

    def add_tab(self, widget: QWidget, title: str) -> None: ...


class Explaining(QObject):
    """The explainer and what it explains for. Lives as long as the window.

    Args:
        canvas: on which boxes are selected; it shows each frame before this hears of it.
    """

    def __init__(
        self,
        canvas: FrameView,
        session: Session,
        inspecting: Inspecting,
        actions: Mapping[str, QAction],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent or session)
        self.session, self.inspecting = session, inspecting
        self.explainer = Explainer(session, self)
        self.collection = PatchCollection(inspecting, session, self)
        self.channel_tab: ChannelTab | None = None
        self.filters_tab: FiltersTab | None = None
        self.cam_tab: CamTab | None = None
        self.cam = CamControl(canvas, session, inspecting, self.explainer, actions["heat"], self)

    def add_tabs(self, panel: HasTabs) -> None:
        """Give the panel the tabs that explain."""
        parts = self.inspecting, self.session, self.explainer
        self.channel_tab = ChannelTab(*parts, self.collection)
        self.filters_tab, self.cam_tab = FiltersTab(*parts), CamTab(self.cam)
        panel.add_tab(in_scroll_area(self.channel_tab), tr("Channel"))
        panel.add_tab(in_scroll_area(self.filters_tab), tr("Filters"))
        panel.add_tab(in_scroll_area(self.cam_tab), tr("Box"))

"""The inspector's panel: the layer and how it is shown, and below it tabs, the first of them with the maps."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QHBoxLayout, QLabel, QTabWidget, QVBoxLayout, QWidget

from gui.inspect.channel_view import EVERY_MS, ChannelView
from gui.inspect.controls import InspectorControls
from gui.inspect.inspecting import Inspecting
from gui.inspect.layer_table import LayerTable
from gui.inspect.map_grid import MapGrid
from gui.inspect.map_options import MapOptions
from gui.inspect.ranking import Ranking
from gui.inspect.scale_bar import ScaleBar
from gui.panel_docks import in_scroll_area
from gui.theme import CAPTION, SPACE_M, SPACE_S, scaled_font, set_type, tabular
from gui.translation import tr

WIDTH_PX, NARROWEST_PX, LOW_PX = 420, 320, 420


class MapsTab(QWidget):
    """The grid with its scale, what the pointer is at, and the channel that is looked at."""

    def __init__(
        self, inspecting: Inspecting, options: MapOptions, ranking: Ranking, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.inspecting, self.options, self.ranking = inspecting, options, ranking
        self.grid = MapGrid(inspecting, options, ranking)
        self.scale = ScaleBar()
        self.told = QLabel()
        self.told.setFont(tabular(scaled_font(CAPTION)))
        self.told.setTextFormat(Qt.TextFormat.PlainText)
        self.told.setAccessibleName(tr("What the pointer is at"))
        # What comes and goes must not widen the panel.
        self.told.setMinimumWidth(1)
        self.note = QLabel()
        self.note.setWordWrap(True)
        set_type(self.note, CAPTION)
        self.channel = ChannelView(inspecting, options)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self.grid, 1)
        row.addWidget(self.grid.bar)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, SPACE_S, 0, 0)
        column.setSpacing(SPACE_S)
        column.addLayout(row, 1)
        column.addWidget(self.scale)
        column.addWidget(self.told)
        column.addWidget(self.note)
        column.addWidget(self.channel)
        self.grid.hovered.connect(self._tell)
        # Numbers that change twenty times a second cannot be read.
        self._scale_soon = QTimer(self, singleShot=True, interval=EVERY_MS)
        self._scale_soon.timeout.connect(self._show_scale)
        inspecting.maps_changed.connect(self._maps_changed)
        inspecting.channel_changed.connect(self._show_scale)
        options.changed.connect(self._show_scale)
        ranking.picked_changed.connect(self._show_note)
        options.changed.connect(self._show_note)
        inspecting.frozen_changed.connect(self._show_note)
        inspecting.maps_changed.connect(self._show_note)
        self._tell("")
        self._show_scale()
        self._show_note()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.channel.set_brief(event.size().height() < LOW_PX)

    def _tell(self, text: str) -> None:
        self.told.setText(text or tr("A click selects a map, a double click pins it"))
        self.told.setToolTip(text)

    def _maps_changed(self) -> None:
        if not self.scale.known or self.inspecting.maps is None:
            self._show_scale()
        elif not self._scale_soon.isActive():
            self._scale_soon.start()

    def _show_scale(self) -> None:
        looks, channel = self.grid.looks(), self.inspecting.channel
        if not looks or channel >= len(looks[0].maps):
            self.scale.clear()
            return
        scaled = looks[0].scaled(np.array([channel]))
        about = tr("The same scale for all channels")
        if looks[0].contrast != "shared":
            about = tr("The scale of channel {n}; each channel has its own").format(n=channel)
        ends = float(scaled.low[0]), float(scaled.high[0])
        self.scale.show_scale(*ends, scaled.signed, self.options.view.palette, about)

    def _show_note(self) -> None:
        text = "\n".join(part for part in (self._note(), self._apart()) if part)
        if text != self.note.text() or self.note.isHidden() != (not text):
            self.note.setText(text)
            self.note.setVisible(bool(text))

    def _apart(self) -> str:
        inspecting = self.inspecting
        if not inspecting.apart or inspecting.frozen or inspecting.maps is None or inspecting.model is None:
            return ""
        return tr("{engine} cannot be looked into: some frames run once more in torch, {precision}").format(
            engine=inspecting.model.engine, precision=inspecting.own_precision
        )

    def _note(self) -> str:
        inspecting, maps = self.inspecting, self.inspecting.maps
        if inspecting.frozen and inspecting.shown is not None:
            return tr("Frozen on frame {n}").format(n=inspecting.shown.frame.index)
        if self.ranking.wants_box:
            return tr("No detection is selected: click one in the frame, and the channels are ordered by its box.")
        if self.options.view.order == "box" and maps is not None and maps.layer.stride is None:
            return tr("This layer has no map of the frame, so no box can order its channels.")
        dead = inspecting.dead
        count = int(dead.sum()) if dead is not None else 0
        if count:
            return tr("{n} of {all} channels have not fired since the layer was chosen: crossed out").format(
                n=count, all=inspecting.channels
            )
        return ""


class InspectorPanel(QWidget):
    """Controls above, tabs below; others add theirs with `add_tab`."""

    def __init__(
        self,
        inspecting: Inspecting,
        options: MapOptions,
        ranking: Ranking,
        actions: Mapping[str, QAction],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.inspecting = inspecting
        self.controls = InspectorControls(inspecting, options, actions)
        self.maps = MapsTab(inspecting, options, ranking)
        self.layers = LayerTable(inspecting)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName(tr("Views of the layer"))
        self.tabs.tabBar().setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.tabs.addTab(self.maps, tr("Maps"))
        self.tabs.addTab(self.layers, tr("Layers"))
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_M, SPACE_M, SPACE_M, SPACE_M)
        column.setSpacing(SPACE_M)
        column.addWidget(self.controls)
        column.addWidget(self.tabs, 1)
        self.controls.side_changed.connect(self._show_side)

    @property
    def grid(self) -> MapGrid:
        return self.maps.grid

    def add_tab(self, widget: QWidget, title: str) -> None:
        """One more view of the layer or channel, behind the others; it scrolls where the panel is too low for it."""
        scrolls = isinstance(widget, QAbstractScrollArea)
        self.tabs.addTab(widget if scrolls else in_scroll_area(widget), title)

    def sizeHint(self) -> QSize:
        return QSize(WIDTH_PX, 640)

    def minimumSizeHint(self) -> QSize:
        return QSize(NARROWEST_PX, super().minimumSizeHint().height())

    def _show_side(self) -> None:
        self.grid.set_both(self.controls.wants_both and not self.inspecting.after_relu)

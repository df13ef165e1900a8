"""The channel that is looked at: its whole map, what it does in numbers, its histogram and its peaks over time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from detector.inspection.contrast import colours, scale_maps
from gui.inspect.histogram import Histogram
from gui.inspect.inspecting import Inspecting
from gui.inspect.map_grid import CURSOR, SHADE
from gui.inspect.map_options import MapOptions, MapView
from gui.inspect.peak_plot import PeakPlot
from gui.inspect.telling import cells_of_frame, channel_text
from gui.theme import CAPTION, SPACE_L, SPACE_M, SPACE_S, set_type, tabular, theme_colours
from gui.translation import tr

MAP_PX, PLOTS_PX = 112, 74
EVERY_MS = 250
"""Numbers that change oftener cannot be read."""


class WholeMap(QWidget):
    """One channel's map as large as there is room, its peak in a ring, with a line where the frame ends in it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image: QImage | None = None
        self._peak: tuple[float, float] | None = None
        self._frame: tuple[float, float] = (1.0, 1.0)
        self.setAccessibleName(tr("The channel's whole map"))
        self.setToolTip(tr("The channel's whole map; the ring is its peak, the line is where the frame ends"))
        self.setFixedSize(MAP_PX, MAP_PX)

    def show_map(
        self,
        values: NDArray[np.float16] | None,
        view: MapView,
        peak: tuple[float, float] | None = None,
        frame: tuple[float, float] = (1.0, 1.0),
    ) -> None:
        """A map `[H, W]`. peak: row and column of its greatest value; frame: its height and width. As shares."""
        self._image, self._peak, self._frame = None, peak, frame
        if values is not None and values.size:
            scaled = scale_maps(values[None], "channel", view.gamma)
            picture = np.ascontiguousarray(colours(view.palette, scaled.signed)[scaled.steps[0]])
            height, width = picture.shape[:2]
            self._image = QImage(picture.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()
        self.update()

    @property
    def has_map(self) -> bool:
        return self._image is not None

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme_colours().surface)
        if self._image is not None:
            size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
            place = QRectF((self.width() - size.width()) / 2, 0, size.width(), size.height())
            painter.drawImage(place, self._image)
            painter.setPen(QPen(CURSOR, 1, Qt.PenStyle.DotLine))
            below, beside = (
                share * side for share, side in zip(self._frame, (size.height(), size.width()), strict=True)
            )
            if self._frame[0] < 1:
                painter.drawLine(QPointF(place.left(), below), QPointF(place.right(), below))
            if self._frame[1] < 1:
                painter.drawLine(QPointF(place.left() + beside, 0), QPointF(place.left() + beside, place.bottom()))
            if self._peak is not None:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                at = QPointF(place.left() + self._peak[1] * place.width(), place.top() + self._peak[0] * place.height())
                for ink, width in ((SHADE, 4), (CURSOR, 1.5)):
                    painter.setPen(QPen(ink, width))
                    painter.drawEllipse(at, 6, 6)
        painter.end()


class ChannelView(QWidget):
    """Follows the inspector; does nothing while it cannot be seen."""

    def __init__(self, inspecting: Inspecting, options: MapOptions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.inspecting, self.options = inspecting, options
        self.whole = WholeMap()
        self.title, self.facts = QLabel(), QLabel()
        for label in (self.title, self.facts):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setFont(tabular(label.font()))
        bold = self.title.font()
        bold.setBold(True)
        self.title.setFont(bold)
        set_type(self.facts, CAPTION)
        self.facts.setWordWrap(True)
        self.histogram, self.peaks = Histogram(), PeakPlot()
        self.plots = QWidget()
        plots = QHBoxLayout(self.plots)
        plots.setContentsMargins(0, 0, 0, 0)
        plots.setSpacing(SPACE_L)
        plots.addWidget(self.histogram, 1)
        plots.addWidget(self.peaks, 1)
        self.plots.setFixedHeight(PLOTS_PX)
        beside = QVBoxLayout()
        beside.setSpacing(SPACE_S)
        beside.addWidget(self.title)
        beside.addWidget(self.facts)
        beside.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(SPACE_M)
        row.addWidget(self.whole, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(beside, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_S)
        column.addLayout(row)
        column.addWidget(self.plots)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._soon = QTimer(self, singleShot=True, interval=EVERY_MS)
        self._soon.timeout.connect(self.refresh)
        inspecting.maps_changed.connect(self._maps_changed)
        inspecting.channel_changed.connect(self.refresh)
        options.changed.connect(self.refresh)

    def set_brief(self, brief: bool) -> None:
        """Without the plots, where there is little height."""
        self.plots.setVisible(not brief)

    def refresh(self) -> None:
        """Show the channel as it is now."""
        if not self.isVisible():
            return
        maps, channel = self.inspecting.maps, self.inspecting.looked_at
        if maps is None or channel >= maps.channels:
            self.title.setText("")
            self.facts.setText("")
            self.whole.show_map(None, self.options.view)
            self.histogram.show_values(None)
            self.peaks.show_peaks(())
            return
        whole = maps.pinned_map if maps.request.pinned == channel else None
        # Until the whole map is there, the reduced one of the same channel.
        values = maps.maps[channel] if whole is None else whole
        lines = channel_text(maps, channel, self.inspecting.pinned is not None)
        self.title.setText(lines[0])
        self.facts.setText("\n".join(lines[1:]))
        row, column = ((place + 0.5) / side for place, side in zip(maps.peak_yx[channel], maps.full_hw, strict=True))
        fires = maps.peak[channel] > 0 and maps.full_hw != (1, 1)
        seen = cells_of_frame(maps, self.inspecting.letterbox())
        frame = seen[0] / maps.maps.shape[1], seen[1] / maps.maps.shape[2]
        self.whole.show_map(values, self.options.view, (row, column) if fires else None, frame)
        self.histogram.show_values(values)
        self.peaks.show_peaks(self.inspecting.history.of(channel))

    def _maps_changed(self) -> None:
        if self.inspecting.maps is None:
            self.refresh()
        elif not self._soon.isActive():
            self._soon.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

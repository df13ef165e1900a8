"""The canvas: the frame with its detections, zoom and pan."""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.canvas.overlay import paint_detections
from gui.canvas.picture import visible_picture
from gui.canvas.transform import ViewTransform
from gui.session import ShownFrame

BACKGROUND = QColor(24, 26, 29)
HINT = QColor(150, 156, 164)
ZOOM_STEP = 1.25


class FrameView(QWidget):
    """Shows a ShownFrame. Wheel zooms at the pointer, dragging pans, double click fits.

    `draw_s` is what a paint takes, in seconds, as a running mean.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("canvas")
        self.setAccessibleName("Frame with detections")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(240, 160)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.shown: ShownFrame | None = None
        self.hint = ""
        self.draw_s = 0.0
        self.transform = ViewTransform()
        self._fitted = True
        self._drag_from: QPointF | None = None
        self._picture: tuple[QImage, QRectF] | None = None
        self._picture_of: NDArray[np.uint8] | None = None
        self._picture_key: tuple[object, ...] = ()

    def show_frame(self, shown: ShownFrame) -> None:
        """Draw this frame from now on; a frame of another size is fitted anew."""
        before = self.shown
        self.shown = shown
        if self._fitted or before is None or before.frame.size_wh != shown.frame.size_wh:
            self.fit()
        self.update()

    def clear(self) -> None:
        """Show no frame, but the hint."""
        self.shown = None
        self.update()

    def set_hint(self, text: str) -> None:
        """What is said while there is no frame."""
        self.hint = text
        self.update()

    def fit(self) -> None:
        self._fitted = True
        if self.shown is not None:
            self.transform = ViewTransform.fit(self.shown.frame.size_wh, (self.width(), self.height()))
        self.update()

    def zoom(self, factor: float, at: QPointF | None = None) -> None:
        """Scale by `factor` around a view point, by default the middle."""
        point = at or QPointF(self.width() / 2, self.height() / 2)
        self._fitted = False
        self.transform = self.transform.zoomed(factor, point.x(), point.y())
        self.update()

    def one_to_one(self) -> None:
        self.zoom(1 / (self.transform.scale * self.devicePixelRatioF()))

    def paintEvent(self, _event: QPaintEvent) -> None:
        started_s = time.perf_counter()
        painter = QPainter(self)
        painter.fillRect(self.rect(), BACKGROUND)
        if self.shown is None:
            painter.setPen(HINT)
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.hint)
        else:
            picture = self._visible_picture(self.shown)
            if picture is not None:
                painter.drawImage(picture[1], picture[0])
            view = QRectF(self.rect())
            paint_detections(painter, self.shown.detections, self.shown.class_names, self.transform, view)
        painter.end()
        took_s = time.perf_counter() - started_s
        self.draw_s = took_s if self.draw_s == 0 else 0.9 * self.draw_s + 0.1 * took_s

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._fitted:
            self.fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.zoom(ZOOM_STEP ** (event.angleDelta().y() / 120), event.position())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._drag_from = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._drag_from is not None and self.shown is not None:
            moved = event.position() - self._drag_from
            self._drag_from = event.position()
            self._fitted = False
            self.transform = self.transform.moved(moved.x(), moved.y())
            self.update()

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        self._drag_from = None

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        self.fit()

    def _visible_picture(self, shown: ShownFrame) -> tuple[QImage, QRectF] | None:
        """Scaled once per frame and view; moving a slider on a paused frame only redraws the boxes."""
        size = (self.width(), self.height())
        key = (self.transform, size, self.devicePixelRatioF())
        # The array itself is kept: an address alone may soon be that of another frame.
        if self._picture_of is not shown.frame.image or self._picture_key != key:
            self._picture = visible_picture(shown.frame.image, self.transform, size, self.devicePixelRatioF())
            self._picture_of, self._picture_key = shown.frame.image, key
        return self._picture

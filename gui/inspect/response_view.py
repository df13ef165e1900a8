"""What a filter answers at every place of the frame, with its peak."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QLinearGradient, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from detector.inspection.contrast import colours
from gui.inspect.explanations import Response
from gui.theme import CAPTION, SPACE_M, SPACE_S, scaled_font, tabular, theme_colours
from gui.translation import tr

HIGHEST_PX = 260
SCALE_PX = 10
SMALLEST_MARK_PX = 14
DARK, PEAK = QColor(12, 12, 12), QColor(255, 255, 255)


class ResponseView(QWidget):
    """Paints a response map with its peak, and the scale of its colours below it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Response of the filter over the frame"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFont(tabular(scaled_font(CAPTION)))
        self.response: Response | None = None
        self._image: QImage | None = None
        self._shape = (3, 4)

    def show_response(self, response: Response | None) -> None:
        """Show this one; None for an empty field."""
        self.response, self._image = response, None
        if response is not None:
            height, width = response.picture.shape[:2]
            picture = response.picture
            self._image = QImage(picture.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()
            self._shape = (height, width)
            text = tr("highest {value} at row {y}, column {x}")
            y, x = response.match.yx
            self.setAccessibleDescription(text.format(value=f"{response.match.value:.2f}", y=y, x=x))
        self.setFixedHeight(self._height())
        self.update()

    def _below_px(self) -> int:
        return SPACE_S + SCALE_PX + self.fontMetrics().height() + SPACE_S

    def _height(self) -> int:
        return min(HIGHEST_PX, round(max(self.width(), 64) * self._shape[0] / self._shape[1])) + self._below_px()

    def sizeHint(self) -> QSize:
        return QSize(240, self._height())

    def resizeEvent(self, _event: object) -> None:
        self.setFixedHeight(self._height())

    def _field(self) -> QRectF:
        """Where the map is painted."""
        height = float(self.height() - self._below_px())
        width = min(float(self.width()), height * self._shape[1] / self._shape[0])
        return QRectF(0, 0, width, width * self._shape[0] / self._shape[1])

    def peak_rect(self) -> QRectF | None:
        """What the kernel lay over at the peak, in this widget; None without a response."""
        if self.response is None:
            return None
        field, (rows, columns) = self._field(), self._shape
        x1, y1, x2, y2 = self.response.match.box_xyxy
        # From pixels of the input to cells of the map.
        per = field.width() / columns / self.response.stride, field.height() / rows / self.response.stride
        return QRectF(QPointF(x1 * per[0], y1 * per[1]), QPointF(x2 * per[0], y2 * per[1]))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        field = self._field()
        peak = self.peak_rect()
        if self._image is None or self.response is None or peak is None:
            painter.setPen(QPen(theme_colours().line, 1, Qt.PenStyle.DashLine))
            painter.drawRect(field.adjusted(0, 0, -1, -1))
            painter.end()
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(field, self._image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        around = max(SMALLEST_MARK_PX, peak.width() + 6) / 2
        for colour, width in ((DARK, 4.0), (PEAK, 2.0)):
            painter.setPen(QPen(colour, width))
            painter.drawEllipse(peak.center(), around, around)
        self._paint_scale(painter, field)
        painter.end()

    def _paint_scale(self, painter: QPainter, field: QRectF) -> None:
        assert self.response is not None
        bar = QRectF(field.left(), field.bottom() + SPACE_S, field.width(), SCALE_PX)
        blend = QLinearGradient(bar.topLeft(), bar.topRight())
        table = colours("viridis", signed=True)
        for step in (1, 64, 128, 192, 255):
            blend.setColorAt((step - 1) / 254, QColor(*table[step].tolist()))
        painter.fillRect(bar, blend)
        painter.setPen(theme_colours().text)
        high = f"{self.response.high:.2f}"
        line = QRectF(bar.left(), bar.bottom() + SPACE_S / 2, bar.width(), painter.fontMetrics().height() + SPACE_M)
        top = Qt.AlignmentFlag.AlignTop
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | top, f"-{high}")
        painter.drawText(line, Qt.AlignmentFlag.AlignHCenter | top, "0")
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | top, f"+{high}")

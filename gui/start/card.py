"""A card of the start page: a small picture, a name and a line below it; one click opens what it stands for."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QPainter, QPainterPath, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QAbstractButton, QToolButton, QWidget

from gui.themed_icons import icon
from gui.translation import tr

PICTURE = QSize(176, 99)
"""A thumbnail's place, in pixels of the layout."""
EDGE, ROUND = 8, 6


class Card(QAbstractButton):
    """Shows a picture that may change, or an icon until there is one.

    Args:
        text: what `Session.open` takes; also tells cards apart.
        title: one line, elided in the middle.
        detail: a second, paler line.
        icon_name: stands where there is no picture.
        removable: with a small button, and the Delete key, that emit `removed`.

    Signals: `chosen` the text at a click or Enter; `removed` the text.
    """

    chosen = Signal(str)
    removed = Signal(str)

    def __init__(
        self,
        text: str,
        title: str,
        detail: str,
        icon_name: str,
        removable: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.source_text = text
        self.removable = removable
        self._title, self._detail, self._why = title, detail, ""
        self._icon = icon(icon_name)
        self._image = QImage()
        self._missing = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._name()
        self.clicked.connect(self._choose)
        if removable:
            self.remove_button = QToolButton(self)
            self.remove_button.setIcon(icon("close"))
            self.remove_button.setText("x" if self.remove_button.icon().isNull() else "")
            # It lies on pictures of any colour.
            self.remove_button.setStyleSheet(
                "QToolButton { border: 1px solid palette(mid); border-radius: 11px; background: palette(base); }"
                "QToolButton:hover { background: palette(highlight); }"
            )
            self.remove_button.setFixedSize(22, 22)
            self.remove_button.setToolTip(tr("Remove from this list (Delete); the file stays"))
            self.remove_button.setAccessibleName(tr("Remove {name} from this list").format(name=title))
            self.remove_button.setCursor(Qt.CursorShape.ArrowCursor)
            # The card's own Delete key does the same: one stop for the Tab key is enough.
            self.remove_button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            self.remove_button.clicked.connect(self._remove)

    @property
    def missing(self) -> bool:
        """Whether what it stands for is not there now; it is shown paler."""
        return self._missing

    def set_missing(self, missing: bool) -> None:
        self._missing = missing
        self._name()
        self.update()

    def set_image(self, image: QImage) -> None:
        """Show this picture; a null one brings back the icon."""
        self._image = image
        self.update()

    @property
    def has_image(self) -> bool:
        return not self._image.isNull()

    def set_detail(self, detail: str, why: str = "") -> None:
        """Change the second line; `why` tells more when the pointer rests on the card."""
        if (detail, why) != (self._detail, self._why):
            self._detail, self._why = detail, why
            self._name()
            self.update()

    def sizeHint(self) -> QSize:
        line = self.fontMetrics().height()
        return QSize(PICTURE.width() + 2 * EDGE, PICTURE.height() + 2 * line + 3 * EDGE)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def resizeEvent(self, _event: object) -> None:
        if self.removable:
            self.remove_button.move(self.width() - self.remove_button.width() - EDGE - 2, EDGE + 2)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif event.key() == Qt.Key.Key_Delete and self.removable:
            self._remove()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        palette = self.palette()
        with QPainter(self) as painter:
            painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
            self._paint_ground(painter, palette)
            place = QRect(EDGE, EDGE, self.width() - 2 * EDGE, PICTURE.height())
            self._paint_picture(painter, palette, place)
            self._paint_words(painter, palette, place)

    def _paint_ground(self, painter: QPainter, palette: QPalette) -> None:
        ground = palette.color(QPalette.ColorRole.Base)
        edge = blend(ground, palette.color(QPalette.ColorRole.Text), 0.18)
        width = 1.0
        if self.isDown():
            ground = blend(ground, palette.color(QPalette.ColorRole.Highlight), 0.25)
        elif self.underMouse():
            ground = blend(ground, palette.color(QPalette.ColorRole.Highlight), 0.12)
        if self.hasFocus():
            edge, width = palette.color(QPalette.ColorRole.Highlight), 2.0
        painter.setPen(QPen(edge, width))
        painter.setBrush(ground)
        painter.drawRoundedRect(self.rect().toRectF().adjusted(1, 1, -1, -1), ROUND, ROUND)

    def _paint_picture(self, painter: QPainter, palette: QPalette, place: QRect) -> None:
        painter.save()
        clip = QPainterPath()
        clip.addRoundedRect(place.toRectF(), ROUND - 2, ROUND - 2)
        painter.setClipPath(clip)
        painter.fillPath(
            clip, blend(palette.color(QPalette.ColorRole.Base), palette.color(QPalette.ColorRole.Text), 0.1)
        )
        if self._missing:
            painter.setOpacity(0.35)
        if self._image.isNull():
            at = QRect(0, 0, 36, 36)
            at.moveCenter(place.center())
            self._icon.paint(painter, at)
        else:
            size = self._image.size().scaled(place.size(), Qt.AspectRatioMode.KeepAspectRatioByExpanding)
            at = QRect(place.topLeft(), size)
            at.moveCenter(place.center())
            painter.drawImage(at, self._image)
        painter.restore()

    def _paint_words(self, painter: QPainter, palette: QPalette, place: QRect) -> None:
        text = palette.color(QPalette.ColorRole.Text)
        pale = blend(palette.color(QPalette.ColorRole.Base), text, 0.68)
        metrics = self.fontMetrics()
        left, top, width = place.left(), place.bottom() + EDGE, place.width()
        painter.setPen(pale if self._missing else text)
        line = QRect(left, top, width, metrics.height())
        name = metrics.elidedText(self._title, Qt.TextElideMode.ElideMiddle, width)
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
        painter.setPen(pale)
        line.translate(0, metrics.height())
        detail = metrics.elidedText(self._shown_detail(), Qt.TextElideMode.ElideRight, width)
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, detail)

    def _shown_detail(self) -> str:
        return tr("Not there now") if self._missing else self._detail

    def _name(self) -> None:
        detail = self._shown_detail()
        self.setAccessibleName(f"{self._title}, {detail}" if detail else self._title)
        self.setToolTip(f"{self._title}\n{self._why or detail}")
        self.setAccessibleDescription(self._why)

    def _choose(self) -> None:
        self.chosen.emit(self.source_text)

    def _remove(self) -> None:
        self.removed.emit(self.source_text)


def blend(ground: QColor, over: QColor, share: float) -> QColor:
    """`share` of `over` on the rest of `ground`, 0 to 1."""
    return QColor(
        round(ground.red() + (over.red() - ground.red()) * share),
        round(ground.green() + (over.green() - ground.green()) * share),
        round(ground.blue() + (over.blue() - ground.blue()) * share),
    )

"""Small boxes that float above the bar: the preview under the pointer, and why a typed place is none."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage, QPainter, QPixmap
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

GAP = 4
NO_PICTURE = (160, 90)


class Tip(QFrame):
    """A child of the window, above everything in it, that takes neither focus nor pointer."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.host = window
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAutoFillBackground(True)
        self.setFrameShape(QFrame.Shape.Box)
        self.text = QLabel(self)
        self.text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.setSpacing(3)
        layout.addWidget(self.text)
        self.hide()

    def stand_above(self, anchor: QWidget, x: float) -> None:
        """Stand centred over the point `x` of the anchor, inside the window."""
        window = self.host
        self.adjustSize()
        at = anchor.mapTo(window, QPoint(round(x), 0))
        left = max(0, min(at.x() - self.width() // 2, window.width() - self.width()))
        self.move(left, max(0, at.y() - self.height() - GAP))
        self.raise_()


class PreviewTip(Tip):
    """A thumbnail with time and frame number. Pictures that come late change it but never show it."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._pale = False
        self.picture = QLabel(self)
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.picture.setMinimumSize(*NO_PICTURE)
        layout = self.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.insertWidget(0, self.picture)

    def set_picture(self, image: QImage | None) -> None:
        """Show this picture, the right one; None while it is on the way: the one before goes pale."""
        if image is not None:
            self.picture.setPixmap(QPixmap.fromImage(image))
            self._pale = False
        elif not self.picture.pixmap().isNull() and not self._pale:
            self.picture.setPixmap(paled(self.picture.pixmap()))
            self._pale = True

    def forget_picture(self) -> None:
        """Keep the place free; what was shown is of another source."""
        self.picture.clear()
        self._pale = False


def paled(picture: QPixmap) -> QPixmap:
    """The picture with a third of its opacity."""
    pale = QPixmap(picture.size())
    pale.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pale)
    painter.setOpacity(1 / 3)
    painter.drawPixmap(0, 0, picture)
    painter.end()
    return pale

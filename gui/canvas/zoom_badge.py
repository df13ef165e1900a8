"""How far the frame is zoomed, or that it was moved, in the upper right corner of the canvas."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QPushButton, QWidget

from gui.canvas.card import INK, MARGIN_PX, PAPER, TEXT_PX
from gui.translation import tr

STYLE = (
    f"QPushButton {{ background: {PAPER.name(PAPER.NameFormat.HexArgb)}; color: {INK.name()}; "
    f"border: 1px solid transparent; border-radius: 3px; padding: 3px 8px; font-size: {TEXT_PX}px }} "
    f"QPushButton:hover {{ border-color: {INK.name()} }}"
)


class ZoomBadge(QPushButton):
    """Hidden at first. Pressed, it means the whole frame again; F does the same, so no key has to reach it."""

    def __init__(self, canvas: QWidget) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self.setStyleSheet(STYLE)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip(tr("100 %: one frame pixel on one pixel of the screen. Click: the whole frame again"))
        canvas.installEventFilter(self)
        self.hide()

    def tell(self, scale: float, zoomed: bool) -> None:
        """Show the zoom, or that the frame was only moved.

        Args:
            scale: screen pixels that a frame pixel takes, 0.02..64 on most screens. zoomed: it is not the scale at
                which the whole frame fits.
        """
        percent = 100 * scale
        number = f"{percent:.0f}" if percent >= 10 else f"{percent:.1f}"
        if zoomed:
            text, name = tr("{n} %, click to fit"), tr("Zoom {n} %; press for the whole frame")
        else:
            text, name = tr("moved, click to fit"), tr("Moved; press for the whole frame")
        if (text := text.format(n=number)) != self.text():
            self.setText(text)
            self.setAccessibleName(name.format(n=number))
        self._settle()
        self.show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and not self.isHidden():
            self._settle()
        return super().eventFilter(watched, event)

    def _settle(self) -> None:
        self.adjustSize()
        self.move(self._canvas.width() - self.width() - round(MARGIN_PX), round(MARGIN_PX))

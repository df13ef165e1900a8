"""What says on a canvas that its frame is not the one beside it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from gui.canvas.card import INK, MARGIN_PX, PAPER, TEXT_PX
from gui.translation import tr

STYLE = (
    f"QLabel {{ background: {PAPER.name(PAPER.NameFormat.HexArgb)}; color: {INK.name()}; "
    f"border: 1px solid {INK.name()}; border-radius: 3px; padding: 3px 8px; font-size: {TEXT_PX}px }}"
)


class FrameTag(QLabel):
    """In the upper left corner of a canvas; hidden at first."""

    def __init__(self, canvas: QWidget) -> None:
        super().__init__(tr("not the same frame"), canvas)
        self.setObjectName("frame_tag")
        self.setStyleSheet(STYLE)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(tr("not the same frame, nothing is compared"))
        self.adjustSize()
        self.move(round(MARGIN_PX), round(MARGIN_PX))
        self.hide()

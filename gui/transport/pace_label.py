"""What stands beside the speed while a film is shown slower than that."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLabel, QWidget

from gui.theme import tabular
from gui.translation import tr


class PaceLabel(QLabel):
    """Empty while the film keeps pace. Its width stays."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("pace")
        self.setFont(tabular(self.font()))
        self.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setFixedWidth(self.fontMetrics().horizontalAdvance(words(0.88)) + 8)

    def tell(self, shown: float | None) -> bool:
        """Say at what speed the film is shown, None: at the wanted one. Whether the words came or went by that."""
        before, text = self.text(), "" if shown is None else words(shown)
        if text == before:
            return False
        self.setText(text)
        self.setAccessibleName(text)
        why = tr(
            "The detector takes longer for a frame than the film does, and no frame is left out.\n"
            "A smaller input size or a faster model is shown faster; a lower speed can be kept."
        )
        self.setToolTip(why if text else "")
        return not before or not text


def words(shown: float) -> str:
    """`shown at 0.5x`; below a tenth with two figures."""
    return tr("shown at {speed}x").format(speed=f"{shown:.1f}" if shown >= 0.1 else f"{shown:.2f}")

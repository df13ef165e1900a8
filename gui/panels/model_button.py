"""The one button that stands for model, engine, size and precision where the tool bar has no room for all four."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from gui.panels.drop_button import DropButton
from gui.themed_icons import icon
from gui.translation import tr

NARROWEST_TEXT_PX = 48


class ModelButton(DropButton):
    """Tells the model and its input size, as far as there is room: first the size goes, then the middle of the name."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._texts: tuple[str, ...] = ("",)
        self.setToolTip(tr("Model, engine, input size and precision"))
        self.setIcon(icon("model"))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def tell(self, model: str, size: int | None) -> None:
        """Show another model; size: its input side in pixels, None where it is not known."""
        whole = tr("{model}, {size}").format(model=model, size=size) if size else model
        texts = (whole, model)
        if texts != self._texts:
            self._texts = texts
            self.setText(whole)
            self.setAccessibleName(tr("Model: {name}").format(name=whole))

    def fit(self, room_px: int) -> None:
        """Be no wider than this, if that can be."""
        metrics = self.fontMetrics()
        # Not by trying texts: each would have the tool bar laid out anew.
        text_px = room_px - (self.sizeHint().width() - metrics.horizontalAdvance(self.text()))
        for text in self._texts:
            if metrics.horizontalAdvance(text) <= text_px:
                break
        else:
            text = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, max(text_px, NARROWEST_TEXT_PX))
        self.setText(text)

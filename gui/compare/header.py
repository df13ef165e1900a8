"""What stands above each of two canvases: whose answers these are, and how fast they come."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from detector.pipeline.meter import Rates
from detector.pipeline.results import RunningModel
from gui.compare.facts import speed_text
from gui.theme import SPACE_M, SPACE_S, tabular
from gui.translation import tr


class PaneHeader(QWidget):
    """Name and speed. Where it is narrow the speed gives way, so that both frames can be equally wide.

    Args:
        side: what the model is called in words, for screen readers.
        chooser: stands in place of the name, where the model is chosen here.
    """

    def __init__(
        self, side: str, chooser: QWidget | None = None, after: Sequence[QWidget] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.side = side
        self.name = QLabel("-")
        font = self.name.font()
        font.setBold(True)
        self.name.setFont(font)
        self.name.setTextFormat(Qt.TextFormat.PlainText)
        self.speed = QLabel()
        self.speed.setFont(tabular(self.speed.font()))
        self.speed.setToolTip(tr("What one answer of this model takes, and how many come a second"))
        # A name as long as it likes must not widen the window.
        self.name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(SPACE_M, SPACE_S, SPACE_M, SPACE_S)
        row.setSpacing(SPACE_M)
        if chooser is None:
            row.addWidget(self.name, 1)
        else:
            self.name.hide()
            row.addWidget(chooser, 1)
        for widget in (self.speed, *after):
            row.addWidget(widget)

    def tell(self, model: RunningModel | None, name: str, rates: Rates) -> None:
        """Say who answers and how fast; what did not change is left alone."""
        speed = speed_text(rates) if model is not None else ""
        if (name, speed) != (self.name.text(), self.speed.text()):
            self.name.setText(name)
            self.name.setToolTip(model.info.summary if model is not None else "")
            self.speed.setText(speed)
            self._fit()
            self.setAccessibleName(tr("{side}: {name} {speed}").format(side=self.side, name=name, speed=speed))

    def minimumSizeHint(self) -> QSize:
        hint = super().minimumSizeHint()
        room = 0 if self.speed.isHidden() else self.speed.minimumSizeHint().width() + self._row.spacing()
        return QSize(hint.width() - room, hint.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        needed = self.minimumSizeHint().width() + self._row.spacing() + self.speed.sizeHint().width()
        self.speed.setVisible(self.width() >= needed)

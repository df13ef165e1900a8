"""The button that tells the playing speed and offers the others."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from gui.translation import tr
from gui.transport.speeds import SPEEDS, long_text, short_text


class SpeedButton(QToolButton):
    """Signal: `chosen` a speed of the menu."""

    chosen = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAutoRaise(True)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        group = QActionGroup(menu)
        self.choices: dict[float, QAction] = {}
        for speed in SPEEDS:
            action = menu.addAction(long_text(speed))
            action.setCheckable(True)
            action.setData(speed)
            group.addAction(action)
            self.choices[speed] = action
        group.triggered.connect(self._chosen)
        self.setMenu(menu)
        self.speed = -1.0
        self.show_speed(1.0)

    def show_speed(self, speed: float) -> None:
        """Take over the speed that is in force."""
        if speed == self.speed:
            return
        self.speed = speed
        self.setText(short_text(speed))
        self.setAccessibleName(tr("Speed: {speed}").format(speed=long_text(speed)))
        if speed in self.choices:
            self.choices[speed].setChecked(True)

    def _chosen(self, action: QAction) -> None:
        self.chosen.emit(float(action.data()))

"""Says beside the figures of speed that other programs keep the machine busy."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from gui.performance_history import PerformanceHistory


class BusyTips(QObject):
    """Adds the sentence to the tips of these widgets while it holds; for as long as the history lives."""

    def __init__(self, history: PerformanceHistory, widgets: Iterable[QWidget]) -> None:
        super().__init__(history)
        self._plain = {widget: widget.toolTip() for widget in widgets}
        history.busy_changed.connect(self._tell)
        self._tell(history.busy)

    def _tell(self, sentence: str) -> None:
        for widget, plain in self._plain.items():
            widget.setToolTip(f"{plain}\n{sentence}" if sentence else plain)

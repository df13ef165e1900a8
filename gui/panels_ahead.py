"""Panels are made ahead, one at a time while nobody does anything: who opens one for the first time finds it ready."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget

from gui.panel_docks import PanelDock

EVERY_MS = 400
FIRST_MS = 2000
"""The start has other things to do."""


class PanelsAhead(QTimer):
    """Makes the panels of closed docks, a few milliseconds' work each time, and goes when all are made.

    Those that are open behind another one's tab are left alone: a panel asks for room in its dock.

    Args:
        window: whose docks they are; before it can be seen nothing is made.
    """

    def __init__(
        self, docks: Iterable[PanelDock], window: QWidget, first_ms: int = FIRST_MS, every_ms: int = EVERY_MS
    ) -> None:
        super().__init__(window)
        self._docks, self._window, self._every_ms = list(docks), window, every_ms
        self.timeout.connect(self._go_on)
        self.start(first_ms)

    def _go_on(self) -> None:
        if not self._window.isVisible() or hand_is_busy():
            return
        self.setInterval(self._every_ms)
        self._docks = [dock for dock in self._docks if dock.panel is None]
        dock = next((dock for dock in self._docks if dock.isHidden()), None)
        if dock is not None:
            # Not dressed in the style sheet before it is seen: a change of theme would dress it each time.
            dock.make_panel()
        elif not self._docks:
            self.stop()
            self.deleteLater()


def hand_is_busy() -> bool:
    """Whether a mouse button is down, or a menu or a dialog is open."""
    held = QApplication.mouseButtons().value != 0
    return held or QApplication.activePopupWidget() is not None or QApplication.activeModalWidget() is not None

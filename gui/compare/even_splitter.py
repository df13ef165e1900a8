"""Two halves that stay equally large until a hand moves the line between them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QWidget


class EvenSplitter(QSplitter):
    """Qt shares room as it was shared before, so that halves once pressed by their least width would stay unequal."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._by_hand = False
        self.splitterMoved.connect(self._moved)

    def even(self) -> None:
        """Share equally, whatever a hand did before."""
        self._by_hand = False
        self.setSizes([1000] * self.count())

    def turn(self, orientation: Qt.Orientation) -> None:
        """Put the halves beside or above each other; what a hand did does not fit any more."""
        if self.orientation() != orientation:
            self.setOrientation(orientation)
            self.even()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if not self._by_hand:
            self.even()

    def _moved(self) -> None:
        self._by_hand = True

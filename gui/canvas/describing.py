"""What is on the frame, told to screen readers now and then."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from gui.canvas.details import counts_in_words
from gui.values import ShownFrame

DESCRIBE_EVERY_MS = 1000


class Describer(QObject):
    """Sets the accessible description of a canvas at most once in `DESCRIBE_EVERY_MS`; what comes last is told."""

    def __init__(self, canvas: QWidget) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._shown: ShownFrame | None = None
        self._hint = ""
        self._told = True
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DESCRIBE_EVERY_MS)
        self._timer.timeout.connect(self._tell_now)

    def tell(self, shown: ShownFrame | None, hint: str) -> None:
        """Tell of a frame soon; of none, tell the hint at once."""
        self._shown, self._hint, self._told = shown, hint, False
        if shown is None or not self._timer.isActive():
            self._tell_now()

    def _tell_now(self) -> None:
        if not self._told:
            self._told = True
            self._canvas.setAccessibleDescription(counts_in_words(self._shown) if self._shown else self._hint)
            self._timer.start()

"""The recording's light: a red dot with time and size, for as long as something is being recorded."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QLabel, QWidget

from gui.capture import Capture
from gui.theme import tabular, theme_colours
from gui.translation import tr

WIDEST = "\u25cf Recording 00:00:00, 000.0 MB, paused"


def red_dot() -> str:
    """A dot in the theme's red, as rich text."""
    return f"<span style='color:{theme_colours().bad.name()}'>\u25cf</span>"


class CaptureLight(QLabel):
    """For the status line, which keeps a place for it; hidden while nothing is recorded."""

    def __init__(self, capture: Capture, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.capture = capture
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setFont(tabular(self.font()))
        self.setStyleSheet("padding: 2px 0px")
        capture.progress.connect(self._show_progress)
        self.hide()

    @property
    def place_px(self) -> int:
        """The width that it needs at the most."""
        return self.fontMetrics().horizontalAdvance(WIDEST) + 2

    def mousePressEvent(self, event: QMouseEvent) -> None:
        # The line's figures lead to the Performance panel; this tells nothing of speed.
        event.accept()

    def _show_progress(self, progress: str) -> None:
        recording = self.capture.recording
        if recording:
            text = tr("Recording {progress}").format(progress=progress)
            self.setText(red_dot() + " " + text)
            self.setAccessibleName(text)
            self.setToolTip(text)
        self.setVisible(recording)

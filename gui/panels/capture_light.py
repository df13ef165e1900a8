"""The recording's light: a red dot with time and size while recording, and afterwards the way to what was saved."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from gui.capture import Capture
from gui.theme import SPACE_S, tabular, theme_colours
from gui.translation import tr

SHOWN_MS = 10_000
LONGEST_NAME = 36


def red_dot() -> str:
    """A dot in the theme's red, as rich text."""
    return f"<span style='color:{theme_colours().bad.name()}'>\u25cf</span>"


class CaptureLight(QWidget):
    """For the status line; takes no room while there is nothing to tell."""

    def __init__(self, capture: Capture, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.capture = capture
        self.text = QLabel()
        self.text.setTextFormat(Qt.TextFormat.RichText)
        self.text.setFont(tabular(self.text.font()))
        self.folder_button = QToolButton()
        self.folder_button.setText(tr("Open folder"))
        self.folder_button.setAutoRaise(True)
        self.folder_button.setToolTip(tr("Show it in its folder"))
        self.folder_button.clicked.connect(self._open_folder)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(SPACE_S, 0, SPACE_S, 0)
        layout.setSpacing(SPACE_S)
        layout.addWidget(self.text)
        layout.addWidget(self.folder_button)
        self._saved: Path | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SHOWN_MS)
        self._timer.timeout.connect(self._settle)
        capture.progress.connect(self._show_progress)
        capture.saved.connect(self._show_saved)
        self._settle()

    def _settle(self) -> None:
        self._timer.stop()
        if not self.capture.recording:
            self.hide()

    def _show_progress(self, progress: str) -> None:
        if self.capture.recording:
            self._timer.stop()
            self._say(red_dot() + " " + tr("Recording {progress}").format(progress=progress), saved=False)
        elif not self._timer.isActive():
            self.hide()

    def _show_saved(self, path: Path) -> None:
        self._saved = path
        name = path.name if len(path.name) <= LONGEST_NAME else "\u2026" + path.name[1 - LONGEST_NAME :]
        if not self.capture.recording:
            self._say(tr("Saved {name}").format(name=name.replace("&", "&amp;").replace("<", "&lt;")), saved=True)
            self._timer.start()

    def _say(self, text: str, saved: bool) -> None:
        self.text.setText(text)
        self.text.setToolTip(str(self._saved) if saved else "")
        self.folder_button.setVisible(saved)
        self.show()

    def _open_folder(self) -> None:
        if self._saved is not None:
            self.capture.open_path(self._saved.parent)

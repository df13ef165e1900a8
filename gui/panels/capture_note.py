"""The note that a snapshot or a recording is saved: where it is, and the way there."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent, QEnterEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QPushButton, QToolButton, QWidget

from gui.capture import Capture
from gui.capture_files import Saved
from gui.focus_keys import keep_keys
from gui.panels.elided import ElidedLabel
from gui.translation import tr
from gui.wording import told_path

SHOWN_MS = 10_000


class CaptureNote(QFrame):
    """Comes when something is saved; goes after a while, but never from under the pointer or while it has the keys.

    Args:
        shown_ms: how long it stays once nobody points at it.
    """

    def __init__(self, capture: Capture, shown_ms: int = SHOWN_MS, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("note")
        self.capture = capture
        self._saved: Path | None = None
        self._pointed_at = False
        self.what, self.where = ElidedLabel(), ElidedLabel()
        self.details = QLabel()
        self.details.setWordWrap(True)
        self.folder_button = QPushButton(tr("Open folder"))
        self.folder_button.clicked.connect(self._open_folder)
        self.shut = QToolButton()
        self.shut.setText("\u00d7")
        self.shut.setAutoRaise(True)
        self.shut.setAccessibleName(tr("Close the note"))
        self.shut.setToolTip(tr("Close the note"))
        self.shut.clicked.connect(self.leave)
        keep_keys(self.folder_button, self.shut)
        grid = QGridLayout(self)
        grid.setContentsMargins(12, 6, 6, 6)
        grid.setVerticalSpacing(1)
        grid.setColumnStretch(0, 1)
        grid.addWidget(self.what, 0, 0)
        grid.addWidget(self.where, 1, 0)
        grid.addWidget(self.details, 2, 0)
        grid.addWidget(self.folder_button, 0, 1, 2, 1)
        grid.addWidget(self.shut, 0, 2, 2, 1)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(shown_ms)
        self._timer.timeout.connect(self._time_is_up)
        capture.told_saved.connect(self.tell_saved)
        capture.told.connect(self.tell)
        self.hide()

    def tell_saved(self, saved: Saved) -> None:
        """Say what is saved and where."""
        path = self._saved = saved.path
        self.what.tell(tr("Saved {name}").format(name=path.name), str(path))
        self.where.tell(tr("in {folder}").format(folder=told_path(path.parent)), str(path))
        self.folder_button.setToolTip(tr("Open {folder}").format(folder=told_path(path.parent)))
        self._come(saved.details)

    def tell(self, sentence: str) -> None:
        """Say something that leads nowhere."""
        self._saved = None
        self._come(sentence)

    def leave(self) -> None:
        self._timer.stop()
        self._pointed_at = False
        self.hide()

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self._pointed_at = True

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._pointed_at = False
        self._timer.start()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        # What lies below is not meant.
        event.accept()

    def _come(self, details: str) -> None:
        for widget in (self.what, self.where, self.folder_button):
            widget.setVisible(self._saved is not None)
        self.details.setText(details)
        self.details.setVisible(bool(details))
        told = (self.what.whole, self.where.whole) if self._saved is not None else ()
        self.setAccessibleName(" ".join([*told, details]).strip())
        self.show()
        self._timer.start()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def _time_is_up(self) -> None:
        if self._pointed_at or self.window().focusWidget() in (self.folder_button, self.shut):
            self._timer.start()
        else:
            self.hide()

    def _open_folder(self) -> None:
        if self._saved is not None:
            self.capture.open_path(self._saved.parent)

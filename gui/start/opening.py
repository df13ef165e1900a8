"""A thin strip that tells that a source opens or a model loads, and stops it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from gui.session import Session
from gui.translation import tr

PATIENCE_MS = 500
"""What is done by then is not worth a word."""


class WaitingRow(QWidget):
    """One thing that is waited for. Comes by itself when it takes long.

    Args:
        cancel: called, after the row is gone, when the user gives it up.
        patience_ms: how long to wait before showing up.
    """

    def __init__(
        self,
        cancel: Callable[[], None],
        cancel_name: str,
        patience_ms: int = PATIENCE_MS,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._cancel = cancel
        self.text = QLabel()
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setMinimumWidth(40)
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.bar.setFixedSize(120, 8)
        self.button = QPushButton(tr("Cancel"))
        self.button.setAccessibleName(cancel_name)
        self.button.setToolTip(cancel_name)
        self.button.clicked.connect(self.give_up)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 4, 12, 4)
        layout.addWidget(self.bar)
        layout.addWidget(self.text, 1)
        layout.addWidget(self.button)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(patience_ms)
        self._timer.timeout.connect(self.show)
        self.hide()

    @property
    def waiting(self) -> bool:
        """Whether something is waited for, shown yet or not."""
        return self._timer.isActive() or not self.isHidden()

    def begin(self, text: str) -> None:
        """Wait for something else from now on."""
        self.text.setText(text)
        self.bar.setAccessibleName(text)
        if self.isHidden():
            self._timer.start()

    def end(self) -> None:
        self._timer.stop()
        self.hide()

    def give_up(self) -> None:
        self.end()
        self._cancel()


class OpeningStrip(QFrame):
    """A row for the source, a row for the model; of no height while nothing takes long."""

    def __init__(self, session: Session, patience_ms: int = PATIENCE_MS, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("opening_strip")
        self.source = WaitingRow(session.cancel_opening, tr("Stop opening the source"), patience_ms, self)
        self.model = WaitingRow(session.cancel_loading, tr("Stop loading the model"), patience_ms, self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.source)
        layout.addWidget(self.model)
        session.source_opening.connect(self._on_opening)
        session.source_opened.connect(self._source_done)
        session.source_closed.connect(self._source_done)
        session.model_loading.connect(self._on_loading)
        session.model_changed.connect(self._model_done)
        session.trouble.connect(self._topic_done)
        session.trouble_over.connect(self._topic_done)

    def _on_opening(self, text: str) -> None:
        self.source.begin(tr("Opening {name} ...").format(name=short(text)))

    def _on_loading(self, name: str) -> None:
        self.model.begin(tr("Loading the model {name} ...").format(name=short(name)))

    def _source_done(self, _info: object = None) -> None:
        self.source.end()

    def _model_done(self, _model: object) -> None:
        self.model.end()

    def _topic_done(self, topic: str, _sentence: str = "") -> None:
        if topic == "source":
            self.source.end()
        elif topic == "model":
            self.model.end()


def short(text: str, longest: int = 60) -> str:
    """A path's last part, and anything long with its middle left out."""
    name = text if "://" in text else text.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1] or text
    half = (longest - 3) // 2
    return name if len(name) <= longest else f"{name[:half]}...{name[-half:]}"

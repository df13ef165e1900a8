"""Tells that a source opens or a model loads, and stops it. The one place where either is told."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QPushButton, QWidget

from gui.fetching import Fetches
from gui.focus_keys import keep_keys
from gui.panels.elided import ElidedLabel
from gui.session import Session
from gui.translation import tr

PATIENCE_MS = 500
"""What is done by then is not worth a word."""
PROGRESS_EVERY_MS = 200
BUSY_PX, FETCHING_PX = 72, 130


class WaitingRow(QFrame):
    """One thing that is waited for. Comes by itself when it takes long.

    Args:
        cancel: called, after the row is gone, when the user gives it up.
        stop: what the button says.
        patience_ms: how long to wait before showing up.
    """

    def __init__(
        self, cancel: Callable[[], None], stop: str, patience_ms: int = PATIENCE_MS, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("note")
        self._cancel = cancel
        self.text = ElidedLabel()
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(BUSY_PX)
        self.button = QPushButton(stop)
        self.button.clicked.connect(self.give_up)
        keep_keys(self.button)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 8, 6)
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
        self.tell(text)
        if self.isHidden():
            self._timer.start()

    def tell(self, text: str) -> None:
        """Say what is waited for."""
        if self.text.whole != text:
            self.text.tell(text)
            self.bar.setAccessibleName(text)

    def end(self) -> None:
        self._timer.stop()
        self.hide()

    def give_up(self) -> None:
        self.end()
        self._cancel()


class ModelRow(WaitingRow):
    """A model that loads, or whose weights come first: then with figures.

    Args:
        fetches: gives what is being fetched for the model that is waited for.
    """

    def __init__(
        self,
        cancel: Callable[[], None],
        fetches: Callable[[], Fetches],
        patience_ms: int = PATIENCE_MS,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(cancel, tr("Stop loading"), patience_ms, parent)
        self._fetches = fetches
        self._name = ""
        self._progress_timer = QTimer(self)
        self._progress_timer.setInterval(PROGRESS_EVERY_MS)
        self._progress_timer.timeout.connect(self.show_progress)

    def begin(self, name: str) -> None:
        """Wait for the model of this name from now on."""
        self._name = name
        super().begin(tr("Loading the model {name} ...").format(name=name))
        self.show_progress()
        self._progress_timer.start()

    def end(self) -> None:
        self._progress_timer.stop()
        super().end()

    def show_progress(self) -> None:
        """A bar that fills while weights come, with figures in it; one without end while a model loads."""
        progress = self._fetches().under_way
        self.bar.setTextVisible(progress is not None)
        self.bar.setFixedWidth(BUSY_PX if progress is None else FETCHING_PX)
        if progress is None:
            self.bar.setRange(0, 0)
            self.tell(tr("Loading the model {name} ...").format(name=self._name))
            stop, tip = tr("Stop loading"), tr("Stop loading; the model before answers on")
        else:
            received, total = progress
            self.bar.setRange(0, 100)
            self.bar.setValue(100 * received // total)
            figures = tr("{received:.0f} of {total:.0f} MB")
            self.bar.setFormat(figures.format(received=received / 1e6, total=total / 1e6))
            self.tell(tr("Fetching the weights of {name} ...").format(name=self._name))
            stop = tr("Stop fetching")
            tip = tr("Stop fetching and keep nothing of it; the model before answers on")
        if self.button.text() != stop or not self.button.toolTip():
            self.button.setText(stop)
            self.button.setAccessibleName(stop)
            self.button.setToolTip(tip)


class OpeningStrip(QObject):
    """A row for the source, a row for the model; whoever has the room lays them out."""

    def __init__(self, session: Session, patience_ms: int = PATIENCE_MS, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.source = WaitingRow(session.cancel_opening, tr("Stop opening"), patience_ms)
        self.source.button.setToolTip(tr("Stop opening the source"))
        self.model = ModelRow(session.cancel_loading, lambda: session.fetches, patience_ms)
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
        self.model.begin(short(name))

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

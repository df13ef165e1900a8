"""The sign that a model loads or its weights come, with the button that stops it."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QToolButton, QWidget

from gui.fetching import Fetches
from gui.themed_icons import icon
from gui.translation import tr

BUSY_AFTER_MS = 300
"""What loads faster needs no sign."""
PROGRESS_EVERY_MS = 200
BUSY_PX, FETCHING_PX = 56, 150


class LoadingSign(QWidget):
    """Hidden unless something loads. `stopped` comes when the button is pressed, `changed` when `text` is another.

    Args:
        fetches: of the lane whose loading is shown.
    """

    stopped = Signal()
    changed = Signal()

    def __init__(self, fetches: Fetches, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.fetches = fetches
        self.bar = QProgressBar()
        self.button = QToolButton()
        self.button.setIcon(icon("close"))
        self.button.setAutoRaise(True)
        self.button.clicked.connect(self._stop)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.bar)
        row.addWidget(self.button)
        self._begin_timer = QTimer(self)
        self._begin_timer.setSingleShot(True)
        self._begin_timer.setInterval(BUSY_AFTER_MS)
        self._begin_timer.timeout.connect(self._begin)
        self._progress_timer = QTimer(self)
        self._progress_timer.setInterval(PROGRESS_EVERY_MS)
        self._progress_timer.timeout.connect(self._show_progress)
        self._show_progress()
        self.hide()

    @property
    def text(self) -> str:
        """What is under way, in two or three words; empty while nothing is shown."""
        if self.isHidden():
            return ""
        progress = self.fetches.under_way
        if progress is None:
            return tr("Loading...")
        return tr("Fetching, {percent} %").format(percent=100 * progress[0] // progress[1])

    def begin(self) -> None:
        """Something loads; shown after a moment."""
        self._begin_timer.start()

    def end(self) -> None:
        """Nothing loads any more."""
        self._begin_timer.stop()
        self._progress_timer.stop()
        self.hide()
        self.changed.emit()

    def _begin(self) -> None:
        self.show()
        self._progress_timer.start()
        self._show_progress()

    def _stop(self) -> None:
        self.end()
        self.stopped.emit()

    def _show_progress(self) -> None:
        """A bar that fills while weights come, with figures beside it; one without end while a model loads."""
        progress = self.fetches.under_way
        self.bar.setTextVisible(progress is not None)
        self.bar.setFixedWidth(BUSY_PX if progress is None else FETCHING_PX)
        if progress is None:
            self.bar.setRange(0, 0)
            name, stop = tr("The model is being loaded"), tr("Stop loading")
            tip = tr("Stop loading; the model before answers on")
        else:
            received, total = progress
            self.bar.setRange(0, 100)
            self.bar.setValue(100 * received // total)
            text = tr("{received:.0f} of {total:.0f} MB")
            self.bar.setFormat(text.format(received=received / 1e6, total=total / 1e6))
            name, stop = tr("The model's weights are being fetched"), tr("Stop fetching")
            tip = tr("Stop fetching and keep nothing of it; the model before answers on")
        self.bar.setAccessibleName(name)
        self.bar.setToolTip(name)
        self.button.setAccessibleName(stop)
        self.button.setToolTip(tip)
        self.changed.emit()

"""The status line: frames per second, milliseconds by part, drops, and what is running where."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QLabel, QStatusBar, QWidget

from gui.canvas.frame_view import FrameView
from gui.session import Session

REFRESH_MS = 250


class StatusLine(QStatusBar):
    """Refreshes four times a second; numbers are in a fixed font so that they do not dance."""

    def __init__(self, session: Session, canvas: FrameView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session, self.canvas = session, canvas
        self.setSizeGripEnabled(False)
        fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        self.figures, self.drops, self.running = QLabel(), QLabel(), QLabel("no model")
        for label in (self.figures, self.drops, self.running):
            label.setFont(fixed)
        self.figures.setToolTip("Frames per second; milliseconds a frame for each part")
        self.addWidget(self.figures, 1)
        self.addPermanentWidget(self.drops)
        self.addPermanentWidget(self.running)
        session.model_loading.connect(lambda name: self.running.setText(f"loading {name} ..."))
        session.model_changed.connect(self._show_model)
        self.timer = QTimer(self)
        self.timer.timeout.connect(self.refresh)
        self.timer.start(REFRESH_MS)

    def refresh(self) -> None:
        rates = self.session.bridge.meter.rates()
        times = rates.times
        post_s = times.post_s + self.session.select_s if rates.frames_per_s else 0.0
        self.figures.setText(
            f"{rates.frames_per_s:5.1f} FPS   read {times.read_s * 1e3:4.1f}  prep {times.prepare_s * 1e3:4.1f}  "
            f"net {times.network_s * 1e3:5.1f}  post {post_s * 1e3:4.1f}  draw {self.canvas.draw_s * 1e3:4.1f} ms"
        )
        self.drops.setText(f"{self.session.dropped} dropped")

    def _show_model(self, model: object) -> None:
        running = self.session.model
        if model is None or running is None:
            self.running.setText("no model")
            return
        self.running.setText(
            f"{running.info.name} {running.size}   {running.engine} {running.precision}   {running.device}"
        )

"""What stands in the timeline's place for a live source: that it is live, and how late its frames are."""

from __future__ import annotations

import time

from PySide6.QtCore import QEvent
from PySide6.QtGui import QColor, QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from gui.theme import tabular, theme_colours
from gui.translation import tr

TELL_EVERY_S = 0.25
"""Seconds that a delay stands still, so that it can be read."""


class LiveBadge(QWidget):
    """LIVE, FROZEN or WAITING, and the measured delay."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind = "muted"
        self._told_s = 0.0
        self.state = QLabel()
        self.delay = QLabel()
        self.delay.setToolTip(tr("From a frame's arrival to its showing"))
        self.delay.setFont(tabular(self.font()))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(4, 0, 4, 0)
        layout.setSpacing(8)
        layout.addWidget(self.state)
        layout.addWidget(self.delay)
        # Both keep their size, so nothing is laid out anew when they change.
        height = self.state.sizeHint().height() + 6
        metrics = QFontMetrics(self.font())
        self.state.setFixedSize(metrics.horizontalAdvance("\N{BLACK CIRCLE} " + tr("WAITING")) + 16, height)
        self.delay.setFixedSize(metrics.horizontalAdvance(tr("{n} ms late").format(n=99_999)) + 8, height)

    def follow(self, playing: bool, waiting: str, delay_s: float) -> None:
        """Show the state; `waiting` is the sentence why there is no frame, "" while there are some."""
        word = tr("WAITING") if waiting else tr("LIVE") if playing else tr("FROZEN")
        text = f"\N{BLACK CIRCLE} {word}"
        if text != self.state.text():
            self.state.setText(text)
            self.state.setToolTip(waiting)
            self._told_s = 0.0
            self._kind = "warning" if waiting else "bad" if playing else "muted"
            self._colour()
        now_s = time.monotonic()
        if not playing or waiting or delay_s <= 0:
            late = ""
        elif now_s - self._told_s < TELL_EVERY_S:
            return
        else:
            late = tr("{n} ms late").format(n=round(delay_s * 1000))
            self._told_s = now_s
        if late != self.delay.text():
            self.delay.setText(late)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._colour()

    def _colour(self) -> None:
        colour: QColor = getattr(theme_colours(), self._kind)
        self.state.setStyleSheet(f"font-weight: bold; color: {colour.name()};")

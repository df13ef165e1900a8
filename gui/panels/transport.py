"""The transport bar: play and pause, steps, scrubbing, time and frame number."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QFontDatabase
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QStyle, QToolButton, QWidget

from gui.session import Session


class TransportBar(QWidget):
    """Follows the session's playback; scrubbing seeks at once."""

    def __init__(self, session: Session, actions: dict[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.play_action = actions["play"]
        style = self.style()
        self._play_icon = style.standardIcon(QStyle.StandardPixmap.SP_MediaPlay)
        self._pause_icon = style.standardIcon(QStyle.StandardPixmap.SP_MediaPause)
        icons = {
            "to_start": QStyle.StandardPixmap.SP_MediaSkipBackward,
            "step_back": QStyle.StandardPixmap.SP_MediaSeekBackward,
            "step": QStyle.StandardPixmap.SP_MediaSeekForward,
            "stop": QStyle.StandardPixmap.SP_MediaStop,
        }
        for name, icon in icons.items():
            actions[name].setIcon(style.standardIcon(icon))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 4)
        for name in ("to_start", "step_back", "play", "step", "stop"):
            button = QToolButton()
            button.setDefaultAction(actions[name])
            button.setAutoRaise(True)
            layout.addWidget(button)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Position")
        self.slider.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.slider.valueChanged.connect(self._scrubbed)
        layout.addWidget(self.slider, 1)
        self.position = QLabel()
        self.position.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        layout.addWidget(self.position)
        loop = QToolButton()
        loop.setDefaultAction(actions["loop"])
        loop.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        loop.setAutoRaise(True)
        layout.addWidget(loop)
        self._seek_actions = [actions[name] for name in ("to_start", "step_back")]
        self._step_action = actions["step"]
        self._stop_action = actions["stop"]
        session.playback_changed.connect(self.follow)
        self.follow()

    def follow(self) -> None:
        """Show the playback as it is."""
        playback = self.session.playback
        self.play_action.setChecked(playback.playing)
        self.play_action.setIcon(self._pause_icon if playback.playing else self._play_icon)
        self.play_action.setText("Pause" if playback.playing else "Play")
        self.play_action.setEnabled(playback.info is not None)
        for action in self._seek_actions:
            action.setEnabled(playback.seekable)
        self._step_action.setEnabled(playback.info is not None)
        self._stop_action.setEnabled(playback.info is not None)
        self.slider.setEnabled(playback.seekable and playback.last_index > 0)
        if not self.slider.isSliderDown():
            self.slider.blockSignals(True)
            self.slider.setRange(0, max(playback.last_index, 1))
            self.slider.setValue(playback.index)
            self.slider.blockSignals(False)
        self.position.setText(playback.position_text())

    def _scrubbed(self, index: int) -> None:
        self.session.seek(index)

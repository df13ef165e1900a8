"""What the actions of the Playback group do to a session."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

from gui.session import Session
from gui.transport.speeds import stepped

JUMP_S = 5.0


class PlaybackCommands(QObject):
    """Connects the actions to the session, and lets them be used only where they mean something."""

    def __init__(self, session: Session, actions: dict[str, QAction], parent: QObject) -> None:
        super().__init__(parent)
        self.session = session
        for name, command in {
            "play": self.play,
            "stop": self.stop,
            "step": self.step,
            "step_back": self.step_back,
            "to_start": self.to_start,
            "to_end": self.to_end,
            "jump": self.jump,
            "jump_back": self.jump_back,
            "loop": session.set_loop,
            "faster": self.faster,
            "slower": self.slower,
            "normal_speed": self.normal_speed,
            "mark_in": self.mark_in,
            "mark_out": self.mark_out,
            "clear_marks": self.clear_marks,
        }.items():
            actions[name].triggered.connect(command)
        seeking = ("step_back", "to_start", "to_end", "jump", "jump_back", "goto", "mark_in", "mark_out")
        self._open = [actions[name] for name in ("play", "stop", "step")]
        self._seekable = [actions[name] for name in seeking]
        self._clear = actions["clear_marks"]
        self._paced = [actions[name] for name in ("faster", "slower", "normal_speed", "loop")]

    def follow(self) -> None:
        """Enable what can be done with the open source."""
        playback = self.session.playback
        for action in self._open:
            action.setEnabled(playback.info is not None)
        for action in self._seekable:
            action.setEnabled(playback.seekable)
        for action in self._paced:
            action.setEnabled(playback.info is not None and not playback.live)
        self._clear.setEnabled(playback.first is not None or playback.last is not None)

    def play(self) -> None:
        self.session.set_playing(not self.session.playback.playing)

    def stop(self) -> None:
        self.session.stop()

    def step(self) -> None:
        self.session.step(1)

    def step_back(self) -> None:
        self.session.step(-1)

    def to_start(self) -> None:
        self.session.seek(0)

    def to_end(self) -> None:
        self.session.seek(self.session.playback.last_index)

    def jump(self) -> None:
        self._jump(JUMP_S)

    def jump_back(self) -> None:
        self._jump(-JUMP_S)

    def faster(self) -> None:
        self.session.set_speed(stepped(self.session.playback.speed, 1))

    def slower(self) -> None:
        self.session.set_speed(stepped(self.session.playback.speed, -1))

    def normal_speed(self) -> None:
        self.session.set_speed(1.0)

    def mark_in(self) -> None:
        """Play from the frame on the screen on; an out point before it goes."""
        playback = self.session.playback
        keeps = playback.last is None or playback.last >= playback.index
        self.choose_range(playback.index, playback.last if keeps else None)

    def mark_out(self) -> None:
        """Play up to the frame on the screen; an in point behind it goes."""
        playback = self.session.playback
        keeps = playback.first is None or playback.first <= playback.index
        self.choose_range(playback.first if keeps else None, playback.index)

    def clear_marks(self) -> None:
        self.session.set_range(None, None)

    def choose_range(self, first: int | None, last: int | None) -> None:
        """Set in and out point. What loops and has passed the out point goes back into the range at once."""
        playback = self.session.playback
        first, last = playback.clamped_range(first, last)
        self.session.set_range(first, last)
        if playback.playing and playback.loop and last is not None and playback.index >= last:
            self.session.seek(first or 0)

    def _jump(self, seconds: float) -> None:
        playback = self.session.playback
        frames = playback.frames_in(abs(seconds))
        self.session.seek(playback.index + (frames if seconds > 0 else -frames))

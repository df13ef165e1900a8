"""What plays and where it stands. No Qt; owned by the session."""

from __future__ import annotations

from dataclasses import dataclass

from detector.frames.protocol import Frame, SourceInfo


def clock_text(time_s: float) -> str:
    """`00:12.480`, with hours in front once there are any."""
    milliseconds = round(max(time_s, 0.0) * 1000)
    seconds, milliseconds = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    head = f"{hours}:" if hours else ""
    return f"{head}{minutes:02d}:{seconds:02d}.{milliseconds:03d}"


@dataclass
class Playback:
    """The open source and the playing position.

    info: None before any source. text: what was asked for, as `open_source` takes it. index, time_s: of the frame on
    screen.
    """

    info: SourceInfo | None = None
    text: str = ""
    playing: bool = False
    loop: bool = False
    ended: bool = False
    index: int = 0
    time_s: float = 0.0

    def opened(self, info: SourceInfo, text: str) -> None:
        self.info, self.text, self.index, self.time_s, self.ended = info, text, 0, 0.0, False

    def learned(self, info: SourceInfo) -> None:
        """More is known of the same source."""
        if self.info is not None:
            self.info = info

    def closed(self) -> None:
        """There is no source any more."""
        self.info, self.text, self.playing, self.ended = None, "", False, False

    def showed(self, frame: Frame) -> None:
        self.index, self.time_s, self.ended = frame.index, frame.time_s, False

    @property
    def seekable(self) -> bool:
        return self.info is not None and self.info.seekable

    @property
    def last_index(self) -> int:
        """The last frame that can be sought; 0 when unknown."""
        count = self.info.frame_count if self.info else None
        return max(count - 1, 0) if count else 0

    def position_text(self) -> str:
        """For the transport bar: time, and frame of how many."""
        if self.info is None:
            return ""
        count = f"/{self.info.frame_count}" if self.info.frame_count else ""
        return f"{clock_text(self.time_s)}   frame {self.index + 1}{count}"

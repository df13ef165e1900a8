"""What plays and where it stands. Plain values, no widgets; owned by the session."""

from __future__ import annotations

import re
from dataclasses import dataclass

from detector.errors import OptionError
from detector.frames.protocol import Frame, SourceInfo
from gui.translation import tr

FRAME_NUMBER = re.compile(r"(?:frame\s*|#)?(\d+)(?:\s*/\s*\d+)?", re.IGNORECASE)
TIME = re.compile(r"(?:(?:(\d+):)?(\d+):)?(\d+(?:[.,]\d*)?|[.,]\d+)\s*(s?)", re.IGNORECASE)


def clock_text(time_s: float) -> str:
    """`00:12.480`, with hours in front once there are any."""
    milliseconds = round(max(time_s, 0.0) * 1000)
    seconds, milliseconds = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    head = f"{hours}:" if hours else ""
    return f"{head}{minutes:02d}:{seconds:02d}.{milliseconds:03d}"


def parse_position(text: str, fps: float | None, count: int | None) -> int:
    """The index, from 0, of the frame that a person means.

    Args:
        text: a frame number as it is shown, from 1 (`312`, `frame 312/1200`), or a time: `12.5s`, `12.5`, `1:02.5`,
            `1:00:02`. The frame nearest to the time is meant.
        fps: frames per second, None where the source has no times.
        count: how many frames there are, None when unknown.

    Raises:
        OptionError: it is neither, or there is no such frame.
    """
    text = text.strip()
    numbered = FRAME_NUMBER.fullmatch(text)
    if numbered:
        number = int(numbered[1])
        if number < 1:
            raise OptionError(tr("frames are counted from 1; type 1 for the first one."))
        if count and number > count:
            raise OptionError(
                tr("there is no frame {number}; the last one is {count}.").format(number=number, count=count)
            )
        return number - 1
    timed = TIME.fullmatch(text)
    if timed is None:
        sentence = tr("{text!r} is no place in the source; type a frame such as 312 or a time such as 1:02.5.")
        raise OptionError(sentence.format(text=text))
    if not fps:
        raise OptionError(tr("this source has no times; type the number of a frame."))
    hours, minutes, seconds = (float(part.replace(",", ".")) if part else 0.0 for part in timed.group(1, 2, 3))
    time_s = hours * 3600 + minutes * 60 + seconds
    if count and time_s > count / fps:
        sentence = tr("there is no frame at {time}; the source ends at {end}.")
        raise OptionError(sentence.format(time=clock_text(time_s), end=clock_text(count / fps)))
    index = round(time_s * fps)
    return min(index, count - 1) if count else index


@dataclass
class Playback:
    """The open source, the playing position, and how it plays.

    info: None before any source. text: what was asked for, as `open_source` takes it. index, time_s, name: of the frame
    on screen. speed: 0.1 to 4, 1 the source's own, 0 as fast as possible. first, last: the in and out points, indices
    that both play; None where there is none. Speed and loop are kept from source to source, the points are not.
    """

    info: SourceInfo | None = None
    text: str = ""
    playing: bool = False
    loop: bool = False
    ended: bool = False
    index: int = 0
    time_s: float = 0.0
    name: str = ""
    speed: float = 1.0
    first: int | None = None
    last: int | None = None

    def opened(self, info: SourceInfo, text: str) -> None:
        self.info, self.text, self.index, self.time_s, self.ended = info, text, 0, 0.0, False
        self.name, self.first, self.last = "", None, None

    def learned(self, info: SourceInfo) -> None:
        """More is known of the same source."""
        if self.info is not None:
            self.info = info

    def closed(self) -> None:
        """There is no source any more."""
        self.info, self.text, self.playing, self.ended = None, "", False, False
        self.name, self.first, self.last = "", None, None

    def showed(self, frame: Frame) -> None:
        self.index, self.time_s, self.name, self.ended = frame.index, frame.time_s, frame.name, False

    @property
    def live(self) -> bool:
        return self.info is not None and self.info.live

    @property
    def seekable(self) -> bool:
        return self.info is not None and self.info.seekable

    @property
    def count(self) -> int | None:
        """How many frames there are; None when unknown or endless."""
        return self.info.frame_count if self.info else None

    @property
    def last_index(self) -> int:
        """The last frame that can be sought; 0 when unknown."""
        return max((self.count or 0) - 1, 0)

    @property
    def duration_s(self) -> float | None:
        return self.info.duration_s if self.info else None

    @property
    def start_index(self) -> int:
        """Where playing begins: the in point, else the first frame."""
        return self.first or 0

    def clamped_range(self, first: int | None, last: int | None) -> tuple[int | None, int | None]:
        """In and out points as they can be: inside the source, and in order. None stays None."""
        end = self.last_index
        if first is not None:
            first = max(first, 0) if not end else max(0, min(first, end))
        if last is not None:
            last = max(last, 0) if not end else max(0, min(last, end))
        if first is not None and last is not None and last < first:
            first, last = last, first
        return first, last

    def time_of(self, index: int) -> float | None:
        """Seconds from the start at which frame `index` is expected; None where the source has no times."""
        if self.info is None or not self.info.fps or self.info.kind == "images":
            return None
        return index / self.info.fps

    def frames_in(self, seconds: float) -> int:
        """How many frames play in so many seconds; at least 1."""
        fps = self.info.fps if self.info else None
        return max(1, round(seconds * (fps or 1.0)))

    def position_text(self, brief: int = 0) -> str:
        """Time, and frame of how many; of photographs the file's name instead of the time.

        brief: 0 all of it, 1 without the duration or name, 2 without the time as well.
        """
        if self.info is None:
            return ""
        place = f"{self.index + 1}/{self.count}" if self.count else f"{self.index + 1}"
        if brief < 2:
            place = tr("frame {place}").format(place=place)
        if self.info.kind == "images":
            return f"{place}   {self.name}" if self.name and not brief else place
        if brief == 2:
            return place
        whole = f" / {clock_text(self.duration_s)}" if self.duration_s and not (self.live or brief) else ""
        return f"{clock_text(self.time_s)}{whole}   {place}"

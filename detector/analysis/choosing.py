"""Which frames of a source are analysed, and going on after any of them as if there had been no pause."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from detector.analysis.values import TIME_DIGITS
from detector.errors import NotDividedError, OptionError, SourceError
from detector.frames import Frame, FrameSource, Lull, Skimmable, SourceInfo
from detector.lockstep.extent import SLACK_S, Extent


@dataclass(frozen=True)
class Choice:
    """every: only frames whose index is a multiple of it. fps: of these at most so many a second, the first of each
    slot of 1 / fps seconds. from_s, to_s: only frames whose time is in `from_s <= time < to_s`.

    Raises:
        OptionError: it holds no frame.
    """

    every: int = 1
    fps: float | None = None
    from_s: float = 0.0
    to_s: float | None = None

    def __post_init__(self) -> None:
        Extent(self.from_s, self.to_s, self.every)
        if self.fps is not None and not (math.isfinite(self.fps) and self.fps > 0):
            raise OptionError(f"--fps is {self.fps:g}; it must be more than 0.")

    def expected(self, info: SourceInfo) -> int | None:
        """About how many frames will be analysed, None when nobody knows."""
        count = Extent(self.from_s, self.to_s, self.every).expected(info)
        rate = (info.fps or 0.0) / self.every
        if count is None or self.fps is None or rate <= self.fps:
            return count
        return math.ceil(count * self.fps / rate)

    def slot(self, time_s: float) -> int | None:
        """Which of the stretches of 1 / fps seconds a time lies in; None where every frame counts."""
        return None if self.fps is None else math.floor((time_s - self.from_s) * self.fps + SLACK_S)

    def is_past(self, time_s: float) -> bool:
        return self.to_s is not None and time_s >= self.to_s - SLACK_S


@dataclass(frozen=True)
class Spot:
    """Where an analysis stands: index and time (rounded as stored) of the last frame that was chosen."""

    index: int
    time_s: float


@dataclass(frozen=True)
class Stretch:
    """A part of a source.

    after: it begins after this frame; None: at the source's beginning. until: its last frame; None: the source's end.
    """

    after: int | None = None
    until: int | None = None


WHOLE = Stretch()


def chosen_frames(
    source: FrameSource,
    choice: Choice,
    after: Spot | None = None,
    stop: Callable[[], bool] = lambda: False,
    until: int | None = None,
) -> Iterator[Frame]:
    """The frames of an opened source that `choice` wants, from its beginning or after `after`, until `stop`, or up to
    and with frame `until`.

    What is not wanted is passed over as cheaply as the source can. Going on after a frame gives exactly the frames that
    would have come after it; see `stands_at` for getting there faster than from the beginning.

    Raises:
        SourceError: the source broke.
    """
    if after is None:
        begin(source, choice)
    skimmed = source if isinstance(source, Skimmable) else _Held(source)
    slot = None if after is None else choice.slot(after.time_s)
    while not stop() and (spot := skimmed.peek()) is not None:
        index, time_s = spot[0], round(spot[1], TIME_DIGITS)
        if choice.is_past(time_s) or (until is not None and index > until):
            return
        here = choice.slot(time_s)
        if (
            (after is not None and index <= after.index)
            or time_s < choice.from_s - SLACK_S
            or index % choice.every
            or (here is not None and slot is not None and here <= slot)
        ):
            skimmed.skip()
            continue
        slot = here
        frame = skimmed.read()
        if isinstance(frame, Frame):
            yield frame


def begin(source: FrameSource, choice: Choice) -> None:
    """Jump to where the choice begins, or a little before. Raises SourceError."""
    wanted_s = choice.from_s - SLACK_S
    if wanted_s <= 0 or not source.info.seekable:
        return
    if not isinstance(source, Skimmable):
        source.seek(max(0, int(wanted_s * (source.info.fps or 0)) - 1))
        return
    index = max(0, source.index_at(wanted_s) - 1)
    source.seek(index)
    spot = source.peek()
    if index > 0 and (spot is None or spot[1] >= wanted_s):
        # The time stamps were not the pictures': what was jumped over is decoded instead.
        source.seek(0)


def stands_at(source: FrameSource, spot: Spot) -> bool:
    """Jump to a frame that was chosen before. False where another one comes there, or damage on the way: only going
    through the source from its beginning, in a fresh one, then leads to the same frames.
    """
    if not source.info.seekable:
        return False
    try:
        source.seek(spot.index)
    except SourceError:
        # It is not there by time stamps; counted from the beginning it is.
        return False
    if not isinstance(source, Skimmable):
        return source.trouble == ""
    there = source.peek()
    return there is not None and Spot(there[0], round(there[1], TIME_DIGITS)) == spot and source.trouble == ""


def spot_at(source: FrameSource, index: int) -> Spot:
    """Jump to frame `index` of a source that has never been there.

    Raises:
        NotDividedError: it is not found exactly.
    """
    source.seek(index)
    there = source.peek() if isinstance(source, Skimmable) else None
    if there is None or there[0] != index or source.trouble:
        raise NotDividedError(f"{source.info.title} cannot be divided at frame {index}; analyse it in one piece.")
    return Spot(index, round(there[1], TIME_DIGITS))


class _Held:
    """Looking ahead in a source that cannot: the frame is read and held."""

    def __init__(self, source: FrameSource) -> None:
        self._source = source
        self._frame: Frame | Lull | None = None

    def peek(self) -> tuple[int, float] | None:
        while not isinstance(self._frame, Frame):
            self._frame = self._source.read()
            if self._frame is None:
                return None
        return self._frame.index, self._frame.time_s

    def read(self) -> Frame | Lull | None:
        frame, self._frame = self._frame, None
        return frame

    def skip(self) -> None:
        self._frame = None

"""Which frames of a source are looked at."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from detector.errors import OptionError
from detector.frames import Frame, FrameSource, Lull, SourceInfo

# Times of frames are sums of rounded fractions.
SLACK_S = 1e-4


@dataclass(frozen=True)
class Extent:
    """start_s, end_s: of the source's time, the end left out; every: only every so many frames; limit: at most so many.

    seconds: so long from the first frame on; of a live source, so long by the clock even where no frame comes.

    Raises:
        OptionError: it holds no frame.
    """

    start_s: float = 0.0
    end_s: float | None = None
    every: int = 1
    limit: int | None = None
    seconds: float | None = None

    def __post_init__(self) -> None:
        for option, count in (("every", self.every), ("limit", self.limit)):
            if count is not None and count < 1:
                raise OptionError(f"--{option} is {count}; it must be 1 or more.")
        if self.seconds is not None and not (math.isfinite(self.seconds) and self.seconds > 0):
            raise OptionError(f"--seconds is {self.seconds:g}; it must be more than 0.")
        if self.end_s is not None and self.end_s <= self.start_s:
            raise OptionError(f"--to is {self.end_s:g} s, which is not after --from, {self.start_s:g} s.")

    def ends_before(self, time_s: float, begun_s: float) -> bool:
        """Whether a frame at `time_s` is too late. begun_s: time of the first frame that was given."""
        ends = [self.end_s] if self.end_s is not None else []
        if self.seconds is not None:
            ends.append(begun_s + self.seconds)
        return any(time_s >= end - SLACK_S for end in ends)

    def expected(self, info: SourceInfo) -> int | None:
        """About how many frames will come, None when nobody knows."""
        if info.frame_count is None:
            return self.limit
        count = info.frame_count
        if info.fps:
            last = math.inf if self.end_s is None else self.end_s
            if self.seconds is not None:
                last = min(last, self.start_s + self.seconds)
            count = max(0, min(count, math.ceil(last * info.fps) if last < math.inf else count))
            count -= min(count, math.ceil(self.start_s * info.fps))
        count = -(-count // self.every)
        return count if self.limit is None else min(count, self.limit)


def parse_time(text: str) -> float:
    """Seconds of `12.5`, `1:02.5` or `1:00:00`.

    Raises:
        OptionError: it is no time.
    """
    parts = text.split(":")
    try:
        values = [float(part) for part in parts]
    except ValueError:
        values = []
    if not values or len(values) > 3 or not all(math.isfinite(value) and value >= 0 for value in values):
        raise OptionError(f"{text!r} is no time; give seconds such as 12.5, or minutes and seconds such as 1:02.5.")
    seconds = 0.0
    for value in values:
        seconds = 60 * seconds + value
    return seconds


def frames_within(
    source: FrameSource,
    extent: Extent,
    stop: Callable[[], bool] = lambda: False,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Frame]:
    """The frames of `source` that `extent` asks for, until `stop` says so.

    Raises:
        SourceError: the source broke.
    """
    info = source.info
    sought = extent.start_s > 0 and info.seekable and info.fps is not None
    if sought and info.fps is not None:
        source.seek(int(extent.start_s * info.fps))
    opened_s, begun_s, given = clock(), -1.0, 0
    while (extent.limit is None or given < extent.limit) and not stop():
        read = source.read()
        if read is None or (info.live and extent.seconds is not None and clock() - opened_s >= extent.seconds):
            return
        if isinstance(read, Lull):
            continue
        if sought and read.index > 0 and read.time_s > extent.start_s + SLACK_S:
            # The rate was not what the file declares: what was jumped over is read instead.
            sought = False
            source.seek(0)
            continue
        sought = False
        if read.time_s < extent.start_s - SLACK_S or read.index % extent.every:
            continue
        begun_s = read.time_s if begun_s < 0 else begun_s
        if extent.ends_before(read.time_s, begun_s):
            return
        given += 1
        yield read

"""A frame, and the protocol of everything that gives frames."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

SourceKind = Literal["camera", "stream", "video", "images", "sample"]


@dataclass(frozen=True)
class Frame:
    """One picture of a source. Nobody writes into `image` after it is made.

    image: RGB uint8 `[H, W, 3]`. index: from 0 in the source. time_s: presentation time from the source's start (live
    sources: since opening). name: the file's name where frames are files. taken_s: `time.monotonic()` when a live
    source's picture arrived; 0.0 where frames are files.
    """

    image: NDArray[np.uint8]
    index: int
    time_s: float
    name: str = ""
    taken_s: float = 0.0

    @property
    def size_wh(self) -> tuple[int, int]:
        return self.image.shape[1], self.image.shape[0]


@dataclass(frozen=True)
class Lull:
    """A live source has no new picture yet. sentence: why it takes longer than usual, "" when it is just not there."""

    sentence: str = ""


@dataclass(frozen=True)
class SourceInfo:
    """What is known of an open source.

    title: for people, without passwords. live: frames come when they come, and late ones are dropped. frame_count: None
    when unknown or endless. fps: frames per second, as declared or (live sources) as measured, None when unknown.
    seekable: whether `seek` works. note: one sentence worth telling once, such as a camera that gives less than was
    asked of it; "" for none.
    """

    title: str
    kind: SourceKind
    live: bool
    size_wh: tuple[int, int]
    fps: float | None = None
    frame_count: int | None = None
    seekable: bool = False
    note: str = ""

    @property
    def duration_s(self) -> float | None:
        return self.frame_count / self.fps if self.frame_count and self.fps else None


class FrameSource(Protocol):
    """An open source. Used from one thread only; whoever opens it closes it."""

    @property
    def info(self) -> SourceInfo: ...

    @property
    def trouble(self) -> str:
        """What was left out or lost of the source until now, in one sentence; "" while all of it could be read.

        It never stops the source: damage is stepped over, and `read` goes on. What stops it is a SourceError.
        """

    def read(self) -> Frame | Lull | None:
        """The next frame, or None at the end. A live source gives its newest frame, and a Lull where none came.

        A live source never waits longer than a quarter of a second and has no end; its frames are counted as they
        arrive, so that a gap between two indices is the number of frames nobody saw.

        Raises:
            SourceError: the source broke; frames read before stay good.
        """

    def seek(self, index: int) -> None:
        """Make the next `read` return frame `index` exactly (clamped to what exists)."""

    def close(self) -> None:
        """Give back files and devices. Reading afterwards is an error; closing twice is not."""


@runtime_checkable
class Skimmable(FrameSource, Protocol):
    """A source that passes over frames for less than reading them costs."""

    def peek(self) -> tuple[int, float] | None:
        """Index and time in seconds of the frame that `read` gives next, or None at the end."""

    def skip(self) -> None:
        """Pass over the frame that `read` would give next."""

    def index_at(self, time_s: float) -> int:
        """The first frame that is not before `time_s`; 0 where the source cannot tell."""


def frames_of(source: FrameSource) -> Iterator[Frame]:
    """The frames of `source` to its end; where a live one has none yet, it is waited for.

    Raises:
        SourceError: the source broke.
    """
    while (frame := source.read()) is not None:
        if not isinstance(frame, Lull):
            yield frame

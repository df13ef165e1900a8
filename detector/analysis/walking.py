"""Going through a journal once, for whatever is made of it: frames, how long each is shown, who is tracked on it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from detector.analysis.journal import Journal, JournalHead
from detector.analysis.values import StoredFrame

FALLBACK_FPS = 25.0
TAIL_BYTES = 256 * 1024
FRAMES_PER_LOOK = 64
UNTRACKED = -1
"""In place of a track's number, for what belongs to none."""


@dataclass(frozen=True)
class PassProgress:
    """step: what is being made, in a word or two. done, expected: frames."""

    step: str
    done: int
    expected: int


class StopAsked(Protocol):
    """What says that a pass shall stop: a `threading.Event`, or anything that can be asked the same."""

    def is_set(self) -> bool: ...


class PassStoppedError(Exception):
    """A pass was asked to stop. What it was writing is gone, what was finished before stays."""


@dataclass(frozen=True)
class Watch:
    """How a pass tells how far it is, and learns that it shall stop."""

    progress: Callable[[PassProgress], None] = lambda _progress: None
    stop: StopAsked | None = None

    def look(self, step: str, done: int, expected: int) -> None:
        """Tell, now and then. Raises PassStoppedError."""
        if self.stop is not None and self.stop.is_set():
            raise PassStoppedError(step)
        if done % FRAMES_PER_LOOK == 0 or done == expected:
            self.progress(PassProgress(step, done, expected))


@dataclass(frozen=True)
class Shown:
    """A frame and how long its findings hold.

    until_s: time of the next analysed frame, in seconds from the source's start; of the last one, a usual step later.
    track_ids: int32 `[K]`, from 1, `UNTRACKED` where a detection belongs to no track; None where nothing was tracked.
    """

    frame: StoredFrame
    until_s: float
    track_ids: NDArray[np.int32] | None = None

    @property
    def duration_s(self) -> float:
        return self.until_s - self.frame.time_s


def step_s(head: JournalHead) -> float:
    """Seconds from one analysed frame to the next, by the declared rate; the frames' own times may differ."""
    step = head.settings.every / (head.source.fps or FALLBACK_FPS)
    return max(step, 1 / head.settings.fps) if head.settings.fps else step


def walk(
    journal: Journal,
    track_ids: Iterator[NDArray[np.int32]] | None = None,
    frames: Iterator[StoredFrame] | None = None,
) -> Iterator[Shown]:
    """Every analysed frame in order, each read when it is wanted.

    Args:
        track_ids: per frame, as `TrackTable.ids` gives them. frames: those of the journal that are wanted; all of them
            by default.

    Raises:
        SourceError: the journal is damaged. ValueError: the ids are not of this journal.
    """
    before: tuple[StoredFrame, NDArray[np.int32] | None] | None = None
    for frame in journal.frames() if frames is None else frames:
        ids = None if track_ids is None else next(track_ids, None)
        if track_ids is not None and (ids is None or len(ids) != len(frame)):
            raise ValueError(f"the tracks of {journal.folder.path} do not fit its journal")
        if before is not None:
            # Times that run backwards make a frame that is not seen, no negative one.
            yield Shown(before[0], max(frame.time_s, before[0].time_s), before[1])
        before = frame, ids
    if before is not None:
        yield Shown(before[0], before[0].time_s + step_s(journal.head), before[1])


def last_frame(journal: Journal) -> tuple[int, float]:
    """Index and time of the last analysed frame, from the end of the file; -1 and 0.0 where there is none."""
    with open(journal.path, "rb") as file:
        file.seek(max(0, journal.path.stat().st_size - TAIL_BYTES))
        lines = file.read().split(b"\n")
    # The first may begin midway, the last is empty or torn.
    for line in reversed(lines[:-1]):
        if line.startswith(b'{"frame":'):
            document = json.loads(line)
            return document["frame"], document["time_s"]
    return -1, 0.0


def frame_span(journal: Journal) -> int:
    """How many frames the source has, as far as is known: declared, or one more than the last analysed."""
    last, _time_s = last_frame(journal)
    return max(journal.head.source.frame_count or 0, last + 1)


def fingerprint(journal: Journal) -> str:
    """Tells a finished journal from every other: of its head, its length and its last lines, as hexadecimal digits."""
    size = journal.path.stat().st_size
    with open(journal.path, "rb") as file:
        head = file.readline()
        file.seek(max(0, size - TAIL_BYTES))
        return hashlib.sha256(head + str(size).encode() + file.read()).hexdigest()[:32]


def key_of(journal: Journal, **options: Any) -> str:
    """Names what a file is made of: the journal, and what was asked for. Equal keys, equal files."""
    asked = json.dumps(options, sort_keys=True, default=asdict)
    return f"{fingerprint(journal)}-{hashlib.sha256(asked.encode()).hexdigest()[:8]}"


def installed_version(package: str) -> str:
    """Of a package as it is installed; "" where its files are there without being installed, as in a bundle."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""

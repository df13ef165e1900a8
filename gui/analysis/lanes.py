"""What the lanes of a timeline show: which classes, how densely, and which tracks in which row. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.analysis.presence import Presence
from gui.analysis.scale import Scale

MOST_ROWS = 3
"""Of bars in a lane; tracks for which there is no room in these lie over others in the last one."""
FAINTEST = 0.35
"""Of 0 to 1: the thinnest presence is still to be seen."""


@dataclass(frozen=True)
class Tracks:
    """Tracks in the order of their first frames: int32 `[T]` each; `best`, in hundredths, is the best score."""

    ids: NDArray[np.int32]
    labels: NDArray[np.int32]
    firsts: NDArray[np.int32]
    lasts: NDArray[np.int32]
    best: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.ids)

    @staticmethod
    def of(rows: Sequence[tuple[int, int, int, int, int]]) -> Tracks:
        """From (id, label, first, last, best) in any order."""
        table = np.asarray(sorted(rows, key=lambda row: (row[2], row[0])), np.int32).reshape(-1, 5)
        return Tracks(*(np.ascontiguousarray(table[:, column]) for column in range(5)))

    def where(self, kept: NDArray[np.bool_]) -> Tracks:
        return Tracks(self.ids[kept], self.labels[kept], self.firsts[kept], self.lasts[kept], self.best[kept])


@dataclass(frozen=True)
class Filter:
    """What of the results is to be seen.

    words: part of a class name, or "#" and the number of a track, or "" for everything. floor: the lowest score, in
    hundredths.
    """

    words: str = ""
    floor: int = 0

    @property
    def track(self) -> int | None:
        """The track that is asked for."""
        number = self.words.strip().removeprefix("#")
        return int(number) if self.words.strip().startswith("#") and number.isdecimal() else None


@dataclass(frozen=True)
class Lane:
    """One class. frames: on how many it was found. tracks: how many objects, 0 where nothing was tracked."""

    label: int
    name: str
    frames: int
    tracks: int
    rows: tuple[Tracks, ...]


def lanes_of(presence: Presence, class_names: Sequence[str], tracks: Tracks | None, wanted: Filter) -> list[Lane]:
    """The lanes that a filter leaves, the class on most frames first."""
    if tracks is not None and wanted.floor:
        tracks = tracks.where(tracks.best >= wanted.floor)
    if tracks is not None and wanted.track is not None:
        tracks = tracks.where(tracks.ids == wanted.track)
    words = "" if wanted.words.strip().startswith("#") else wanted.words.strip().casefold()
    lanes = []
    for label in presence.labels:
        name = class_names[label]
        own = tracks.where(tracks.labels == label) if tracks is not None else None
        if words not in name.casefold() or (wanted.track is not None and not own):
            continue
        frames = presence.frame_total(label, wanted.floor)
        if frames:
            lanes.append(Lane(label, name, frames, len(own) if own else 0, packed(own) if own else ()))
    return sorted(lanes, key=lambda lane: (-lane.frames, lane.name))


def packed(tracks: Tracks) -> tuple[Tracks, ...]:
    """The tracks in rows, in each of which one ends before the next begins; the last of `MOST_ROWS` takes the rest."""
    ends = [-1] * MOST_ROWS
    row_of = np.zeros(len(tracks), np.int32)
    for number, (first, last) in enumerate(zip(tracks.firsts.tolist(), tracks.lasts.tolist(), strict=True)):
        row = next((row for row, end in enumerate(ends) if end < first), MOST_ROWS - 1)
        row_of[number], ends[row] = row, max(ends[row], last)
    return tuple(tracks.where(row_of == row) for row in range(int(row_of.max(initial=0)) + 1))


def density(presence: Presence, label: int, scale: Scale, floor: int = 0) -> NDArray[np.float64]:
    """How strongly to paint each pixel of a lane, `[width]`, 0 to 1: by how many there are on its frames on average."""
    rows = presence.within(*scale.columns())
    counts = presence.counts(label, rows, floor)
    mean = counts / np.maximum(rows[:, 1] - rows[:, 0], 1)
    most = mean.max(initial=0.0)
    if most == 0:
        return mean
    return np.where(counts > 0, FAINTEST + (1 - FAINTEST) * mean / most, 0.0)


def bars(row: Tracks, scale: Scale) -> list[tuple[int, int]]:
    """The bars of a row as pixels (first, one after the last). A track that begins leaves a pixel before it free."""
    firsts, lasts = scale.columns()
    begun = np.searchsorted(row.firsts, lasts, side="right")
    # Only where tracks lie over each other are their ends not in order.
    ended = np.searchsorted(np.maximum.accumulate(row.lasts), firsts, side="left") if len(row) else begun
    covered = (begun > ended) & (firsts >= 0)
    before = np.r_[0, begun[:-1]]
    covered[:-1] &= ~((begun[1:] > before[1:]) & covered[1:] & (scale.per_px < 1))
    edges = np.flatnonzero(np.diff(np.r_[False, covered, False]))
    return [(int(first), int(end)) for first, end in edges.reshape(-1, 2)]

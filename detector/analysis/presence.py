"""Which classes are on which frames, in a few bytes a frame: what a timeline of hours is drawn of.

A journal is read once, in portions, also while it is being written; what is kept is where the lines of its frames begin
and, by class, on which frames it was found with which score. Everything that is asked is answered by looking up places
in sorted rows, so that the answer for ten hours takes no longer than that for a minute.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.analysis.folder import ResultFolder
from detector.analysis.journal import documents
from detector.errors import SourceError

PORTION = 10_000
"""Frames that are read at once: about a tenth of a second."""


@dataclass(frozen=True)
class Portion:
    """What was read at once.

    frames: int32 `[F]`, indices of analysed frames. starts: int64 `[F]`, where their lines begin, in bytes. numbers:
    int32 `[F]`, of these lines, from 1. places, by label: int32 `[K]`, the rows of all frames of the journal that the
    class was found on, one per detection, ascending. hundredths, by label: uint8 `[K]`, their scores in hundredths,
    rounded down. ended: the last line was read.
    """

    frames: NDArray[np.int32]
    starts: NDArray[np.int64]
    numbers: NDArray[np.int32]
    places: dict[int, NDArray[np.int32]]
    hundredths: dict[int, NDArray[np.uint8]]
    ended: bool

    def __len__(self) -> int:
        return len(self.frames)


class PresenceReader:
    """Reads the journal of a folder from its beginning on. For one thread at a time."""

    def __init__(self, folder: ResultFolder, most: int = PORTION) -> None:
        self.folder = folder
        self._most = most
        self._position, self._lines, self._frames = 0, 0, 0

    def more(self) -> Portion:
        """The frames that come next, none where the journal goes no further by now.

        Raises:
            SourceError: there is no journal, or it is damaged.
        """
        finished = self.folder.journal
        path = finished if finished.is_file() else self.folder.unfinished_journal
        frames: list[int] = []
        starts: list[int] = []
        numbers: list[int] = []
        places: dict[int, list[int]] = defaultdict(list)
        hundredths: dict[int, list[int]] = defaultdict(list)
        ended = False
        try:
            for document, end in documents(path, self._position, self._lines + 1):
                if "frame" in document:
                    frames.append(document["frame"])
                    starts.append(self._position)
                    numbers.append(self._lines + 1)
                    for label, score, *_ in document["found"]:
                        places[label].append(self._frames)
                        hundredths[label].append(_hundredths(score))
                    self._frames += 1
                ended = ended or bool(document.get("end"))
                self._position, self._lines = end, self._lines + 1
                if len(frames) == self._most:
                    break
        except OSError as error:
            raise SourceError(f"{path} cannot be read: {error.strerror or error}.") from error
        except (KeyError, ValueError, TypeError) as error:
            raise SourceError(
                f"{path} is damaged in line {self._lines + 1}; delete it and analyse the file again."
            ) from error
        return Portion(
            np.asarray(frames, np.int32),
            np.asarray(starts, np.int64),
            np.asarray(numbers, np.int32),
            {label: np.asarray(rows, np.int32) for label, rows in places.items()},
            {label: np.asarray(rows, np.uint8) for label, rows in hundredths.items()},
            ended,
        )


def _hundredths(score: float) -> int:
    # By way of the stored digits, so that 0.29 is 29 of them.
    return round(score * 10_000) // 100


@dataclass
class Rows:
    """The detections of one class: `places` and `hundredths` as in a `Portion`, and what a filter left of them."""

    places: Growing = field(default_factory=lambda: Growing(np.dtype(np.int32)))
    hundredths: Growing = field(default_factory=lambda: Growing(np.dtype(np.uint8)))
    kept_for: tuple[int, int] = (0, 0)
    kept: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))

    def above(self, floor: int) -> NDArray[np.int32]:
        """The places whose score is at least so many hundredths."""
        key = (floor, len(self.places))
        if key != self.kept_for:
            self.kept_for, self.kept = key, self.places.rows[self.hundredths.rows >= floor]
        return self.kept


class Growing:
    """An array that rows are added to at its end; adding costs the same however many there are."""

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self._room = np.zeros(1024, dtype)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def rows(self) -> NDArray[Any]:
        """All of them; not to be written to."""
        return self._room[: self._count]

    def extend(self, rows: NDArray[Any]) -> None:
        wanted = self._count + len(rows)
        if wanted > len(self._room):
            room = np.zeros(max(wanted, 2 * len(self._room)), self._room.dtype)
            room[: self._count] = self.rows
            self._room = room
        self._room[self._count : wanted] = rows
        self._count = wanted


class Presence:
    """What was read of a journal until now. `floor` is always a score in hundredths, below which nothing counts.

    Frames between two analysed ones (`--every`) count as the one before them.
    """

    def __init__(self) -> None:
        self._frames = Growing(np.dtype(np.int32))
        self._starts = Growing(np.dtype(np.int64))
        self._numbers = Growing(np.dtype(np.int32))
        self._of: dict[int, Rows] = {}
        self.ended = False

    def __len__(self) -> int:
        """How many frames were analysed."""
        return len(self._frames)

    @property
    def labels(self) -> tuple[int, ...]:
        """The classes that were found, in label order."""
        return tuple(sorted(self._of))

    @property
    def frames(self) -> NDArray[np.int32]:
        """The indices of the analysed frames, ascending."""
        return self._frames.rows

    @property
    def step(self) -> int:
        """How many frames an analysed one stands for: 1 where every frame was analysed."""
        first = self.frames[:1000]
        return max(1, int(np.median(np.diff(first)))) if len(first) > 1 else 1

    def extend(self, portion: Portion) -> None:
        """Add what was read next."""
        self._frames.extend(portion.frames)
        self._starts.extend(portion.starts)
        self._numbers.extend(portion.numbers)
        for label, places in portion.places.items():
            rows = self._of.setdefault(label, Rows())
            rows.places.extend(places)
            rows.hundredths.extend(portion.hundredths[label])
        self.ended = self.ended or portion.ended

    def row_of(self, index: int) -> int | None:
        """The row of the analysed frame `index`; None where it was not analysed."""
        row = int(np.searchsorted(self.frames, index))
        return row if row < len(self) and self.frames[row] == index else None

    def line(self, row: int) -> tuple[int, int]:
        """Where the line of the frame in that row begins, in bytes, and its number, from 1."""
        return int(self._starts.rows[row]), int(self._numbers.rows[row])

    def total(self, label: int, floor: int = 0) -> int:
        """How many detections of a class there are."""
        return len(self._above(label, floor))

    def frame_total(self, label: int, floor: int = 0) -> int:
        """On how many frames a class was found."""
        places = self._above(label, floor)
        return int(np.count_nonzero(np.diff(places))) + 1 if len(places) else 0

    def within(self, firsts: NDArray[np.int64], lasts: NDArray[np.int64]) -> NDArray[np.int64]:
        """The rows of frames that stand for each of `[N]` ranges of frame indices, both ends included.

        Returns:
            int64 `[N, 2]`, the first row and the one after the last.
        """
        frames = self.frames
        begin = np.searchsorted(frames, firsts, side="right") - 1
        end = np.searchsorted(frames, lasts, side="right")
        # A frame stands for those up to the next one, and the last one for no more than others do.
        before = frames[np.maximum(begin, 0)] if len(frames) else np.zeros(len(begin), np.int32)
        stands = (begin >= 0) & (before + self.step > firsts)
        begin = np.where(stands, begin, begin + 1)
        return np.stack((begin, np.maximum(end, begin)), axis=1).astype(np.int64)

    def counts(self, label: int, rows: NDArray[np.int64], floor: int = 0) -> NDArray[np.int64]:
        """How many detections of a class each of these ranges of rows `[N, 2]` has, `[N]`."""
        found = np.searchsorted(self._above(label, floor), rows)
        return np.asarray(found[:, 1] - found[:, 0], np.int64)

    def first_within(self, label: int, first: int, last: int, floor: int = 0) -> int | None:
        """The first frame from `first` to `last` that the class was found on."""
        ((begin, end),) = self.within(np.array([first]), np.array([last])).tolist()
        places = self._above(label, floor)
        at = int(np.searchsorted(places, begin))
        return int(self.frames[places[at]]) if at < len(places) and places[at] < end else None

    def best_within(self, label: int, first: int, last: int) -> int | None:
        """The frame from `first` to `last` on which the class was found with the best score; of equals the first."""
        rows = self._of.get(label)
        if rows is None:
            return None
        ((begin, end),) = np.searchsorted(rows.places.rows, self.within(np.array([first]), np.array([last]))).tolist()
        if begin == end:
            return None
        return int(self.frames[rows.places.rows[begin + int(rows.hundredths.rows[begin:end].argmax())]])

    def best_on(self, label: int, row: int) -> tuple[int, float]:
        """How many of a class were found on the frame in that row, and the best score, to the hundredth below."""
        rows = self._of.get(label)
        if rows is None:
            return 0, 0.0
        begin, end = np.searchsorted(rows.places.rows, [row, row + 1]).tolist()
        best = int(rows.hundredths.rows[begin:end].max(initial=0))
        return end - begin, best / 100

    def spans(self, label: int, gap: int, floor: int = 0) -> NDArray[np.int32]:
        """From which to which frame a class is seen, int32 `[S, 2]`, both included; shorter gaps are none."""
        places = self._above(label, floor)
        if len(places) == 0:
            return np.zeros((0, 2), np.int32)
        frames = self.frames[places]
        apart = np.flatnonzero(np.diff(frames) > max(gap, self.step))
        return np.stack((frames[np.r_[0, apart + 1]], frames[np.r_[apart, len(frames) - 1]]), axis=1)

    def _above(self, label: int, floor: int) -> NDArray[np.int32]:
        rows = self._of.get(label)
        return rows.above(floor) if rows is not None else np.zeros(0, np.int32)

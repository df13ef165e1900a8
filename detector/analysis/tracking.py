"""Tracks: which detections of which frames are one object. A pass over the journal, kept beside it.

`tracks.jsonl` is JSON Lines, UTF-8. The first line says what it is of (`looktwice`, `format`, `of`: which journal and
options, `tracker`, `library`). Then one line for each line of the journal, in its order, with a number for each of its
detections, from 1, or -1 for none:

    {"frame": 12, "ids": [3, 1, -1]}

Then one line per track, in the order of their numbers:

    {"track": 3, "label": 0, "first_frame": 10, "last_frame": 95, "first_s": 0.4, "last_s": 3.8, "frames": 80,
     "best_score": 0.9312}

`label` is the one that most of the track's scores stand for. The last line is
`{"end": true, "tracks": 7, "at": 81234}`; `at` is the byte where the tracks begin.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field

import numpy as np
from numpy.typing import NDArray

from detector.analysis.folder import ResultFolder
from detector.analysis.journal import Journal
from detector.analysis.sinks import GatheredRows
from detector.analysis.tracker import ObjectTracker, library_version
from detector.analysis.values import SCORE_DIGITS, StoredFrame
from detector.analysis.walking import UNTRACKED, Watch, key_of, last_frame
from detector.errors import SourceError
from detector.writers import JsonLinesWriter, partial_path

FORMAT = 1
END_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Track:
    """One object, from the first frame it was found on to the last.

    track: its number, from 1. frames: on how many analysed frames it was found, gaps not counted. first_s, last_s:
    times of the first and last frame. best_score: the highest, 0..1.
    """

    track: int
    label: int
    first_frame: int
    last_frame: int
    first_s: float
    last_s: float
    frames: int
    best_score: float


class TrackTable:
    """The tracks of a journal, read back.

    tracks: every one, by number; a few bytes each. frames_end: the byte where the lines of frames end.
    tracker, library: what gave the numbers. of: what they were made of, see `walking.key_of`.

    Raises:
        SourceError: there are none, or they are damaged.
    """

    def __init__(self, folder: ResultFolder) -> None:
        self.path = folder.tracks
        try:
            with open(self.path, "rb") as file:
                head = json.loads(file.readline())
                file.seek(max(0, self.path.stat().st_size - END_BYTES))
                end = json.loads(file.read().splitlines()[-1])
                if head["looktwice"] != "tracks" or head["format"] > FORMAT or not end["end"]:
                    raise KeyError("looktwice")
                file.seek(end["at"])
                self.tracks = tuple(Track(**json.loads(file.readline())) for _ in range(end["tracks"]))
        except FileNotFoundError as error:
            raise SourceError(f"{folder.path} holds no tracks; analyse with --track bytetrack first.") from error
        except (OSError, ValueError, KeyError, IndexError, TypeError) as error:
            raise SourceError(f"{self.path} is damaged; delete it and track again.") from error
        self.tracker: str = head["tracker"]
        self.library: str = head["library"]
        self.of: str = head["of"]
        self.frames_end: int = end["at"]

    def ids(self, start: int = 0) -> Iterator[NDArray[np.int32]]:
        """Per line of the journal: int32 `[K]`, one number per detection, from 1, `UNTRACKED` for none.

        Read line by line, beside `Journal.frames()`. Raises SourceError where a line is damaged.

        Args:
            start: the byte where to begin, which begins a line; 0 for the first frame.
        """
        for _index, ids in self.numbered(start):
            yield ids

    def numbered(self, start: int = 0) -> Iterator[tuple[int, NDArray[np.int32]]]:
        """The same with the index of the frame."""
        with open(self.path, "rb") as file:
            position = start or len(file.readline())
            file.seek(position)
            while position < self.frames_end:
                line = file.readline()
                position += len(line)
                try:
                    document = json.loads(line)
                    yield document["frame"], np.asarray(document["ids"], np.int32)
                except (ValueError, KeyError) as error:
                    raise SourceError(f"{self.path} is damaged; delete it and track again.") from error

    def labels(self) -> dict[int, int]:
        """Number of a track -> its label."""
        return {track.track: track.label for track in self.tracks}


def read_tracks(folder: ResultFolder) -> TrackTable:
    """The tracks in a result folder. Raises SourceError: there are none, or they are damaged."""
    return TrackTable(folder)


def tracks_of(journal: Journal, tracker: str | None = None) -> TrackTable | None:
    """The stored tracks of this very journal (and this tracker); None where there are none that fit."""
    if not journal.folder.tracks.is_file():
        return None
    try:
        table = TrackTable(journal.folder)
    except SourceError:
        # They are made of the journal, and can be made again.
        return None
    return table if tracker in (None, table.tracker) and table.of == _key(journal, table.tracker) else None


def track_journal(journal: Journal, tracker: str, watch: Watch | None = None) -> TrackTable:
    """Follow the objects of a journal and store their tracks in its folder. The same journal gives the same bytes.

    Args:
        tracker: "bytetrack" or "sort".

    Raises:
        OptionError: there is no such tracker. OutputError: the file cannot be written. SourceError: the journal is
        damaged. PassStoppedError: it was asked to stop; nothing is left of it.
    """
    watch = watch or Watch()
    expected = _expected(journal)
    following = ObjectTracker(tracker, journal.head)
    writer = _TrackWriter(journal, tracker)
    try:
        for count, frame in enumerate(journal.frames()):
            watch.look("tracks", count, expected)
            writer.take(following.update(frame))
        writer.take(following.finish())
        writer.finish()
    finally:
        writer.close()
    return TrackTable(journal.folder)


def _expected(journal: Journal) -> int:
    end = journal.end()
    return last_frame(journal)[0] + 1 if end is None else end.frames


def _key(journal: Journal, tracker: str) -> str:
    return key_of(journal, tracker=tracker, library=library_version(), format=FORMAT)


@dataclass(slots=True)
class _Growing:
    """A track while it is followed."""

    first_frame: int
    first_s: float
    last_frame: int = 0
    last_s: float = 0.0
    frames: int = 0
    best_score: float = 0.0
    scores: dict[int, float] = field(default_factory=lambda: defaultdict(float))

    def add(self, frame: StoredFrame, row: int) -> None:
        score = float(frame.scores[row])
        self.last_frame, self.last_s = frame.index, frame.time_s
        self.frames += 1
        self.best_score = max(self.best_score, score)
        self.scores[int(frame.labels[row])] += score

    def track(self, number: int) -> Track:
        # Of labels with equal sums the lower one.
        label = min(self.scores, key=lambda one: (-self.scores[one], one))
        return Track(
            number, label, self.first_frame, self.last_frame, self.first_s, self.last_s, self.frames,
            round(self.best_score, SCORE_DIGITS),
        )  # fmt: skip


class _TrackWriter:
    """Writes ids as they come, then the tracks. Leaves nothing where it is not finished."""

    def __init__(self, journal: Journal, tracker: str) -> None:
        self._rows = GatheredRows(JsonLinesWriter(journal.folder.tracks))
        self._tracks: dict[int, _Growing] = {}
        self._rows.add(
            [{"looktwice": "tracks", "format": FORMAT, "of": _key(journal, tracker), "tracker": tracker,
              "library": library_version()}]
        )  # fmt: skip

    def take(self, done: tuple[StoredFrame, NDArray[np.int32]] | None) -> None:
        if done is None:
            return
        frame, ids = done
        self._rows.add([{"frame": frame.index, "ids": ids.tolist()}])
        for row, number in enumerate(ids.tolist()):
            if number != UNTRACKED:
                self._tracks.setdefault(number, _Growing(frame.index, frame.time_s)).add(frame, row)

    def finish(self) -> None:
        self._rows.flush()
        at = partial_path(self._rows.path).stat().st_size
        for number in sorted(self._tracks):
            self._rows.add([asdict(self._tracks[number].track(number))])
        self._rows.add([{"end": True, "tracks": len(self._tracks), "at": at}])
        self._rows.finish()

    def close(self) -> None:
        self._rows.close()

"""What there is of each class in a whole source: on how many frames, for how long, from when to when, how many at once.

`summary.json` is one object: `source`, `settings` and `trouble` as in `about.json`; `frames` and `seconds` that were
looked at; `tracks`, or null where nothing was tracked; `classes`, a list with one object per class that was found, most
seconds first; `timeline` with `from_s`, `to_s` and, by class name, the mean number at once in each of equal parts;
`counts` as in `counts.json`, or null where no lines and zones were given.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from detector.analysis.bins import Bins
from detector.analysis.journal import Journal
from detector.analysis.tracking import TrackTable
from detector.analysis.values import TIME_DIGITS, StoredFrame, as_document
from detector.analysis.walking import Shown, last_frame, step_s

TIMELINE_PARTS = 240
MEAN_DIGITS = 3


@dataclass(frozen=True)
class Moment:
    """A frame of the source and its time in seconds."""

    frame: int
    time_s: float


@dataclass(frozen=True)
class ClassSummary:
    """What there is of one class.

    detections: boxes on all frames. frames: analysed ones with the class. seconds: how long it is on screen, each frame
    counted until the next analysed one. first, last: frames with the class. most: the most at once. most_at: where; of
    several such frames the one with the highest scores. tracks: unique objects, None where nothing was tracked.
    """

    name: str
    label: int
    detections: int
    frames: int
    seconds: float
    first: Moment
    last: Moment
    most: int
    most_at: Moment
    tracks: int | None


@dataclass(frozen=True)
class Summary:
    """A whole source. frames, seconds: looked at. timeline: class name -> mean number at once in equal parts."""

    frames: int
    seconds: float
    from_s: float
    to_s: float
    classes: tuple[ClassSummary, ...]
    timeline: Mapping[str, tuple[float, ...]]
    tracks: int | None
    trouble: str


@dataclass
class _Growing:
    first: Moment
    last: Moment
    most_at: Moment
    detections: int = 0
    frames: int = 0
    seconds: float = 0.0
    most: tuple[int, float] = (0, 0.0)


class SummaryMaker:
    """Takes the frames of a journal in order and sums them up; its size does not depend on how many there are."""

    def __init__(self, journal: Journal, tracks: TrackTable | None) -> None:
        self._journal, self._tracks = journal, tracks
        self._class_names = journal.class_names
        self._from_s = journal.head.settings.from_s
        self._to_s = max(last_frame(journal)[1] + step_s(journal.head), self._from_s)
        self._bins = Bins(len(self._class_names), TIMELINE_PARTS, self._from_s, self._to_s)
        self._classes: dict[int, _Growing] = {}
        self.peaks: dict[int, StoredFrame] = {}
        """Label -> the frame where most are at once."""
        self._frames, self._seconds = 0, 0.0

    def write(self, shown: Shown) -> None:
        """Take the next frame."""
        frame = shown.frame
        self._frames += 1
        self._seconds += shown.duration_s
        counts = np.bincount(frame.labels, minlength=len(self._class_names))
        self._bins.add(frame.time_s, shown.until_s, counts)
        moment = Moment(frame.index, frame.time_s)
        for label in np.flatnonzero(counts).tolist():
            one = self._classes.setdefault(label, _Growing(moment, moment, moment))
            count = int(counts[label])
            one.detections += count
            one.frames += 1
            one.seconds += shown.duration_s
            one.last = moment
            most = count, float(frame.scores[frame.labels == label].sum())
            if most > one.most:
                one.most, one.most_at = most, moment
                self.peaks[label] = frame

    def summary(self) -> Summary:
        """What there is, after the last frame."""
        tracked = None if self._tracks is None else Counter(track.label for track in self._tracks.tracks)
        classes = [
            ClassSummary(
                self._class_names[label], label, one.detections, one.frames, round(one.seconds, TIME_DIGITS),
                one.first, one.last, one.most[0], one.most_at, None if tracked is None else tracked[label],
            )
            for label, one in self._classes.items()
        ]  # fmt: skip
        classes.sort(key=lambda one: (-one.seconds, one.label))
        means = self._bins.means()
        end = self._journal.end()
        return Summary(
            self._frames,
            round(self._seconds, TIME_DIGITS),
            self._from_s,
            round(self._to_s, TIME_DIGITS),
            tuple(classes),
            {one.name: tuple(round(float(mean), MEAN_DIGITS) for mean in means[one.label]) for one in classes},
            None if self._tracks is None else len(self._tracks.tracks),
            "" if end is None else end.trouble,
        )


def summary_document(journal: Journal, summary: Summary, counts: Mapping[str, Any] | None) -> dict[str, Any]:
    """What `summary.json` holds."""
    return {
        "looktwice": "summary",
        "source": as_document(journal.head.source),
        "settings": as_document(journal.head.settings),
        "trouble": summary.trouble,
        "frames": summary.frames,
        "seconds": summary.seconds,
        "tracks": summary.tracks,
        "classes": [asdict(one) for one in summary.classes],
        "timeline": {"from_s": summary.from_s, "to_s": summary.to_s, "classes": dict(summary.timeline)},
        "counts": counts,
    }

"""When each class is there: spans to jump between, and how much of it there is along the film."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from detector.analysis.bins import Bins
from detector.analysis.journal import Journal
from detector.analysis.values import StoredFrame
from detector.analysis.walking import frame_span, step_s

MERGE_GAP_S = 0.5
Span = tuple[int, int]
"""First and last frame on which something was found."""


def class_spans(journal: Journal, gap_s: float = MERGE_GAP_S, least_score: float = 0.0) -> dict[int, list[Span]]:
    """When each class is on screen: label -> spans of frames, in order. Labels that were never found are left out.

    Args:
        gap_s: absences shorter than this do not part a span; a gap to the next analysed frame never does.
        least_score: detections below do not count.

    Raises:
        SourceError: the journal is damaged.
    """
    open_spans: dict[int, tuple[int, int, float]] = {}
    spans: dict[int, list[Span]] = {}
    # Frames are `step` apart, and one that is missed leaves a gap of two steps.
    longest = max(gap_s, 1.5 * step_s(journal.head))
    before_s = 0.0
    for frame in journal.frames():
        for label in np.unique(frame.labels[frame.scores >= least_score]).tolist():
            first, last, seen_s = open_spans.get(label, (frame.index, frame.index, frame.time_s))
            # Uneven times: what was there on the analysed frame before is there still.
            if frame.time_s - seen_s > longest and seen_s < before_s:
                spans.setdefault(label, []).append((first, last))
                first = frame.index
            open_spans[label] = first, frame.index, frame.time_s
        before_s = frame.time_s
    for label, (first, last, _seen_s) in open_spans.items():
        spans.setdefault(label, []).append((first, last))
    return dict(sorted(spans.items()))


def density(journal: Journal, bins: int, least_score: float = 0.0) -> NDArray[np.float32]:
    """How many of each class are on screen at once along the source: the mean in each of `bins` equal parts.

    The parts divide the frames from 0 to the end of the source (see `frame_span`), so that they stand under a timeline.
    What was found on a frame holds until the next analysed one.

    Returns:
        float32 `[C, bins]`; 0 where nothing was found, and where nothing was analysed.

    Raises:
        SourceError: the journal is damaged.
    """
    total = frame_span(journal)
    classes = len(journal.class_names)
    parts = Bins(classes, bins, 0, total)
    for frame, until in _held(journal, total):
        parts.add(frame.index, until, np.bincount(frame.labels[frame.scores >= least_score], minlength=classes))
    return parts.means()


def _held(journal: Journal, total: int) -> Iterator[tuple[StoredFrame, int]]:
    """Each frame, and the index up to which its findings hold."""
    before: StoredFrame | None = None
    for frame in journal.frames():
        if before is not None:
            yield before, frame.index
        before = frame
    if before is not None:
        yield before, min(total, before.index + journal.head.settings.every)


def next_appearance(spans: Sequence[Span], frame: int) -> int | None:
    """The first frame after `frame` on which a span begins; None where there is none. Spans are in order."""
    place = bisect_right(spans, frame, key=lambda span: span[0])
    return spans[place][0] if place < len(spans) else None


def previous_appearance(spans: Sequence[Span], frame: int) -> int | None:
    """The last frame before `frame` on which a span begins; None where there is none."""
    place = bisect_left(spans, frame, key=lambda span: span[0])
    return spans[place - 1][0] if place else None


def nearest_appearance(spans: Mapping[int, Sequence[Span]], frame: int, forward: bool) -> tuple[int, int] | None:
    """Frame and label of the next (else the previous) appearance among several classes; None where there is none."""
    look = next_appearance if forward else previous_appearance
    found = [(place, label) for label, own in spans.items() if (place := look(own, frame)) is not None]
    if not found:
        return None
    return min(found) if forward else max(found, key=lambda one: (one[0], -one[1]))

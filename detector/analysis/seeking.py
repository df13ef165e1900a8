"""Going through a journal from any frame on, without reading what comes before: its lines stand in order of frames."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from detector.analysis.journal import Journal, documents, stored_frame
from detector.analysis.tracking import TrackTable
from detector.analysis.walking import Shown, walk

SCANNED_BYTES = 64 * 1024


def walk_from(journal: Journal, tracks: TrackTable | None, index: int) -> Iterator[Shown]:
    """As `walk`, beginning with the last analysed frame that is not after `index`, or with the first of all.

    Raises:
        SourceError: the journal or the tracks are damaged from there on.
    """
    start = line_of_frame(journal.path, index)
    frames = (stored_frame(found) for found, _end in documents(journal.path, start) if "frame" in found)
    ids = None if tracks is None else tracks.ids(line_of_frame(tracks.path, index, tracks.frames_end))
    return walk(journal, ids, frames)


def line_of_frame(path: Path, index: int, end: int | None = None) -> int:
    """The byte where the line of the last frame begins that is not after `index`; of the first frame where all are.

    Args:
        path: a file of JSON lines whose first one is no frame. end: the byte where the lines of frames end.
    """
    with open(path, "rb") as file:
        low = len(file.readline())
        high = path.stat().st_size if end is None else end
        first = low
        while high - low > SCANNED_BYTES:
            middle = (low + high) // 2
            file.seek(middle)
            file.readline()
            place, frame = _next_frame(file, high)
            if frame is not None and frame <= index:
                low = place
            else:
                high = middle
        file.seek(low)
        found = first if low == first else low
        while True:
            place, frame = _next_frame(file, high + SCANNED_BYTES)
            if frame is None or frame > index:
                return found
            found = place


def _next_frame(file: BinaryIO, high: int) -> tuple[int, int | None]:
    """Where the next line of a frame begins, and which frame it is; None where there is none that begins before `high`.

    Lines that are torn or no frames are passed over: whoever reads them tells.
    """
    while (place := file.tell()) < high:
        line = file.readline()
        if not line.endswith(b"\n"):
            break
        if line.startswith(b'{"frame"'):
            try:
                return place, int(json.loads(line)["frame"])
            except (ValueError, KeyError, TypeError):
                continue
    return place, None

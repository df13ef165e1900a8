"""The stored detections of the frame on show: read ahead in blocks, so that playing finds them there."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from detector.analysis.folder import ResultFolder
from detector.analysis.journal import documents, stored_frame
from detector.analysis.presence import Growing
from detector.analysis.values import StoredFrame
from detector.detections import Detections
from detector.errors import SourceError

BLOCK = 128
"""Frames that are read at once."""
KEPT = 24
"""Blocks: three thousand frames with their boxes."""
CHUNK_BYTES = 1 << 22

Line = tuple[StoredFrame, NDArray[np.int32] | None]
"""A stored frame and the numbers of the tracks that its detections belong to."""


class TrackLines:
    """Where the lines of `tracks.jsonl` begin; looked for in a thread. For one thread at a time.

    Raises:
        SourceError: it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._starts = Growing(np.dtype(np.int64))
        position = 0
        try:
            with open(path, "rb") as file:
                while data := file.read(CHUNK_BYTES):
                    ends = np.flatnonzero(np.frombuffer(data, np.uint8) == ord("\n"))
                    self._starts.extend(ends.astype(np.int64) + position + 1)
                    position += len(data)
        except OSError as error:
            raise SourceError(f"{path} cannot be read: {error.strerror or error}.") from error

    def read(self, row: int, count: int) -> list[NDArray[np.int32]]:
        """The track numbers of so many frames from the row on, as far as there are. Raises SourceError."""
        starts = self._starts.rows
        if row >= len(starts):
            return []
        found: list[NDArray[np.int32]] = []
        try:
            for document, _end in documents(self._path, int(starts[row]), row + 2):
                if "ids" not in document or len(found) == count:
                    break
                found.append(np.asarray(document["ids"], np.int32))
        except OSError as error:
            raise SourceError(f"{self._path} cannot be read: {error.strerror or error}.") from error
        return found


def read_block(
    folder: ResultFolder, start: tuple[int, int], row: int, count: int, tracks: TrackLines | None
) -> list[Line]:
    """The stored frames from a row on.

    Args:
        start: where the row's line begins in the journal, and its number.

    Raises:
        SourceError: the journal or the tracks are damaged or gone.
    """
    path = folder.journal if folder.journal.is_file() else folder.unfinished_journal
    frames: list[StoredFrame] = []
    try:
        for document, _end in documents(path, *start):
            if "frame" in document:
                frames.append(stored_frame(document))
            if len(frames) == count:
                break
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror or error}.") from error
    except (KeyError, ValueError, json.JSONDecodeError) as error:
        raise SourceError(f"{path} is damaged; delete it and analyse the file again.") from error
    ids = tracks.read(row, len(frames)) if tracks is not None else []
    return [
        (frame, ids[place] if place < len(ids) and len(ids[place]) == len(frame) else None)
        for place, frame in enumerate(frames)
    ]


class StoredFrames:
    """Blocks of stored frames by their rows, the last used of them. For the GUI thread.

    Args:
        fetch: has the block of a number read and given to `took` later, in the GUI thread; False where there is none.
    """

    def __init__(self, fetch: Callable[[int], bool]) -> None:
        self._fetch = fetch
        self._blocks: OrderedDict[int, list[Line]] = OrderedDict()
        self._asked: set[int] = set()

    def line(self, row: int) -> Line | None:
        """The frame in that row, or None until it is read. What comes next is read ahead."""
        block = self._block(row // BLOCK)
        self._block(row // BLOCK + 1)
        place = row % BLOCK
        if block is not None and place >= len(block):
            # The journal has grown since.
            del self._blocks[row // BLOCK]
            block = self._block(row // BLOCK)
        return block[place] if block is not None and place < len(block) else None

    def before(self, row: int, count: int) -> list[Line]:
        """The frames before that row, as many as are there without a gap, the earliest first."""
        found: list[Line] = []
        for earlier in range(row - 1, max(row - count, 0) - 1, -1):
            block = self._block(earlier // BLOCK)
            if block is None or earlier % BLOCK >= len(block):
                break
            found.append(block[earlier % BLOCK])
        return found[::-1]

    def took(self, number: int, block: list[Line]) -> None:
        """A block that was fetched."""
        self._asked.discard(number)
        if block:
            self._blocks[number] = block
            while len(self._blocks) > KEPT:
                self._blocks.popitem(last=False)

    def forget(self) -> None:
        """Read everything anew, because more is known of it."""
        self._blocks.clear()

    def _block(self, number: int) -> list[Line] | None:
        block = self._blocks.get(number)
        if block is not None:
            self._blocks.move_to_end(number)
        elif number not in self._asked and self._fetch(number):
            self._asked.add(number)
        return block


def detections_of(line: Line) -> Detections:
    """What a stored frame holds, as everything else exchanges it."""
    frame, ids = line
    return frame.detections(ids)

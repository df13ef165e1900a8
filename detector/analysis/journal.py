"""The journal: what was found on every analysed frame, appended as it comes.

JSON Lines, UTF-8. The first line says what it is of (`looktwice`, `source`, `settings`), each further line is one
analysed frame, also where nothing was found:

    {"frame": 12, "time_s": 0.48, "size_wh": [640, 360], "found": [[14, 0.8125, 12.5, 8.0, 120.25, 310.0]]}

`found` holds label, score, x1, y1, x2, y2, best score first; frames that are files have their `name` too. A line
`{"trouble": "..."}` says what could not be read of the source up to the frame after it. The last line
of a finished journal is `{"end": true, "frames": 900, "trouble": ""}`; until then the file is called
`frames.part.jsonl`. Each line is handed to the kernel as a whole, so that a killed process leaves whole lines and at
most one torn one, which is cut off when the run goes on.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from detector.analysis.folder import ResultFolder
from detector.analysis.values import (
    PIXEL_DIGITS,
    SCORE_DIGITS,
    AnalysisSettings,
    SourceFacts,
    StoredFrame,
    as_document,
    settings_from,
    source_from,
)
from detector.errors import OutputError, SourceError
from detector.writers import output_error

FORMAT = 1


@dataclass(frozen=True)
class JournalHead:
    """What a journal is of."""

    source: SourceFacts
    settings: AnalysisSettings


@dataclass(frozen=True)
class JournalEnd:
    """frames: how many were analysed. trouble: what could not be read of the source, in one sentence, or ""."""

    frames: int
    trouble: str


class JournalWriter:
    """Appends frames to `folder.unfinished_journal`; begins it, or goes on where it stops.

    A torn last line is cut off. Of what is in it already: frames: how many; last_index, last_time_s: the last one's,
    -1 for none; counts: detections by label; trouble: what was noted last, or "".

    Raises:
        OutputError: it cannot be written. SourceError: what is there is no journal, or of something else; see
            `read_head` for looking before.
    """

    def __init__(self, folder: ResultFolder, head: JournalHead) -> None:
        self.folder = folder
        path = folder.unfinished_journal
        there = path.exists() and path.stat().st_size > 0
        kept = _whole_lines(path) if there else _Kept()
        if kept.head is not None and (kept.head.settings, kept.head.source.sha256) != (
            head.settings, head.source.sha256
        ):  # fmt: skip
            raise SourceError(f"{path} is of another file or other settings; choose another --output.")
        self.frames, self.last_index, self.last_time_s = kept.frames, kept.last_index, kept.last_time_s
        self.counts, self.trouble, length = kept.counts, kept.trouble, kept.length
        try:
            # Unbuffered: what a call wrote is the kernel's, and outlives this process.
            self._file: BinaryIO = open(path, "r+b" if there else "wb", buffering=0)  # noqa: SIM115 (closed by finish)
            self._file.truncate(length)
            self._file.seek(length)
        except OSError as error:
            raise output_error(folder.journal, error) from error
        self._length = length
        if length == 0:
            self._append(
                {"looktwice": "analysis", "format": FORMAT, "source": as_document(head.source),
                 "settings": as_document(head.settings)}
            )  # fmt: skip

    def write(self, frame: StoredFrame) -> None:
        """Append a frame; it is in the file when this returns. Raises OutputError, and leaves what was before."""
        self._append(_frame_document(frame))
        self.frames, self.last_index, self.last_time_s = self.frames + 1, frame.index, frame.time_s
        self.counts.update(frame.labels.tolist())

    def note(self, trouble: str) -> None:
        """Append what could not be read of the source until here, so that it is known to whoever goes on."""
        self._append({"trouble": trouble})
        self.trouble = trouble

    def append_all(self, part: ResultFolder) -> None:
        """Append the frames of a finished journal, byte for byte. Raises OutputError."""
        end: dict[str, Any] = {}
        with open(part.journal, "rb") as file:
            file.readline()
            for line in file:
                if line.startswith(b'{"end":'):
                    end = json.loads(line)
                else:
                    self._put(line)
        self.frames += end["frames"]

    def finish(self, trouble: str) -> None:
        """Write the last line and give the file its final name. Raises OutputError."""
        self._append({"end": True, "frames": self.frames, "trouble": trouble})
        try:
            os.fsync(self._file.fileno())
            self._file.close()
            os.replace(self.folder.unfinished_journal, self.folder.journal)
        except OSError as error:
            raise output_error(self.folder.journal, error, self.folder.unfinished_journal) from error

    def close(self) -> None:
        """Stop without finishing; a later writer goes on. Closing twice is no error."""
        self._file.close()

    def _append(self, document: Mapping[str, Any]) -> None:
        self._put((json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n").encode())

    def _put(self, line: bytes) -> None:
        view = memoryview(line)
        try:
            while view:
                view = view[self._file.write(view) :]
        except OSError as error:
            # Half a line is cut off by whoever goes on; taking it away here may fail on the same disk.
            raise output_error(self.folder.journal, error, self.folder.unfinished_journal) from error
        self._length += len(line)


class Journal:
    """A journal, finished or not, to be read as often as wanted; frames are read from the disk, never all at once.

    Raises:
        SourceError: there is none, or it is damaged at its beginning.
    """

    def __init__(self, folder: ResultFolder) -> None:
        self.folder = folder
        self.finished = folder.journal.is_file()
        self.path = folder.journal if self.finished else folder.unfinished_journal
        head = read_head(self.path)
        if head is None:
            raise SourceError(f"{folder.path} holds no results; run `looktwice analyze` with this --output first.")
        self.head = head

    @property
    def class_names(self) -> tuple[str, ...]:
        return self.head.settings.class_names

    def frames(self) -> Iterator[StoredFrame]:
        """Every analysed frame in order. Raises SourceError where a line within is damaged."""
        for document, _end in documents(self.path):
            if "frame" in document:
                yield stored_frame(document)

    def end(self) -> JournalEnd | None:
        """The last line; None while the run is not finished. Reads the end of the file only."""
        if not self.finished:
            return None
        with open(self.path, "rb") as file:
            file.seek(max(0, self.path.stat().st_size - 64 * 1024))
            last = json.loads(file.read().splitlines()[-1])
        return JournalEnd(last["frames"], last["trouble"])


def read_head(path: Path) -> JournalHead | None:
    """What the journal at `path` is of; None where there is none or not even its first line is whole.

    Raises:
        SourceError: the file is no journal, or of a later version.
    """
    try:
        with open(path, "rb") as file:
            line = file.readline()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror or error}.") from error
    return _head_of(line, path) if line.endswith(b"\n") else None


def _head_of(line: bytes, path: Path) -> JournalHead:
    try:
        document = json.loads(line)
        if document["looktwice"] != "analysis":
            raise KeyError("looktwice")
        if document["format"] > FORMAT:
            raise SourceError(f"{path} was written by a later version of Looktwice; use that one.")
        return JournalHead(source_from(document["source"]), settings_from(document["settings"]))
    except (ValueError, KeyError, TypeError) as error:
        raise SourceError(f"{path} is not a journal of an analysis; choose another --output.") from error


def documents(path: Path, start: int = 0, first_line: int = 1) -> Iterator[tuple[dict[str, Any], int]]:
    """Every whole line as a document, and where it ends. A torn line at the end is left out.

    Args:
        start: where to begin, in bytes: where a line ends. first_line: the number of the line that begins there.

    Raises:
        SourceError: a line within is damaged.
    """
    position = start
    with open(path, "rb") as file:
        file.seek(start)
        for number, line in enumerate(file, start=first_line):
            if not line.endswith(b"\n"):
                return
            position += len(line)
            try:
                document = json.loads(line)
            except ValueError as error:
                raise SourceError(
                    f"{path} is damaged in line {number}; delete it and analyse the file again."
                ) from error
            yield document, position


@dataclass
class _Kept:
    """Of a journal to go on with: what it is of, how many bytes count, and what is in them."""

    head: JournalHead | None = None
    length: int = 0
    frames: int = 0
    last_index: int = -1
    last_time_s: float = -1.0
    trouble: str = ""
    counts: Counter[int] = field(default_factory=Counter)


def _whole_lines(path: Path) -> _Kept:
    kept = _Kept(read_head(path))
    if kept.head is None:
        return kept
    for document, end in documents(path):
        if document.get("end"):
            # It was finished, but not renamed.
            break
        kept.length = end
        kept.trouble = document.get("trouble", kept.trouble)
        if "frame" in document:
            kept.frames += 1
            kept.last_index, kept.last_time_s = document["frame"], document["time_s"]
            kept.counts.update(found[0] for found in document["found"])
    return kept


def _frame_document(frame: StoredFrame) -> dict[str, Any]:
    found = [
        [label, round(score, SCORE_DIGITS), *(round(side, PIXEL_DIGITS) for side in box)]
        for label, score, box in zip(
            frame.labels.tolist(), frame.scores.tolist(), frame.boxes_xyxy.tolist(), strict=True
        )
    ]
    document = {"frame": frame.index, "time_s": frame.time_s, "size_wh": list(frame.size_wh), "found": found}
    return document | {"name": frame.name} if frame.name else document


def stored_frame(document: Mapping[str, Any]) -> StoredFrame:
    """The frame that a line of a journal is of. Raises KeyError or ValueError where it is none."""
    found = np.asarray(document["found"], np.float64).reshape(-1, 6)
    width, height = document["size_wh"]
    return StoredFrame(
        document["frame"],
        document["time_s"],
        (width, height),
        found[:, 0].astype(np.int32),
        found[:, 1].astype(np.float32),
        found[:, 2:].astype(np.float32),
        document.get("name", ""),
    )


def make_folder(folder: ResultFolder) -> None:
    """Make the folder. Raises OutputError: it cannot be made or is a file."""
    try:
        folder.path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"the folder {folder.path} cannot be made: {error.strerror or error}.") from error

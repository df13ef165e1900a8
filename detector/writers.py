"""Detections as CSV and JSON, growing row by row so that a stop at any moment leaves a readable file.

A file grows under its partial name (`detections.part.csv`) and gets its own name when it is finished.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from detector.detections import Detections
from detector.errors import OptionError, OutputError

COLUMNS = ("source", "frame", "time_s", "class", "label", "score", "x1", "y1", "x2", "y2")
"""What each detection says, in CSV's columns and as JSON's keys.

source: the file, or the source's word. frame: index in the source, from 0. time_s: seconds from the source's start.
class: the class name; label: its index. score: 0..1. x1, y1, x2, y2: the box in pixels of the frame, from its top left.
"""

Row = dict[str, str | int | float]

# `json.dumps` would make a new encoder for each call.
as_line = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
"""A document as JSON without line breaks; raises ValueError for what is no number."""


def detection_rows(
    source: str, frame_index: int, time_s: float, detections: Detections, class_names: Sequence[str]
) -> list[Row]:
    """One row per detection with the keys of `COLUMNS`, best score first."""
    return [
        {
            "source": source,
            "frame": frame_index,
            "time_s": round(time_s, 4),
            "class": class_names[label],
            "label": int(label),
            "score": round(float(score), 4),
            **{name: round(float(value), 2) for name, value in zip(("x1", "y1", "x2", "y2"), box, strict=True)},
        }
        for box, score, label in zip(detections.boxes_xyxy, detections.scores, detections.labels, strict=True)
    ]


def partial_path(path: Path) -> Path:
    """Where a file lies until it is finished: the ending stays, so that it opens as what it is."""
    return path.with_name(f"{path.stem}.part{path.suffix}")


def output_error(path: Path, error: OSError, partial: Path | None = None) -> OutputError:
    """One sentence about a file that could not be written, saying where the part that was is."""
    reason = error.strerror or str(error)
    kept = f"; what was written before is in {partial}" if partial is not None and partial.exists() else ""
    return OutputError(f"{path} cannot be written: {reason}{kept}.")


class DetectionWriter(Protocol):
    """A file of detections that is being written."""

    @property
    def path(self) -> Path:
        """Its final name."""

    def write(self, rows: Sequence[Row]) -> None:
        """Append rows; they are in the file when this returns.

        Raises:
            OutputError: disk full or gone. Rows of earlier calls stay readable under the partial name.
        """

    def finish(self) -> None:
        """Close the file and give it its final name. Raises OutputError."""

    def close(self) -> None:
        """Stop without finishing: what was written stays under the partial name. Closing twice is no error."""


def open_detection_writer(path: Path, about: Mapping[str, Any]) -> DetectionWriter:
    """A writer chosen by the ending of `path`: `.csv` or `.json`.

    Args:
        about: what a reader of the file wants to know of the run (model, thresholds); JSON only.

    Raises:
        OptionError: another ending. OutputError: the folder is missing, read-only or full.
    """
    match path.suffix.lower():
        case ".csv":
            return CsvWriter(path)
        case ".json":
            return JsonWriter(path, about)
        case _:
            raise OptionError(f"{path} must end in .csv or .json, which says how the detections are written.")


class CsvWriter:
    """Comma-separated, UTF-8, a header line, one line per detection.

    Args:
        columns: the keys of the rows to come, in the file's order.
    """

    def __init__(self, path: Path, columns: Sequence[str] = COLUMNS) -> None:
        self._columns = tuple(columns)
        self._file = _GrowingFile(path)
        self._file.append(",".join(self._columns) + "\n")

    @property
    def path(self) -> Path:
        return self._file.path

    def write(self, rows: Sequence[Row]) -> None:
        if not rows:
            return
        lines = io.StringIO()
        csv.DictWriter(lines, self._columns, lineterminator="\n").writerows(rows)
        self._file.append(lines.getvalue())

    def finish(self) -> None:
        self._file.finish()

    def close(self) -> None:
        self._file.close()


class JsonWriter:
    """One object: what `about` holds, then `detections`, a list with one object per line. Whole after every write."""

    END = "\n]}\n"

    def __init__(self, path: Path, about: Mapping[str, Any]) -> None:
        self._file = _GrowingFile(path)
        self._empty = True
        head = json.dumps(dict(about) | {"columns": COLUMNS}, ensure_ascii=False)
        self._file.append(f'{head[:-1]}, "detections": [', self.END)

    @property
    def path(self) -> Path:
        return self._file.path

    def write(self, rows: Sequence[Row]) -> None:
        if not rows:
            return
        lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
        self._file.append(("\n" if self._empty else ",\n") + lines, self.END)
        self._empty = False

    def finish(self) -> None:
        self._file.finish()

    def close(self) -> None:
        self._file.close()


class JsonLinesWriter:
    """One JSON object per line, UTF-8."""

    def __init__(self, path: Path) -> None:
        self._file = _GrowingFile(path)

    @property
    def path(self) -> Path:
        return self._file.path

    def write(self, documents: Sequence[Mapping[str, Any]]) -> None:
        if documents:
            self._file.append("".join(as_line(document) + "\n" for document in documents))

    def finish(self) -> None:
        self._file.finish()

    def close(self) -> None:
        self._file.close()


class TextWriter:
    """Any text, UTF-8, in pieces."""

    def __init__(self, path: Path) -> None:
        self._file = _GrowingFile(path)

    @property
    def path(self) -> Path:
        return self._file.path

    def write(self, pieces: Sequence[str]) -> None:
        if pieces:
            self._file.append("".join(pieces))

    def finish(self) -> None:
        self._file.finish()

    def close(self) -> None:
        self._file.close()


class _GrowingFile:
    """Text that grows under a partial name. `end` is what makes it whole; the next text goes in its place."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.partial = partial_path(path)
        self._length = 0
        self._end = b""
        try:
            # Unbuffered: what a call wrote is the kernel's, and outlives this process.
            self._file = open(self.partial, "wb", buffering=0)  # noqa: SIM115 (closed by finish or close)
        except OSError as error:
            raise output_error(path, error) from error

    def append(self, text: str, end: str = "") -> None:
        body, closing = text.encode(), end.encode()
        try:
            self._write_at(self._length, body + closing)
        except OSError as error:
            self._cut_back()
            raise output_error(self.path, error, self.partial) from error
        self._length += len(body)
        self._end = closing

    def finish(self) -> None:
        try:
            os.fsync(self._file.fileno())
            self._file.close()
            os.replace(self.partial, self.path)
        except OSError as error:
            raise output_error(self.path, error, self.partial) from error

    def close(self) -> None:
        self._file.close()

    def _write_at(self, position: int, data: bytes) -> None:
        self._file.seek(position)
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) :]

    def _cut_back(self) -> None:
        """Take away a half-written row and put the end back, in the room that it had before."""
        try:
            self._write_at(self._length, self._end)
            self._file.truncate(self._length + len(self._end))
        except OSError:
            # The disk is gone altogether: the error that led here is the one to tell.
            return

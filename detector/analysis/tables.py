"""Detections as CSV, JSON Lines and Parquet: one row per detection, the same columns in each."""

from __future__ import annotations

import contextlib
import importlib.util
import json
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any

from detector.analysis.journal import JournalHead
from detector.analysis.sinks import RowSink, Sink
from detector.analysis.values import StoredFrame
from detector.analysis.walking import UNTRACKED, Shown
from detector.heavy_imports import import_heavy
from detector.writers import CsvWriter, JsonLinesWriter, detection_rows, output_error, partial_path

COLUMNS: Mapping[str, str] = {
    "source": "the analysed file; of a folder, the photograph",
    "frame": "index in the source, from 0, as frames are shown; frames that were left out are counted",
    "time_s": "seconds from the source's start",
    "track": "number of the object, from 1; empty (JSON: null) where nothing was tracked or it belongs to no track",
    "class": "class name",
    "label": "index of the class",
    "score": "how sure the model is, 0 to 1",
    "x1": "left of the box, in pixels of the frame, from its left edge",
    "y1": "top of the box, in pixels of the frame, from its top edge",
    "x2": "right of the box, in pixels of the frame",
    "y2": "bottom of the box, in pixels of the frame",
}
"""The columns in their order, and what they mean."""

ROWS_IN_GROUP = 16_384


class TableRows:
    """The rows of a frame, made once for all tables."""

    def __init__(self, head: JournalHead) -> None:
        self._source, self._class_names = head.source, head.settings.class_names
        self._frame: StoredFrame | None = None
        self._rows: list[dict[str, Any]] = []

    def __call__(self, shown: Shown) -> list[dict[str, Any]]:
        if shown.frame is not self._frame:
            self._frame, self._rows = shown.frame, self._made(shown)
        return self._rows

    def _made(self, shown: Shown) -> list[dict[str, Any]]:
        frame = shown.frame
        source = self._source.path if not frame.name else str(PurePath(self._source.path) / frame.name)
        ids = [UNTRACKED] * len(frame) if shown.track_ids is None else shown.track_ids.tolist()
        rows = detection_rows(source, frame.index, frame.time_s, frame.detections(), self._class_names)
        return [
            {
                name: frame.time_s if name == "time_s" else row.get(name, None if track == UNTRACKED else track)
                for name in COLUMNS
            }
            for row, track in zip(rows, ids, strict=True)
        ]


def csv_table(path: Path, rows: TableRows) -> Sink:
    """Comma-separated, UTF-8, a header line. Raises OutputError."""
    return RowSink(CsvWriter(path, tuple(COLUMNS)), rows)


def json_lines_table(path: Path, rows: TableRows) -> Sink:
    """One JSON object per line. Raises OutputError."""
    return RowSink(JsonLinesWriter(path), rows)


def parquet_is_there() -> bool:
    """Whether pyarrow is installed, which writes Parquet."""
    return importlib.util.find_spec("pyarrow") is not None


def parquet_table(path: Path, rows: TableRows, about: Mapping[str, Any]) -> Sink:
    """Parquet in row groups. Raises OutputError; ImportError where pyarrow is missing.

    Args:
        about: what a reader wants to know, kept as JSON under `looktwice` in the file's metadata.
    """
    return RowSink(_ParquetWriter(path, about), rows)


class _ParquetWriter:
    """Grows by row groups under a partial name; it can be read when it is finished only."""

    def __init__(self, path: Path, about: Mapping[str, Any]) -> None:
        import_heavy("pyarrow", "pyarrow.parquet")
        import pyarrow
        import pyarrow.parquet

        self.path = path
        self._partial = partial_path(path)
        words, whole, exact = pyarrow.string(), pyarrow.int32(), pyarrow.float64()
        kinds = {"source": words, "class": words, "frame": pyarrow.int64(), "track": whole, "label": whole}
        fields = [pyarrow.field(name, kinds.get(name, exact)) for name in COLUMNS]
        self._schema = pyarrow.schema(fields, metadata={"looktwice": json.dumps(about, ensure_ascii=False)})
        self._waiting: list[Mapping[str, Any]] = []
        self._table_of = pyarrow.Table.from_pylist
        try:
            self._writer = pyarrow.parquet.ParquetWriter(str(self._partial), self._schema)
        except OSError as error:
            raise output_error(path, error) from error

    def write(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self._waiting.extend(rows)
        if len(self._waiting) >= ROWS_IN_GROUP:
            self._flush()

    def finish(self) -> None:
        self._flush()
        try:
            self._writer.close()
            self._partial.replace(self.path)
        except OSError as error:
            raise output_error(self.path, error) from error

    def close(self) -> None:
        # Closing writes the file's end; on a full disk the error that led here is the one to tell.
        with contextlib.suppress(OSError):
            self._writer.close()

    def _flush(self) -> None:
        if not self._waiting:
            return
        try:
            self._writer.write_table(self._table_of(self._waiting, schema=self._schema))
        except OSError as error:
            raise output_error(self.path, error) from error
        self._waiting.clear()

"""What a pass writes into: a file that takes frames and is given its name when it is whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from detector.analysis.walking import Shown
from detector.writers import partial_path

ROWS_AT_ONCE = 2048


class Sink(Protocol):
    """A file that is made of frames."""

    @property
    def path(self) -> Path:
        """Its final name."""

    def write(self, shown: Shown) -> None:
        """Take the next frame. Raises OutputError."""

    def finish(self) -> None:
        """Complete the file and give it its name. Raises OutputError."""

    def close(self) -> None:
        """Stop without finishing and take away what was written; after `finish` this does nothing."""


class RowWriter(Protocol):
    """What grows by rows: the writers of `detector.writers`."""

    @property
    def path(self) -> Path: ...

    def write(self, rows: Sequence[Any]) -> None: ...

    def finish(self) -> None: ...

    def close(self) -> None: ...


class GatheredRows:
    """Rows gathered into large writes: one write per frame would take longer than making its rows."""

    def __init__(self, writer: RowWriter) -> None:
        self._writer = writer
        self._waiting: list[Any] = []

    @property
    def path(self) -> Path:
        return self._writer.path

    def add(self, rows: Sequence[Any]) -> None:
        self._waiting.extend(rows)
        if len(self._waiting) >= ROWS_AT_ONCE:
            self.flush()

    def flush(self) -> None:
        self._writer.write(self._waiting)
        self._waiting.clear()

    def finish(self) -> None:
        self.flush()
        self._writer.finish()

    def close(self) -> None:
        self._writer.close()
        partial_path(self.path).unlink(missing_ok=True)


class RowSink:
    """A file of rows that depend on one frame alone.

    Args:
        rows_of: the rows of a frame. head, tail: what stands before and after all rows.
    """

    def __init__(
        self,
        writer: RowWriter,
        rows_of: Callable[[Shown], Sequence[Any]],
        head: Sequence[Any] = (),
        tail: Sequence[Any] = (),
    ) -> None:
        self._rows = GatheredRows(writer)
        self._rows_of, self._tail = rows_of, tail
        self._rows.add(head)

    @property
    def path(self) -> Path:
        return self._rows.path

    def write(self, shown: Shown) -> None:
        self._rows.add(self._rows_of(shown))

    def finish(self) -> None:
        self._rows.add(self._tail)
        self._rows.finish()

    def close(self) -> None:
        self._rows.close()

"""Writing files so that a half-written one never looks finished."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from detector.errors import OutputError


def write_atomically(path: Path, data: bytes | str) -> None:
    """Write `data` beside `path` and rename it into place.

    Raises:
        OutputError: the folder is missing, read-only or full; what stood at `path` is untouched.
    """
    raw = data.encode("utf-8") if isinstance(data, str) else data
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with open(beside, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except OSError as error:
        # Where writing failed, cleaning up may fail as well; the first error is the one to tell.
        with contextlib.suppress(OSError):
            beside.unlink()
        raise OutputError(f"{path} cannot be written: {error.strerror or error}.") from error

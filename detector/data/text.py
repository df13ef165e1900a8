"""Text files of data sets."""

from __future__ import annotations

from pathlib import Path

from detector.errors import DataSetError


def read_text(path: Path) -> str:
    """The text of a UTF-8 file, without a byte order mark.

    Raises:
        DataSetError: it cannot be read or is not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise DataSetError(f"{path} cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise DataSetError(f"{path} is not UTF-8 from byte {error.start + 1} on; save it as UTF-8.") from error

"""The folder that captures go to: free names, room, and what a crash left behind."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import IO

from detector.errors import OutputError
from detector.writers import output_error, partial_path

if sys.platform != "win32":
    import fcntl

LONGEST_TITLE_BYTES = 120
RECORDED = re.compile(r"-\d{4}-\d{2}-\d{2}-\d{6}(-\d+)?\.part\.(mp4|csv)$")
"""Partial files of recordings, and nobody else's."""


def file_stem(title: str, stamp: str) -> str:
    """A name that every disk takes: letters, digits and dashes of a source's title, then the time.

    Args:
        stamp: the local time as `%Y-%m-%d-%H%M%S`.
    """
    plain = "".join(letter if letter.isalnum() or letter in "_-" else "-" for letter in Path(title).stem)
    plain = re.sub("-{2,}", "-", plain).strip("-")
    return f"{plain.encode()[:LONGEST_TITLE_BYTES].decode(errors='ignore') or 'capture'}-{stamp}"


def _numbered(stem: str) -> Iterator[str]:
    yield stem
    yield from (f"{stem}-{number}" for number in count(2))


def free_path(folder: Path, stem: str, endings: Sequence[str]) -> Path:
    """`folder/stem` with the first ending, numbered where a file of any of the endings, whole or partial, is there."""
    for name in _numbered(stem):
        paths = [folder / f"{name}{ending}" for ending in endings]
        if not any(taken.exists() for path in paths for taken in (path, partial_path(path))):
            return paths[0]
    raise AssertionError("numbers do not end")


def write_new(folder: Path, stem: str, ending: str, data: bytes) -> Path:
    """Write a new file, whole or not at all, under a name that nobody has; never over another one.

    Returns:
        Where it is: `stem` with the ending, numbered from 2 where that is taken.

    Raises:
        OutputError: the folder is missing, read-only or full.
    """
    beside = folder / f".{stem}.{os.getpid()}.part"
    try:
        with open(beside, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        for name in _numbered(stem):
            path = folder / f"{name}{ending}"
            with contextlib.suppress(FileExistsError):
                _rename_to_new(beside, path)
                return path
    except OSError as error:
        raise output_error(folder / f"{stem}{ending}", error) from error
    finally:
        # Gone already where all went well; where the disk is gone, the first error is the one to tell.
        with contextlib.suppress(OSError):
            beside.unlink()
    raise AssertionError("numbers do not end")


def _rename_to_new(old: Path, new: Path) -> None:
    """Rename without replacing. Raises FileExistsError."""
    if new.exists():
        raise FileExistsError(new)
    try:
        os.link(old, new)
    except FileExistsError:
        raise
    except OSError:
        # Memory cards know no links; there a name taken in this very moment would be replaced.
        os.rename(old, new)


def usable(folder: Path) -> None:
    """Make the folder where it is missing, and try that it takes files.

    Raises:
        OutputError: it cannot be made or written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(f"the captures folder {folder} cannot be used: {reason}; choose another one.") from error


def room_bytes(folder: Path) -> int:
    """Free bytes on the folder's disk. Raises OutputError."""
    try:
        return shutil.disk_usage(folder).free
    except OSError as error:
        raise output_error(folder, error) from error


def hold(path: Path) -> IO[bytes]:
    """Make a file that is not there yet and mark it as in use, until the handle is closed or this process ends.

    Raises:
        OSError: it is there, or cannot be made.
    """
    file = open(path, "xb")  # noqa: SIM115 (whoever asked closes it)
    if sys.platform != "win32":
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return file


def _in_use(path: Path) -> bool:
    if sys.platform == "win32":
        return False  # there a file that is open cannot be renamed, which tells
    with open(path, "rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def recover(folder: Path) -> list[str]:
    """Give recordings that a crash cut short their names. What another window records into is left alone.

    Returns:
        One sentence per recording, saying as what it is kept. Nothing where the folder is missing.

    Raises:
        OutputError: the folder cannot be read or a file in it not be renamed.
    """
    told = []
    try:
        if not folder.is_dir():
            return []
        groups: dict[str, list[Path]] = {}
        for path in sorted(folder.iterdir()):
            if RECORDED.search(path.name):
                groups.setdefault(path.name.rsplit(".part.", 1)[0], []).append(path)
        for stem, paths in groups.items():
            sentence = _recover_one(folder, stem, paths)
            if sentence:
                told.append(sentence)
    except OSError as error:
        raise output_error(folder, error) from error
    return told


def _recover_one(folder: Path, stem: str, paths: list[Path]) -> str:
    if any(_in_use(path) for path in paths):
        return ""
    video = next((path for path in paths if path.suffix == ".mp4"), None)
    if video is not None and video.stat().st_size == 0:
        # Cut short before the encoder gave its first frame; the table may know more.
        video.unlink()
        paths.remove(video)
    for path in [path for path in paths if path.suffix == ".csv" and _only_a_header(path)]:
        if not any(each.suffix == ".mp4" for each in paths):
            path.unlink()
            paths.remove(path)
    kept: Path | None = None
    for path in sorted(paths, key=lambda each: each.suffix != ".mp4"):
        for name in _numbered(kept.stem if kept else stem):
            new = folder / f"{name}{path.suffix}"
            if not new.exists():
                path.rename(new)
                kept = kept or new
                break
    return f"A recording was cut short; it is kept as {kept}." if kept else ""


def _only_a_header(table: Path) -> bool:
    with open(table, "rb") as file:
        file.readline()
        return not file.readline()

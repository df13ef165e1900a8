"""Whether a source is the one that was analysed: told by its content, not by its name."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from detector.analysis.values import SourceFacts
from detector.errors import SourceError
from detector.frames import SourceInfo
from detector.frames.images import list_images
from detector.frames.opening import path_of
from detector.frames.sample import SHOTS, photographs_folder

CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class Content:
    """sha256: hexadecimal, of a file's bytes, or of the names, sizes and bytes of a folder's photographs in order."""

    sha256: str
    size_bytes: int


@dataclass(frozen=True)
class Stamp:
    """What changes with nearly every change of a file and is seen at once: sizes and times of change."""

    files: tuple[tuple[str, int, int], ...]

    @property
    def size_bytes(self) -> int:
        return sum(size for _name, size, _changed in self.files)


def content_of(source: str, stop: Callable[[], bool] = lambda: False) -> Content | None:
    """Read a source's files through; None when `stop` said so. A folder counts with the photographs directly in it.

    Raises:
        SourceError: a file cannot be read.
    """
    files = files_of(source)
    folder = len(files) != 1 or files[0] != path_of(source)
    digest, size_bytes = hashlib.sha256(), 0
    for file in files:
        try:
            if folder:
                digest.update(f"{file.name}\0{file.stat().st_size}\0".encode())
            with open(file, "rb") as opened:
                while piece := opened.read(CHUNK_BYTES):
                    if stop():
                        return None
                    digest.update(piece)
                    size_bytes += len(piece)
        except OSError as error:
            raise SourceError(f"{file} cannot be read: {error.strerror or error}.") from error
    return Content(digest.hexdigest(), size_bytes)


def stamp_of(source: str) -> Stamp:
    """For seeing whether a source changes while it is read. Raises SourceError."""
    rows = []
    for file in files_of(source):
        try:
            found = os.stat(file)
        except OSError as error:
            raise SourceError(f"{file} cannot be read: {error.strerror or error}.") from error
        rows.append((file.name, found.st_size, found.st_mtime_ns))
    return Stamp(tuple(rows))


def files_of(source: str) -> list[Path]:
    """The files that a source's frames come from: itself, a folder's photographs, or the sample's.

    Raises:
        SourceError: there are none.
    """
    if source.casefold() == "sample":
        folder = photographs_folder()
        return sorted({folder / shot.file_name for shot in SHOTS})
    path = path_of(source)
    return list_images(path) if path.is_dir() else [path]


def facts_of(source: str, info: SourceInfo, content: Content) -> SourceFacts:
    """What the journal says of a source. info: as it is right after opening, before anything was read."""
    return SourceFacts(
        path=source,
        kind=info.kind,
        size_bytes=content.size_bytes,
        sha256=content.sha256,
        size_wh=info.size_wh,
        fps=info.fps,
        frame_count=info.frame_count,
    )

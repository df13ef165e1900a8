"""Photographs as frames: one file, or all of a folder in natural order."""

from __future__ import annotations

import logging
import os
import re
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.errors import SourceError
from detector.frames.pixels import rgb_from_opencv
from detector.frames.protocol import Frame, SourceInfo
from detector.image_names import IMAGE_SUFFIXES

log = logging.getLogger(__name__)

# A folder is no film; this is the pace at which it is shown when it plays.
FOLDER_FPS = 1.0
MOST_NAMES_TOLD = 5
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_COLOUR_TYPES_WITH_ALPHA = (3, 4, 6)  # palette (it may hold a transparent entry), gray + alpha, RGB + alpha


class ImageSource:
    """One photograph, or those directly in a folder, file names in natural order (2 before 10).

    A frame's index is its place in the folder's list as it was at opening. A file that cannot be read, or is gone by
    now, is named in the log and in `trouble`, kept in `skipped` and stepped over; the others keep their indices. A
    folder has a nominal `fps` of 1, a single photograph none.

    Raises:
        SourceError: the path is missing; a single file cannot be read; a folder has no readable photograph.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path).expanduser()
        if not os.path.exists(self._path):
            raise SourceError(f"there is no file or folder {self._path}; check the path.")
        self._is_folder = os.path.isdir(self._path)
        self._files = list_images(self._path) if self._is_folder else [self._path]
        self._skipped: dict[int, str] = {}
        self._position = 0
        self._closed = False
        self._first = self._next()
        if self._first is None:
            reason = next(iter(self._skipped.values()))
            raise SourceError(f"not one of the {len(self._files)} photographs in {self._path} can be read: {reason}")
        self._info = SourceInfo(
            title=self._path.name or str(self._path.absolute()),
            kind="images",
            live=False,
            size_wh=self._first.size_wh,
            fps=FOLDER_FPS if len(self._files) > 1 else None,
            frame_count=len(self._files),
            seekable=True,
        )
        self._position = 0

    @property
    def info(self) -> SourceInfo:
        return self._info

    @property
    def trouble(self) -> str:
        """The files that could not be read so far, in one sentence; "" where there is none."""
        names = [file.name for file in self.skipped]
        if not names:
            return ""
        told = ", ".join(names[:MOST_NAMES_TOLD])
        more = f" and {len(names) - MOST_NAMES_TOLD} more" if len(names) > MOST_NAMES_TOLD else ""
        return f"photographs in {self._path} that cannot be read were left out: {told}{more}."

    @property
    def skipped(self) -> list[Path]:
        """Files that could not be read so far, in order."""
        return [self._files[index] for index in sorted(self._skipped)]

    def read(self) -> Frame | None:
        """The next readable photograph, or None after the last.

        Raises:
            SourceError: the source is closed, or its single file cannot be read any more.
        """
        if self._closed:
            raise SourceError(f"{self._path} is closed; open it again.")
        if self._first is not None and self._position <= self._first.index:
            # Already decoded to see whether there is one; kept for once only, as it may be large.
            frame, self._first = self._first, None
            self._position = frame.index + 1
            return frame
        return self._next()

    def seek(self, index: int) -> None:
        """Make the next `read` return photograph `index`, or the nearest readable one after it."""
        self._position = max(0, min(index, len(self._files) - 1))

    def close(self) -> None:
        self._closed = True
        self._first = None

    def _next(self) -> Frame | None:
        while self._position < len(self._files):
            index = self._position
            self._position += 1
            try:
                image = read_image(self._files[index])
            except SourceError as error:
                if not self._is_folder:
                    raise
                if index not in self._skipped:
                    log.warning("%s", error)
                self._skipped[index] = str(error)
                continue
            time_s = index / FOLDER_FPS if len(self._files) > 1 else 0.0
            return Frame(image, index, time_s, self._files[index].name)
        return None


def list_images(folder: Path) -> list[Path]:
    """The photographs directly in `folder` by suffix, hidden files left out, in natural order.

    Raises:
        SourceError: there are none, or the folder cannot be listed.
    """
    try:
        files = [entry for entry in folder.iterdir() if is_image_name(entry) and entry.is_file()]
    except OSError as error:
        raise SourceError(f"the folder {folder} cannot be listed: {error.strerror or error}.") from error
    if not files:
        raise SourceError(f"there are no photographs in the folder {folder}; name one with JPEG, PNG or like files.")
    return sorted(files, key=natural_key)


def is_image_name(path: Path) -> bool:
    return path.suffix.lower() in IMAGE_SUFFIXES and not path.name.startswith(".")


def natural_key(path: Path) -> tuple[list[tuple[int, int, str]], str]:
    """For sorting names as people do: runs of digits count as numbers, case does not count at first."""
    parts = re.findall(r"[0-9]+|[^0-9]+", path.name.casefold())
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts], path.name


def read_image(path: Path) -> NDArray[np.uint8]:
    """RGB uint8 `[H, W, 3]` of a photograph, turned upright by its EXIF orientation.

    Gray becomes RGB, 16 bits become 8, transparency shows middle gray (files with transparency are taken as they lie:
    their orientation is not read).

    Raises:
        SourceError: the file is missing, empty, damaged or in no known format.
    """
    try:
        # OpenCV's own reading of files fails on some systems where a path is not ASCII.
        data = np.fromfile(path, np.uint8)
    except OSError as error:
        raise SourceError(f"the photograph {path} cannot be read: {error.strerror or error}.") from error
    if data.size == 0:
        raise SourceError(f"the photograph {path} is empty (zero bytes); get the file again.")
    pixels = None if has_alpha(data) else _decoded(data, cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH)
    if pixels is None:
        pixels = _decoded(data, cv2.IMREAD_UNCHANGED)
    if pixels is None:
        raise SourceError(f"the photograph {path} is damaged or in no format that OpenCV reads; get the file again.")
    try:
        return rgb_from_opencv(pixels)
    except ValueError as error:
        raise SourceError(f"the photograph {path} cannot be shown: {error}.") from error


def _decoded(data: NDArray[np.uint8], flags: int) -> NDArray[np.uint8] | None:
    try:
        pixels = cv2.imdecode(data, flags)
    except cv2.error:
        # Beyond OpenCV's limits; the caller says so in one sentence.
        return None
    return None if pixels is None else np.asarray(pixels)


def has_alpha(data: NDArray[np.uint8]) -> bool:
    """Whether an image file's beginning says that it may be transparent; told for PNG and WebP only."""
    head = data[:32].tobytes()
    if head.startswith(PNG_SIGNATURE) and len(head) > 25:
        return head[25] in PNG_COLOUR_TYPES_WITH_ALPHA
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP" and len(head) > 24:
        extended, lossless = head[12:16] == b"VP8X", head[12:16] == b"VP8L"
        return bool(extended and head[20] & 0x10) or bool(lossless and head[24] & 0x10)
    return False

"""From the words of a command line to the sources they mean: files, folders of videos or photographs, patterns."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from detector.errors import SourceError
from detector.frames.images import is_image_name, natural_key
from detector.frames.opening import SAMPLE, is_live, path_of

VIDEO_SUFFIXES = (
    *(".mp4", ".mkv", ".mov", ".avi", ".webm", ".m4v", ".mpg", ".mpeg", ".ts", ".mts", ".m2ts", ".gif"),
    *(".wmv", ".flv", ".3gp", ".ogv", ".mxf", ".h264", ".hevc"),
)
"""In lower case, the usual ones first. A file that is named itself may be called anything."""


def sources_of(word: str) -> list[str]:
    """The sources that a word means, in natural order.

    A folder is each video directly in it, or where there is none, its photographs as one source. A pattern with `*`,
    `?` or `[` is every file and folder that it fits, with `**` also those further down; a folder among them counts
    where it holds photographs and no video.

    Raises:
        SourceError: it means nothing.
    """
    if word.casefold() == SAMPLE or is_live(word):
        return [word]
    path = path_of(word)
    if os.path.isdir(path):
        return _of_folder(path)
    if not os.path.lexists(path) and glob.has_magic(word):
        return _of_pattern(str(path))
    return [word]


def distinct(sources: Iterable[str]) -> Iterator[str]:
    """Each source once, however often it was named."""
    seen = set()
    for source in sources:
        key = source if source.casefold() == SAMPLE or is_live(source) else os.path.realpath(path_of(source))
        if key not in seen:
            seen.add(key)
            yield source


def _of_folder(folder: Path) -> list[str]:
    files = _listed(folder)
    videos = [file for file in files if file.suffix.lower() in VIDEO_SUFFIXES]
    if videos:
        return [str(video) for video in sorted(videos, key=natural_key)]
    if any(map(is_image_name, files)):
        return [str(folder)]
    raise SourceError(f"there is no video and no photograph in the folder {folder}; name the files themselves.")


def _of_pattern(pattern: str) -> list[str]:
    found = [Path(path) for path in glob.glob(pattern, recursive=True)]
    sources = [path for path in found if not path.is_dir() or _holds_photographs_only(path)]
    if not sources:
        raise SourceError(f"no file fits {pattern}; check the pattern.")
    return [str(path) for path in sorted(sources, key=lambda path: (str(path.parent), natural_key(path)))]


def _holds_photographs_only(folder: Path) -> bool:
    files = _listed(folder)
    return any(map(is_image_name, files)) and not any(file.suffix.lower() in VIDEO_SUFFIXES for file in files)


def _listed(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if not path.name.startswith(".") and path.is_file()]
    except OSError as error:
        raise SourceError(f"the folder {folder} cannot be listed: {error.strerror or error}.") from error

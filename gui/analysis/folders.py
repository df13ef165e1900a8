"""Where the results of a source lie: found by its content when it is opened again, and free places for new ones.

No Qt; what is here reads files and belongs into a thread.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import platformdirs

from detector.analysis.folder import ResultFolder
from detector.analysis.journal import JournalHead, make_folder
from detector.errors import OutputError

MOST_LOOKED_AT = 500
"""Folders among the results, so that a disk full of them does not keep a thread busy for minutes."""
MOST_KNOWN = 100

Known = list[tuple[str, str]]
"""The stamp of a source and the folder of its results, newest first."""


def default_root() -> Path:
    """The folder among the user's videos."""
    return platformdirs.user_videos_path() / "Looktwice"


def known_from(text: str) -> Known:
    """What `known_text` wrote; nothing where it is rubbish."""
    try:
        rows = json.loads(text)
    except ValueError:
        return []
    if not isinstance(rows, list):
        return []
    return [(row[0], row[1]) for row in rows if isinstance(row, list) and len(row) == 2 and all(map(_is_text, row))]


def known_text(known: Known, stamp: str, folder: Path) -> str:
    """For the settings, with one more row."""
    others = [row for row in known if row[0] != stamp and row[1] != str(folder)]
    return json.dumps([(stamp, str(folder)), *others][:MOST_KNOWN])


def stamp_text(source: str) -> str:
    """Names, sizes and times of change of a source's files in a few letters. Raises SourceError."""
    from detector.analysis.identity import stamp_of

    return hashlib.sha256(repr(stamp_of(source).files).encode()).hexdigest()[:32]


def heads_of(folder: ResultFolder) -> list[JournalHead]:
    """What the journals in a folder are of, the finished one first; none where there is none that can be read."""
    from detector.analysis import places

    return places.heads_of(folder)


def find(
    source: str, root: Path, known: Known, stop: Callable[[], bool] = lambda: False
) -> tuple[str, ResultFolder | None]:
    """Where the results of a source are: known by its stamp, else told by its content among those in `root`.

    Returns:
        Its stamp, and the folder, or None where it was not analysed or `stop` said so.

    Raises:
        SourceError: the source cannot be read.
    """
    from detector.analysis.identity import content_of, stamp_of

    stamp = stamp_text(source)
    for row, path in known:
        if row == stamp and heads_of(ResultFolder(Path(path))):
            return stamp, ResultFolder(Path(path))
    size_bytes = stamp_of(source).size_bytes
    fitting = [folder for folder in _result_folders(root) if size_bytes in _sizes(folder)]
    content = content_of(source, stop) if fitting else None
    same = [folder for folder in fitting if content is not None and content.sha256 in _contents(folder)]
    return stamp, max(same, key=_age) if same else None


def place_for(source: str, root: Path, wanted: Callable[[], JournalHead]) -> ResultFolder:
    """The folder in `root` for an analysis: the one that holds the same already, else one of a free name.

    Args:
        wanted: what the analysis is of; asked for only where there is something to compare, as it reads the source.

    Raises:
        SourceError: the source cannot be read. OutputError: the root cannot be made or is full of other results.
    """
    from detector.analysis.places import stem_of

    make_folder(ResultFolder(root))
    stem = stem_of(source)
    for number in range(1, MOST_LOOKED_AT):
        folder = ResultFolder(root / (stem if number == 1 else f"{stem}-{number}"))
        heads = heads_of(folder)
        if heads:
            head = wanted()
            if any(there.source.is_same_file(head.source) and there.settings == head.settings for there in heads):
                return folder
        elif not _holds_something(folder.path):
            return folder
    raise OutputError(f"{root} holds too many results of {stem} already; choose another folder.")


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _result_folders(root: Path) -> Iterator[ResultFolder]:
    try:
        places = sorted(path for path in root.iterdir() if path.is_dir())
    except OSError:
        # There is no such folder yet.
        return
    for path in places[:MOST_LOOKED_AT]:
        yield ResultFolder(path)


def _sizes(folder: ResultFolder) -> set[int]:
    return {head.source.size_bytes for head in heads_of(folder)}


def _contents(folder: ResultFolder) -> set[str]:
    return {head.source.sha256 for head in heads_of(folder)}


def _age(folder: ResultFolder) -> float:
    """When it was written last; finished results come before others."""
    path = folder.journal if folder.journal.is_file() else folder.unfinished_journal
    return path.stat().st_mtime + (1e12 if folder.journal.is_file() else 0.0)


def _holds_something(path: Path) -> bool:
    try:
        return any(path.iterdir())
    except FileNotFoundError:
        return False
    except OSError:
        # A file of that name, or a folder that is not ours to read.
        return True

"""`about.json`: what the files of a result folder are of, what their columns mean, and which of them are whole.

One object: `version` of Looktwice; `source` and `settings` as in the journal; `frames` that were analysed; `trouble`,
what could not be read, or ""; `tracks`, which tracker and library numbered the objects, or null; `columns` of the
tables; `files`, by name: `what` it is, its `bytes`, and `of`, which names the journal and options that it was made of.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from detector.analysis.journal import Journal
from detector.analysis.tables import COLUMNS
from detector.analysis.tracking import TrackTable
from detector.analysis.values import as_document
from detector.analysis.walking import installed_version
from detector.files import write_atomically

PRODUCT = "looktwice"


class About:
    """Which files of a folder were made of what. Files that are of another journal are taken away.

    Args:
        known: every file that may be in the list, by name.
    """

    def __init__(self, journal: Journal, fingerprint: str, known: Iterable[Path]) -> None:
        self._journal = journal
        self._path = journal.folder.about
        self._tracks: Mapping[str, str] | None = None
        self._files: dict[str, dict[str, Any]] = {}
        paths = {path.name: path for path in known}
        for name, entry in _listed(self._path).items():
            if name not in paths:
                continue
            if str(entry.get("of", "")).startswith(fingerprint):
                self._files[name] = entry
            else:
                _take_away(paths[name])

    def is_fresh(self, path: Path, key: str) -> bool:
        """Whether the file is there as it was made, and of this."""
        entry = self._files.get(path.name)
        return entry is not None and entry.get("of") == key and path.exists() and _size_of(path) == entry.get("bytes")

    def note_tracks(self, tracks: TrackTable | None) -> None:
        self._tracks = None if tracks is None else {"tracker": tracks.tracker, "library": tracks.library}

    def note(self, path: Path, key: str, what: str) -> None:
        """A file was made."""
        self._files[path.name] = {"what": what, "bytes": _size_of(path), "of": key}

    def write(self) -> None:
        """Raises OutputError."""
        write_atomically(self._path, json.dumps(self.document(), ensure_ascii=False, indent=1) + "\n")

    def document(self) -> dict[str, Any]:
        """What is written."""
        end = self._journal.end()
        return {**facts(self._journal), "frames": 0 if end is None else end.frames,
                "trouble": "" if end is None else end.trouble, "tracks": self._tracks, "columns": dict(COLUMNS),
                "files": dict(sorted(self._files.items()))}  # fmt: skip


def facts(journal: Journal) -> dict[str, Any]:
    """What results are of: version, source, settings."""
    return {
        "looktwice": "results",
        "version": installed_version(PRODUCT),
        "source": as_document(journal.head.source),
        "settings": as_document(journal.head.settings),
    }


def _size_of(path: Path) -> int:
    """Bytes of a file, or of all files in a folder."""
    return sum(file.stat().st_size for file in path.iterdir()) if path.is_dir() else path.stat().st_size


def _take_away(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _listed(path: Path) -> dict[str, dict[str, Any]]:
    """The files that an earlier `about.json` tells of; none where it is missing or damaged, and all are made anew."""
    try:
        files = json.loads(path.read_text(encoding="utf-8"))["files"]
        return {str(name): dict(entry) for name, entry in files.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}

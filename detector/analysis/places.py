"""Which folder the results of a source go into: `OUTPUT/STEM`, the same one whenever the source is analysed again."""

from __future__ import annotations

import os
from pathlib import Path

from detector.analysis.folder import ResultFolder
from detector.analysis.identity import content_of, stamp_of
from detector.analysis.journal import JournalHead, read_head
from detector.analysis.standing import holds_foreign, is_same_path
from detector.annotated_files import safe_name
from detector.errors import SourceError
from detector.frames.opening import SAMPLE, path_of


class Places:
    """Folders in `output`, each given to one source only.

    A source gets the folder that holds its results, told by its path or else by its content; otherwise the first one of
    its name that is free: STEM, STEM-2, STEM-3.
    """

    def __init__(self, output: Path) -> None:
        self._output = output
        self._taken: set[str] = set()

    def folder_for(self, source: str) -> ResultFolder:
        """Raises SourceError: `source` names nothing that could be read."""
        stem, number = stem_of(source), 1
        while True:
            name = stem if number == 1 else f"{stem}-{number}"
            folder = ResultFolder(self._output / name)
            # Upper and lower case are one on some disks.
            if name.lower() not in self._taken and self._fits(folder, source):
                self._taken.add(name.lower())
                return folder
            number += 1

    def _fits(self, folder: ResultFolder, source: str) -> bool:
        heads = heads_of(folder)
        if not heads:
            return not holds_foreign(folder)
        if any(is_same_path(head.source.path, source) for head in heads):
            return True
        # It may have been moved or renamed.
        if stamp_of(source).size_bytes not in {head.source.size_bytes for head in heads}:
            return False
        content = content_of(source)
        return content is not None and any(head.source.sha256 == content.sha256 for head in heads)


def heads_of(folder: ResultFolder) -> list[JournalHead]:
    """What the journals in a folder are of, the finished one first; a damaged one is told of by whoever opens it."""
    heads = []
    for path in (folder.journal, folder.unfinished_journal):
        try:
            head = read_head(path)
        except SourceError:
            continue
        if head is not None:
            heads.append(head)
    return heads


def stem_of(source: str) -> str:
    """What the folder of a source's results is called: the file's name without its ending, or the folder's name."""
    if source.casefold() == SAMPLE:
        return SAMPLE
    path = Path(os.path.abspath(path_of(source)))
    return safe_name(path.name if path.is_dir() else path.stem).strip(" .") or "source"

"""What a result folder holds already: nothing, the beginning of what is asked for, all of it, or something else."""

from __future__ import annotations

import os
from dataclasses import fields
from enum import Enum
from pathlib import Path

from detector.analysis.folder import ResultFolder
from detector.analysis.journal import JournalHead, read_head
from detector.analysis.values import AnalysisSettings
from detector.errors import OutputError, SourceError
from detector.writers import output_error

WAYS_OUT = "choose another --output, or --again to replace them"
LONG = ("model_sha256", "class_names")
"""What nobody wants to read twice in a sentence."""


class Standing(Enum):
    """Where a run begins."""

    BEGIN = "begin"
    GO_ON = "go on"
    FINISHED = "finished"


def standing(folder: ResultFolder, wanted: JournalHead, again: bool = False) -> Standing:
    """What is left to do in `folder`.

    Args:
        again: begin anew, whatever results are there; finished ones stay until the new ones are.

    Raises:
        SourceError: it holds results of another file, of another state of this one, or of other options.
        OutputError: it holds files that are no results.
    """
    finished, begun = read_head(folder.journal), read_head(folder.unfinished_journal)
    if finished is None and begun is None:
        refuse_foreign(folder)
    if again:
        return Standing.BEGIN
    if finished is not None and is_same(finished, wanted):
        return Standing.FINISHED
    if begun is not None and is_same(begun, wanted):
        return Standing.GO_ON
    there = begun or finished
    if there is not None:
        raise SourceError(_difference(folder, there, wanted))
    return Standing.BEGIN


def is_same(there: JournalHead, wanted: JournalHead) -> bool:
    return there.source.is_same_file(wanted.source) and there.settings == wanted.settings


def refuse_foreign(folder: ResultFolder) -> None:
    """Raises OutputError: files of somebody else's lie in the folder, which results would mix with."""
    foreign = holds_foreign(folder)
    if foreign:
        raise OutputError(
            f"{folder.path} holds other files, {foreign} for one, which are no results; choose another --output."
        )


def holds_foreign(folder: ResultFolder) -> str:
    """The name of something in the folder that is of no run, or "". A folder that is a file is found by who makes it.

    Raises:
        OutputError: it cannot be looked into.
    """
    ours = {folder.lock.name, folder.journal.name, folder.unfinished_journal.name, folder.parts.name}
    try:
        return min((entry.name for entry in folder.path.iterdir() if entry.name not in ours), default="")
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError as error:
        raise output_error(folder.path, error) from error


def _difference(folder: ResultFolder, there: JournalHead, wanted: JournalHead) -> str:
    name = wanted.source.path
    if not there.source.is_same_file(wanted.source):
        if is_same_path(there.source.path, name):
            return f"{name} has changed since it was analysed into {folder.path}; {WAYS_OUT}."
        return f"{folder.path} holds results of another file, {there.source.path}; {WAYS_OUT}."
    told = "; ".join(_differences(there.settings, wanted.settings))
    return f"{folder.path} holds results of {name} by other options ({told}); give the same ones, {WAYS_OUT}."


def _differences(there: AnalysisSettings, wanted: AnalysisSettings) -> list[str]:
    """Each option that differs, as it is there and as it is wanted."""
    names = [field.name for field in fields(AnalysisSettings)]
    told = [
        f"{name} {_told(getattr(there, name))} there, {_told(getattr(wanted, name))} now"
        for name in names
        if name not in LONG and getattr(there, name) != getattr(wanted, name)
    ]
    return told or ["the weights of the model have changed"]


def _told(value: object) -> str:
    if value is None:
        return "all"
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def is_same_path(one: str, other: str) -> bool:
    return os.path.abspath(Path(one).expanduser()) == os.path.abspath(Path(other).expanduser())

"""The file of settings as it is found: whole, damaged, or out of reach. Starting never fails because of it."""

from __future__ import annotations

import logging
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QSettings

from gui.settings import SCHEMA, VERSION, MemoryStore, SettingsStore, settings_path
from gui.translation import tr

log = logging.getLogger(__name__)

LARGEST_BYTES = 4 << 20
"""Settings take a few thousand bytes; a file larger than this is something else."""


@dataclass(frozen=True)
class OpenedSettings:
    """Settings, where they lie, and one sentence for the banner when something was wrong with the file."""

    store: SettingsStore
    path: Path
    sentence: str


def open_settings(path: Path | None = None, version: str = "") -> OpenedSettings:
    """Open the user's settings, or those at `path`.

    A damaged file is put aside as `*.damaged`; where there is no reading or writing, settings last until the end of
    the program. `version` is noted in the file as the one that wrote it last.
    """
    path = path if path is not None else settings_path()
    sentence = ""
    try:
        if damaged(path):
            aside = path.with_name(path.name + ".damaged")
            os.replace(path, aside)
            sentence = tr(
                "The settings file was damaged; it was put aside as {file}, and Looktwice starts with its defaults."
            ).format(file=aside)
        path.parent.mkdir(parents=True, exist_ok=True)
        if not os.access(path if path.exists() else path.parent, os.W_OK):
            raise PermissionError(13, os.strerror(13))
    except OSError as error:
        sentence = tr(
            "The settings file {file} cannot be used ({reason}); what you set lasts until you close Looktwice."
        ).format(file=path, reason=error.strerror or error)
        return OpenedSettings(SettingsStore(MemoryStore()), path, sentence)
    settings = SettingsStore(QSettings(str(path), QSettings.Format.IniFormat))
    for key in rubbish(settings):
        log.warning("the setting %s in %s is no value it can have; its default is used", key, path)
    if version and settings.get(VERSION) != version:
        settings.put(VERSION, version)
    return OpenedSettings(settings, path, sentence)


def damaged(path: Path) -> bool:
    """True if the file is no settings file, such as one cut off or overwritten by something else.

    Raises:
        OSError: it cannot be read at all.
    """
    if not path.exists():
        return False
    if path.stat().st_size > LARGEST_BYTES:
        return True
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return True
    if "\0" in text:
        return True
    goes_on = False
    for line in text.splitlines():
        word = line.strip()
        section = word.startswith("[") and word.endswith("]")
        if word and not goes_on and not section and "=" not in word and not word.startswith((";", "#")):
            return True
        goes_on = word.endswith("\\")
    return False


def rubbish(settings: SettingsStore) -> list[str]:
    """Keys of the schema that have a value in the file which they cannot have."""
    found = []
    for row in SCHEMA:
        raw = settings.store.value(row.key)
        if raw is not None and row.sane(raw) == row.default and str(raw).lower() != str(row.default).lower():
            try:
                same = float(str(raw)) == float(row.default)
            except ValueError:
                same = False
            if not same:
                found.append(row.key)
    return found


def back_up(path: Path) -> Path | None:
    """Copy the settings file beside itself; the copy, or None when there is no file yet.

    Raises:
        OSError: it cannot be copied.
    """
    if not path.exists():
        return None
    copy = path.with_name("settings-backup.ini")
    part = copy.with_name(copy.name + ".part")
    shutil.copyfile(path, part)
    os.replace(part, copy)
    return copy

"""A set of choices that several parts of the window share, remembered in the settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from gui.settings import MemoryStore, Setting, SettingsStore


class Remembered(QObject):
    """Owns one value of a frozen dataclass, `view`. `changed` comes after every change that is one.

    Args:
        kind: the dataclass; its defaults are those of the first start.
        table: the setting of each of its fields.
        settings: where it is remembered, at every change; None: nowhere.
    """

    changed = Signal()
    view: Any

    def __init__(
        self,
        kind: type[Any],
        table: Mapping[str, Setting[Any]],
        settings: SettingsStore | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._kind, self._table = kind, table
        self._settings = settings or SettingsStore(MemoryStore())
        self.view = kind(**{name: self._settings.get(setting) for name, setting in table.items()})

    def set(self, **changes: str | float) -> None:
        """Change some of the choices by their names; a value that cannot be is set to its default."""
        sane = {name: self._table[name].sane(value) for name, value in changes.items()}
        view = replace(self.view, **sane)
        if view == self.view:
            return
        self.view = view
        for name, value in sane.items():
            self._settings.put(self._table[name], value)
        self.changed.emit()

    def cycle(self, name: str) -> None:
        """The next of the choices there are for `name`."""
        choices = self._table[name].choices
        self.set(**{name: choices[(choices.index(getattr(self.view, name)) + 1) % len(choices)]})

    def reset(self) -> None:
        """Everything as at the first start."""
        defaults = self._kind()
        self.set(**{field.name: getattr(defaults, field.name) for field in fields(self._kind)})

"""Presets: named choices of thresholds, classes and input size. Built-in ones and the user's own. No widgets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from detector.errors import OptionError
from detector.registry import check_size
from gui.selection import SelectionState
from gui.settings import PRESETS, SettingsStore
from gui.translation import tr

VEHICLES = frozenset({"aeroplane", "bicycle", "boat", "bus", "car", "motorbike", "train"})
ANIMALS = frozenset({"bird", "cat", "cow", "dog", "horse", "sheep"})
LONGEST_NAME = 40
MOST_KEPT = 30


@dataclass(frozen=True)
class Preset:
    """A named selection. size: input side in pixels, 0 for the model's own, None to leave it as it is."""

    name: str
    state: SelectionState
    size: int | None = None
    builtin: bool = False


BUILT_IN: tuple[Preset, ...] = (
    Preset("Balanced", SelectionState(), builtin=True),
    Preset("See more", SelectionState(score=0.2), builtin=True),
    Preset("Only sure", SelectionState(score=0.6), builtin=True),
    Preset("People only", SelectionState(only=frozenset({"person"})), builtin=True),
    Preset("Vehicles", SelectionState(only=VEHICLES), builtin=True),
    Preset("Animals", SelectionState(only=ANIMALS), builtin=True),
)


class Presets:
    """The built-in presets and the user's own, which the settings keep. Names are told apart without regard to case."""

    def __init__(self, settings: SettingsStore) -> None:
        self._settings = settings
        self._own = presets_from_text(settings.get(PRESETS))
        self._deleted: tuple[int, Preset] | None = None

    @property
    def all(self) -> tuple[Preset, ...]:
        """Built-in ones first."""
        return (*BUILT_IN, *self._own)

    @property
    def own(self) -> tuple[Preset, ...]:
        return tuple(self._own)

    def named(self, name: str) -> Preset | None:
        return next((it for it in self.all if it.name.casefold() == name.strip().casefold()), None)

    def matching(self, state: SelectionState, size: int) -> Preset | None:
        """The preset that says just this state, at input size `size` (0: the model's own) where it minds that."""
        suits = [it for it in self.all if it.state == state and it.size in (None, size)]
        # One of the user's own that names the size says more than a built-in one that leaves it open.
        return max(suits, key=lambda it: it.size is not None, default=None)

    def save(self, name: str, state: SelectionState, size: int | None) -> Preset:
        """Keep a preset; one of the user's own with this name is replaced.

        Raises:
            OptionError: the name is empty, too long or that of a built-in preset, or there are too many.
        """
        name = self._fit_name(name)
        preset = Preset(name, state, size)
        there = self.named(name)
        if there is not None:
            self._own[self._own.index(there)] = preset
        elif len(self._own) >= MOST_KEPT:
            raise OptionError(tr("there are {n} presets already; delete one first.").format(n=MOST_KEPT))
        else:
            self._own.append(preset)
        self._keep()
        return preset

    def rename(self, preset: Preset, name: str) -> Preset:
        """Give one of the user's own another name.

        Raises:
            OptionError: the name is empty, too long or taken.
        """
        name = self._fit_name(name)
        there = self.named(name)
        if there is not None and there != preset:
            raise OptionError(
                tr("there is a preset named {name} already; choose another name.").format(name=there.name)
            )
        renamed = replace(preset, name=name)
        self._own[self._own.index(preset)] = renamed
        self._keep()
        return renamed

    def delete(self, preset: Preset) -> None:
        """Take away one of the user's own; `restore` brings the last one back."""
        place = self._own.index(preset)
        self._deleted = (place, self._own.pop(place))
        self._keep()

    def restore(self) -> Preset | None:
        """Bring back what was deleted last and give it; None when there is nothing, or its name is taken by now."""
        if self._deleted is None:
            return None
        place, preset = self._deleted
        self._deleted = None
        if self.named(preset.name) is not None:
            return None
        self._own.insert(place, preset)
        self._keep()
        return preset

    def _fit_name(self, name: str) -> str:
        name = " ".join(name.split())
        if not name:
            raise OptionError(tr("the preset has no name; type one."))
        if len(name) > LONGEST_NAME:
            raise OptionError(tr("the name is too long; use at most {n} letters.").format(n=LONGEST_NAME))
        there = self.named(name)
        if there is not None and there.builtin:
            raise OptionError(tr("{name} is built in; choose another name.").format(name=there.name))
        return name

    def _keep(self) -> None:
        rows = [{"name": it.name, "selection": it.state.to_dict(), "size": it.size} for it in self._own]
        self._settings.put(PRESETS, json.dumps(rows))


def presets_from_text(text: str) -> list[Preset]:
    """The user's presets in a JSON text. Rubbish is left out, and so is what bears a name twice or a built-in one."""
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError):
        return []
    taken = {it.name.casefold() for it in BUILT_IN}
    presets: list[Preset] = []
    for row in rows if isinstance(rows, list) else []:
        name = row.get("name") if isinstance(row, Mapping) else None
        if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME or name.strip() != name:
            continue
        if name.casefold() not in taken and len(presets) < MOST_KEPT:
            taken.add(name.casefold())
            presets.append(Preset(name, SelectionState.from_dict(row.get("selection")), _size(row.get("size"))))
    return presets


def _size(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    try:
        if value:
            check_size(value)
    except OptionError:
        return None
    return value

"""Keys that the user changed, over those of the action table. One key does one thing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QKeyCombination, QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence

from gui.actions import ACTIONS, ActionSpec, tip_with_keys
from gui.settings import KEYS, SettingsStore
from gui.translation import tr

Keys = tuple[str, ...]
"""Keys in Qt's portable notation, the first is the one shown."""

MOST_KEYS = 4
"""More keys than this for one action are not read from the settings."""

RESERVED = {"Tab", "Backtab", "Return", "Enter", "Esc", "Backspace"}
"""Alone, these move between controls, press them, or end and clear the taking of a key."""

MODIFIERS = {
    Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_AltGr, Qt.Key.Key_Meta, Qt.Key.Key_CapsLock,
    Qt.Key.Key_NumLock, Qt.Key.Key_Super_L, Qt.Key.Key_Super_R, Qt.Key.Key_unknown,
}  # fmt: skip


@dataclass(frozen=True)
class Change:
    """What a change of keys did, in one sentence, and how it was before."""

    sentence: str
    before: Mapping[str, Keys] = field(repr=False)


def normal(key: str) -> str:
    """A single key as Qt writes it; empty when it is none."""
    sequence = QKeySequence(key, QKeySequence.SequenceFormat.PortableText)
    return sequence.toString() if sequence.count() == 1 else ""


def shown(keys: Keys) -> str:
    """Keys as the system writes them."""
    native = QKeySequence.SequenceFormat.NativeText
    return tr(" or ").join(QKeySequence(key).toString(native) for key in keys)


def key_of(event: QKeyEvent) -> str:
    """The key that was pressed, in portable notation; empty while only Shift, Ctrl, Alt are held."""
    key = Qt.Key(event.key())
    if key in MODIFIERS:
        return ""
    modifiers = event.modifiers() & ~(Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.GroupSwitchModifier)
    text = event.text()
    if modifiers == Qt.KeyboardModifier.ShiftModifier and text.isprintable() and text.strip() and not text.isalpha():
        # Where `?` lies above another key is the keyboard's business.
        modifiers = Qt.KeyboardModifier.NoModifier
    return QKeySequence(QKeyCombination(modifiers, key)).toString()


def read_keys(text: str) -> dict[str, Keys]:
    """Changed keys from the settings; whatever is no such thing is left out."""
    try:
        raw: Any = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(raw, dict):
        return {}
    read: dict[str, Keys] = {}
    for name, keys in raw.items():
        if isinstance(keys, list):
            good = [normal(key) for key in keys[:MOST_KEYS] if isinstance(key, str)]
            # A list of nothing but rubbish is not the wish for no key at all.
            if not keys or any(good):
                read[str(name)] = tuple(dict.fromkeys(key for key in good if key))
    return read


class Keymap(QObject):
    """Which keys do what. Sets them on the actions and keeps what the user changed.

    Args:
        actions: by name, as `build_actions` makes them.
        settings: where changes are kept.
    """

    changed = Signal()

    def __init__(self, actions: Mapping[str, QAction], settings: SettingsStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.actions, self.settings = actions, settings
        self.specs: dict[str, ActionSpec] = {spec.name: spec for spec in ACTIONS if spec.name in actions}
        stored = read_keys(settings.get(KEYS))
        # What another version knows is kept for it.
        self._strange = {name: keys for name, keys in stored.items() if name not in self.specs}
        self._own = self._without_doubles({name: keys for name, keys in stored.items() if name in self.specs})
        self._apply()

    def keys(self, name: str) -> Keys:
        """The keys of an action now; its own ones first come from the user, else from the table."""
        if name in self._own:
            return self._own[name]
        taken = {key for keys in self._own.values() for key in keys}
        return tuple(key for key in self.default(name) if key not in taken)

    def default(self, name: str) -> Keys:
        return tuple(normal(key) for key in self.specs[name].keys)

    def is_changed(self, name: str) -> bool:
        return self.keys(name) != self.default(name)

    def owner(self, key: str) -> str | None:
        """The action that a key triggers; None when it is free."""
        return next((name for name in self.specs if key in self.keys(name)), None)

    def rebind(self, name: str, keys: Keys) -> Change:
        """Give an action these keys instead of its own; a key that another action has is taken from it.

        Returns:
            The sentence to tell and the state for `undo`.

        Raises:
            ValueError: a key is none, or is needed for moving among the controls; the message is a sentence to show.
        """
        for key in keys:
            if normal(key) in RESERVED | {""}:
                raise ValueError(tr("{key} cannot be the key of an action; press another one.").format(key=key))
        clean = tuple(dict.fromkeys(normal(key) for key in keys))
        text = self._text(name)
        sentences = [self._take(key, name) for key in clean]
        done = tr("{action} is now on {keys}.") if clean else tr("{action} has no key now.")
        sentence = " ".join([done.format(action=text, keys=shown(clean)), *filter(None, sentences)])
        own = self._without(clean, name) | {name: clean}
        return self._become(own, sentence)

    def reset(self, name: str) -> Change:
        """Give an action the keys of the table again, also where another one has taken them."""
        keys = self.default(name)
        sentences = [self._take(key, name) for key in keys]
        done = tr("{action} has its first keys again.").format(action=self._text(name))
        own = self._without(keys, name)
        own.pop(name, None)
        return self._become(own, " ".join([done, *filter(None, sentences)]))

    def reset_all(self) -> Change:
        return self._become({}, tr("Every action has its first keys again."))

    def undo(self, change: Change) -> None:
        """Make the keys as they were before a change."""
        self._become(dict(change.before), "")

    def _text(self, name: str) -> str:
        return tr(self.specs[name].text).rstrip(".")

    def _take(self, key: str, name: str) -> str:
        owner = self.owner(key)
        if owner is None or owner == name:
            return ""
        return tr("{key} was used by {action} and was taken from there.").format(
            key=shown((key,)), action=self._text(owner)
        )

    def _without(self, keys: Keys, but: str) -> dict[str, Keys]:
        """The user's keys where no other action than `but` has one of these."""
        return {
            name: own if name == but else tuple(key for key in own if key not in keys)
            for name, own in self._own.items()
        }

    def _without_doubles(self, stored: dict[str, Keys]) -> dict[str, Keys]:
        seen: set[str] = set()
        clean = {}
        for name, keys in stored.items():
            clean[name] = tuple(key for key in keys if key not in seen)
            seen.update(keys)
        return clean

    def _become(self, own: dict[str, Keys], sentence: str) -> Change:
        before = dict(self._own)
        # What the table says anyway need not be kept.
        self._own = {name: keys for name, keys in own.items() if keys != self.default(name)}
        kept = {name: list(keys) for name, keys in (self._strange | self._own).items()}
        self.settings.put(KEYS, json.dumps(kept, ensure_ascii=False), chosen=True)
        self._apply()
        self.changed.emit()
        return Change(sentence, before)

    def _apply(self) -> None:
        for name, spec in self.specs.items():
            sequences = [QKeySequence(key) for key in self.keys(name)]
            action = self.actions[name]
            if action.shortcuts() != sequences:
                action.setShortcuts(sequences)
                action.setToolTip(tip_with_keys(tr(spec.tip), sequences))

"""What is remembered between starts, described by one schema. Rubbish in the file falls back to the default."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from PySide6.QtCore import QByteArray, QSettings

Value = TypeVar("Value", float, int, str, bool)


@dataclass(frozen=True)
class Setting(Generic[Value]):
    """One remembered value: its key, default and, for numbers, its bounds."""

    key: str
    default: Value
    low: float | None = None
    high: float | None = None

    def sane(self, raw: object) -> Value:
        """`raw` as a value of this setting, or the default when it cannot be one."""
        kind = type(self.default)
        if kind is bool:
            return {"true": True, "false": False}.get(str(raw).lower(), self.default)
        try:
            value = kind(str(raw))
        except ValueError:
            return self.default
        if self.low is not None and self.high is not None and not self.low <= float(value) <= self.high:
            return self.default
        return value


SCORE = Setting("view/score", 0.0, 0.0, 1.0)
"""0 stands for the model's own default score."""
NMS_IOU = Setting("view/nms_iou", 0.5, 0.05, 1.0)
MODEL = Setting("model/name", "vgg-yolo-voc20")
INPUT_SIZE = Setting("model/input_size", 0, 0, 2048)
"""0 stands for the model's own input size."""
PRECISION = Setting("model/precision", "auto")
LOOP = Setting("playback/loop", False)
LAST_FOLDER = Setting("sources/last_folder", "")

GEOMETRY_KEY = "window/geometry"
LAYOUT_KEY = "window/layout"


class Store(Protocol):
    """What QSettings does for the settings."""

    def value(self, key: str, default: object = None, /) -> object: ...

    def setValue(self, key: str, value: object, /) -> None: ...


class MemoryStore:
    """Starts empty and is written nowhere: for runs that neither follow nor change what the user set up."""

    def __init__(self) -> None:
        self._values: dict[str, object] = {}

    def value(self, key: str, default: object = None, /) -> object:
        return self._values.get(key, default)

    def setValue(self, key: str, value: object, /) -> None:
        self._values[key] = value


class SettingsStore:
    """Reads and writes the settings of the schema. Its owner is the main window."""

    def __init__(self, store: Store | None = None) -> None:
        self.store: Store = store if store is not None else QSettings()

    def get(self, setting: Setting[Value]) -> Value:
        return setting.sane(self.store.value(setting.key, setting.default))

    def put(self, setting: Setting[Value], value: Value) -> None:
        self.store.setValue(setting.key, value)

    def blob(self, key: str) -> QByteArray:
        """Window state as Qt wrote it; empty when there is none or it is no such thing."""
        value = self.store.value(key)
        return value if isinstance(value, QByteArray) else QByteArray()

    def put_blob(self, key: str, value: QByteArray) -> None:
        self.store.setValue(key, value)

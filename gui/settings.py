"""What is remembered between starts, described by one schema. Rubbish in the file falls back to the default."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from platformdirs import user_config_path
from PySide6.QtCore import QByteArray, QSettings

Value = TypeVar("Value", float, int, str, bool)


@dataclass(frozen=True)
class Setting(Generic[Value]):
    """One remembered value.

    `low` and `high` bound numbers, both ends included; `choices`, where there are any, are the only values there are,
    and `words` what they are called, in the same order.
    A setting with a `label` stands among the preferences, with `tip` as its explanation.
    """

    key: str
    default: Value
    low: float | None = None
    high: float | None = None
    choices: tuple[Value, ...] = ()
    words: tuple[str, ...] = ()
    label: str = ""
    tip: str = ""

    def sane(self, raw: object) -> Value:
        """`raw` as a value of this setting, or the default when it cannot be one."""
        kind = type(self.default)
        if kind is bool:
            return {"true": True, "false": False}.get(str(raw).lower(), self.default)
        if kind is str and not isinstance(raw, str):
            return self.default
        try:
            value = kind(str(raw))
        except ValueError:
            return self.default
        if kind is not str and not self._within(float(value)):
            return self.default
        return self.default if self.choices and value not in self.choices else value

    def _within(self, number: float) -> bool:
        low = -math.inf if self.low is None else self.low
        high = math.inf if self.high is None else self.high
        return math.isfinite(number) and low <= number <= high


# Application
APPEARANCE = Setting(
    "application/appearance",
    "system",
    choices=("system", "light", "dark"),
    words=("As the system", "Light", "Dark"),
    label="Appearance",
    tip="Light, dark, or as the system is; changes at once",
)
LANGUAGE = Setting(
    "application/language",
    "system",
    label="Language",
    tip="The language of the window; changes at the next start",
)
KEYS = Setting("application/keys", "{}")
"""Keys that the user changed, as JSON: {action: [keys in Qt's portable notation]}."""
VERSION = Setting("application/version", "")
"""The version of Looktwice that wrote the file last."""

# View
SCORE = Setting("view/score", 0.0, 0.0, 1.0)
"""0 stands for the model's own default score."""
NMS_IOU = Setting("view/nms_iou", 0.5, 0.05, 1.0)
BOX_STYLE = Setting("view/box_style", "outline", choices=("outline", "corners", "filled"))
LINE_PX = Setting("view/line_px", 2, 1, 6)
LABEL_PX = Setting("view/label_px", 13, 9, 28)
LABELS = Setting("view/labels", "name_score", choices=("name_score", "name", "none"))
COLOURS = Setting("view/colours", "class", choices=("class", "score", "one"))
RAW_BOXES = Setting("view/raw_boxes", False)
GRID = Setting("view/grid", False)
GRID_STRIDE = Setting("view/grid_stride", 0, 0, 1024)
"""0 stands for every stride that the model has."""
PROPOSALS = Setting("view/proposals", False)
MOST_PROPOSALS = Setting("view/most_proposals", 100, 1, 300)
ORIGINS = Setting("view/origins", False)
TRUTH = Setting("view/truth", False)
STORED = Setting("view/stored", False)
TRAILS = Setting("view/trails", False)
TRAIL_FRAMES = Setting("view/trail_frames", 45, 5, 300)

# Playback
LOOP = Setting("playback/loop", False)

# Capture
CAPTURE_FOLDER = Setting("capture/folder", "")
"""Where snapshots and recordings go; "" stands for the folder Looktwice among the user's pictures."""
CAPTURE_BOXES = Setting("capture/boxes", True, label="Boxes in snapshots", tip="Draw the boxes into saved frames")
CAPTURE_CLEAN_VIDEO = Setting(
    "capture/clean_video", False, label="Video without boxes", tip="Record the frames as they came"
)
CAPTURE_TABLE = Setting(
    "capture/table", True, label="Table beside the video", tip="Write what was detected as CSV beside each recording"
)
PRE_ROLL_S = Setting(
    "capture/pre_roll_s",
    0,
    choices=(0, 3, 5, 10),
    words=("At once", "3 s before", "5 s before", "10 s before"),
    label="Start recordings",
    tip="A recording begins so long before you press the button; large frames are kept for a shorter time",
)
UNTOLD_RECORDING = Setting("capture/untold_recording", "")
"""The recording that the closing window finished, to be told at the next start; "" for none."""

# Analysis
ANALYSIS_FOLDER = Setting("analysis/folder", "")
"""Where results of whole videos go; "" stands for the folder Looktwice among the user's videos."""
ANALYSIS_TRACK = Setting("analysis/track", True)
ANALYSIS_FILM = Setting("analysis/film", False)
ANALYSES = Setting("analysis/known", "[]")
"""What was analysed before, as JSON, see `gui.analysis.folders.Known`."""
UNTOLD_ANALYSIS = Setting("analysis/untold", "{}")
"""The analysis that the closing window stopped, to be told at the next start, as JSON: {source, folder, frames}."""

# Sources
LAST_FOLDER = Setting("sources/last_folder", "")
LIVE_PREVIEWS = Setting(
    "sources/live_previews",
    True,
    label="Live previews",
    tip="Show what the cameras see on the start page; off, no camera is touched until you open it",
)
RECENT_SOURCES = Setting("sources/recent", "[]")
"""What was opened lately, as JSON: a list of rows of `gui.start.recent.RecentSource`, newest first."""
CAMERA_HABITS = Setting("sources/cameras", "{}")
"""By a camera's name, as JSON: {name: {"width", "height", "fps", "mirror"}}."""

# Choose
MODEL = Setting("model/name", "vgg-yolo-voc20")
INPUT_SIZE = Setting("model/input_size", 0, 0, 2048)
"""0 stands for the model's own input size."""
PRECISION = Setting("model/precision", "auto")
ENGINE = Setting("model/engine", "auto")
WEIGHTS_FILES = Setting("model/files", "[]")
"""Weights files that were used before, newest first, as a JSON list of paths."""
SECOND_MODEL = Setting("compare/model", "")
"""The model last set beside the first one; "" while there was none."""
SECOND_SIZE = Setting("compare/input_size", 0, 0, 2048)
SELECTION = Setting("choose/selection", "{}")
"""Thresholds and class filter as JSON, see `gui/selection.py`."""
PRESETS = Setting("choose/presets", "[]")
"""The user's own presets as JSON, see `gui/presets.py`."""

# Inspect
MAP_ORDER = Setting("inspect/order", "index", choices=("index", "peak", "mean", "variance", "box"))
MAP_CONTRAST = Setting("inspect/contrast", "channel", choices=("channel", "shared", "percentile"))
MAP_GAMMA = Setting("inspect/gamma", 1.0, 0.4, 4.0)
MAP_PALETTE = Setting("inspect/palette", "viridis", choices=("viridis", "magma", "cividis", "gray"))
MAP_TILE_PX = Setting("inspect/tile_px", 80, choices=(24, 32, 40, 64, 80, 120, 160))

GEOMETRY_KEY = "window/geometry"
LAYOUT_KEY = "window/layout"

SCHEMA: tuple[Setting[Any], ...] = tuple(row for row in list(globals().values()) if isinstance(row, Setting))
"""Every setting above, in order."""


class Store(Protocol):
    """What QSettings does for the settings."""

    def value(self, key: str, default: object = None, /) -> object: ...

    def setValue(self, key: str, value: object, /) -> None: ...

    def remove(self, key: str, /) -> None: ...


class MemoryStore:
    """Starts empty and is written nowhere: for runs that neither follow nor change what the user set up."""

    def __init__(self) -> None:
        self._values: dict[str, object] = {}

    def value(self, key: str, default: object = None, /) -> object:
        return self._values.get(key, default)

    def setValue(self, key: str, value: object, /) -> None:
        self._values[key] = value

    def remove(self, key: str, /) -> None:
        self._values.pop(key, None)


def settings_path() -> Path:
    """The file of this user's settings; it need not exist yet."""
    return user_config_path("Looktwice", appauthor=False) / "settings.ini"


class SettingsStore:
    """Reads and writes the settings of the schema. Its owner is the main window.

    Args:
        store: where they are kept; by default the user's file.
    """

    def __init__(self, store: Store | None = None) -> None:
        self.store: Store = store if store is not None else QSettings(str(settings_path()), QSettings.Format.IniFormat)
        self._starts_afresh = False

    def get(self, setting: Setting[Value]) -> Value:
        return setting.sane(self.store.value(setting.key, setting.default))

    def put(self, setting: Setting[Value], value: Value, chosen: bool = False) -> None:
        """Remember a value. After `reset` only what the user has `chosen` since is kept, until the next start."""
        if chosen or not self._starts_afresh:
            self.store.setValue(setting.key, value)

    def blob(self, key: str) -> QByteArray:
        """Window state as Qt wrote it; empty when there is none or it is no such thing."""
        value = self.store.value(key)
        return value if isinstance(value, QByteArray) else QByteArray()

    def put_blob(self, key: str, value: QByteArray) -> None:
        if not self._starts_afresh:
            self.store.setValue(key, value)

    def sync(self) -> None:
        """Have everything on the disk."""
        if isinstance(self.store, QSettings):
            self.store.sync()

    def reset(self) -> None:
        """Forget every setting of the schema and the window's place; what the schema does not know stays."""
        for key in (*(row.key for row in SCHEMA), GEOMETRY_KEY, LAYOUT_KEY):
            self.store.remove(key)
        self._starts_afresh = True

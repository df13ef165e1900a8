"""Every action of the window in one table: name, text, key, tip. Menus, buttons and the key sheet are made from it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence


@dataclass(frozen=True)
class ActionSpec:
    """One thing the user can do. `keys` in Qt's notation; the first is the one shown."""

    name: str
    text: str
    keys: tuple[str, ...]
    tip: str
    checkable: bool = False


ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("open_camera", "First camera", ("Ctrl+Shift+C",), "Look through the first camera"),
    ActionSpec("open_sample", "Sample", ("Ctrl+Shift+S",), "Play the built-in sample"),
    ActionSpec("open_file", "Open file...", ("Ctrl+O",), "Open a video or a photograph"),
    ActionSpec("open_folder", "Open folder...", ("Ctrl+Shift+O",), "Go through a folder of photographs"),
    ActionSpec("open_model", "Open weights...", ("Ctrl+M",), "Use a weights file of your own"),
    ActionSpec("play", "Play", ("Space", "K"), "Play or pause", checkable=True),
    ActionSpec("step_back", "Step back", ("Left", ","), "One frame back"),
    ActionSpec("step", "Step", ("Right", "."), "One frame on"),
    ActionSpec("to_start", "To the start", ("Home",), "Go to the first frame"),
    ActionSpec("stop", "Stop", ("Ctrl+W",), "Close the source; a camera is given back"),
    ActionSpec("loop", "Loop", ("L",), "Start again at the end", checkable=True),
    ActionSpec("zoom_in", "Zoom in", ("Ctrl++", "Ctrl+="), "Enlarge the frame"),
    ActionSpec("zoom_out", "Zoom out", ("Ctrl+-",), "Shrink the frame"),
    ActionSpec("zoom_fit", "Fit", ("Ctrl+0", "F"), "Show the whole frame"),
    ActionSpec("zoom_one", "1:1", ("Ctrl+1",), "One frame pixel on one screen pixel"),
    ActionSpec("reset_view", "Defaults", ("Ctrl+R",), "Thresholds and class filter back to the model's defaults"),
    ActionSpec("snapshot", "Snapshot...", ("Ctrl+S",), "Save the frame with its boxes as a PNG"),
    ActionSpec("keys", "Keys", ("?", "F1"), "Show what the keys do", checkable=True),
    ActionSpec("panel", "Detections", ("Ctrl+D",), "Show or hide the detections panel", checkable=True),
    ActionSpec("quit", "Quit", ("Ctrl+Q",), "Close Looktwice"),
)


def build_actions(parent: QObject) -> dict[str, QAction]:
    """A QAction per row of the table, by name."""
    actions = {}
    for spec in ACTIONS:
        action = QAction(spec.text, parent)
        action.setObjectName(spec.name)
        action.setCheckable(spec.checkable)
        action.setShortcuts([QKeySequence(key) for key in spec.keys])
        action.setToolTip(f"{spec.tip} ({QKeySequence(spec.keys[0]).toString()})")
        actions[spec.name] = action
    return actions


def key_sheet() -> str:
    """The table as HTML for the `?` sheet."""
    rows = "".join(
        f"<tr><td style='padding-right:18px'><b>{' or '.join(spec.keys)}</b></td><td>{spec.tip}</td></tr>"
        for spec in ACTIONS
    )
    return f"<table>{rows}</table>"

"""Every action of the window in one table, by group. Menus, buttons and the key sheet are made from it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence

from gui.translation import tr

GROUPS = ("Source", "Playback", "View", "Inspect", "Analyze", "Capture", "Choose", "Panels", "Application", "Help")
"""The order of the menus and of the key sheet."""


@dataclass(frozen=True)
class ActionSpec:
    """One thing the user can do.

    `keys` in Qt's notation, the first is the one shown; none at all is fine for what stands in a menu. `text` and `tip`
    are written in English and translated when the action is built.
    """

    name: str
    text: str
    keys: tuple[str, ...]
    tip: str
    group: str
    checkable: bool = False


SOURCE = (
    ActionSpec("open_camera", "First camera", ("Ctrl+K",), "Look through the first camera", "Source"),
    ActionSpec("open_sample", "Sample", ("Ctrl+Shift+S",), "Play the built-in sample", "Source"),
    ActionSpec("open_file", "Open file...", ("Ctrl+O",), "Open a video or a photograph", "Source"),
    ActionSpec("open_folder", "Open folder...", ("Ctrl+Shift+O",), "Go through a folder of photographs", "Source"),
    ActionSpec(
        "open_stream", "Open stream...", ("Ctrl+L",), "Open a network camera or stream by its address", "Source"
    ),
    ActionSpec("home", "Start page", ("Ctrl+H",), "Close the source and go to the start page", "Source"),
    ActionSpec("mirror", "Mirror", ("M",), "Swap left and right of the camera's picture", "Source", checkable=True),
    ActionSpec("stop", "Close source", ("Ctrl+W",), "Close the source; a camera is given back", "Source"),
)

PLAYBACK = (
    ActionSpec("play", "Play", ("Space", "K"), "Play or pause", "Playback", checkable=True),
    ActionSpec("step_back", "Step back", ("Left", ","), "One frame back", "Playback"),
    ActionSpec("step", "Step", ("Right", "."), "One frame on", "Playback"),
    ActionSpec("to_start", "To the start", ("Home",), "Go to the first frame", "Playback"),
    ActionSpec("to_end", "To the end", ("End",), "Go to the last frame", "Playback"),
    ActionSpec("jump_back", "5 seconds back", ("Ctrl+Left",), "Five seconds back", "Playback"),
    ActionSpec("jump", "5 seconds on", ("Ctrl+Right",), "Five seconds on", "Playback"),
    ActionSpec("goto", "Go to...", ("Ctrl+G",), "Type the frame or the time to go to", "Playback"),
    ActionSpec("mark_in", "Mark in", ("I",), "Play from this frame on", "Playback"),
    ActionSpec("mark_out", "Mark out", ("O",), "Play up to this frame", "Playback"),
    ActionSpec("clear_marks", "Clear marks", ("X",), "Play the whole source again", "Playback"),
    ActionSpec("loop", "Loop", ("L",), "Start again at the end", "Playback", checkable=True),
    ActionSpec("slower", "Slower", ("<",), "Play one step slower", "Playback"),
    ActionSpec("faster", "Faster", (">",), "Play one step faster", "Playback"),
    ActionSpec("normal_speed", "Normal speed", ("=",), "Play at the source's own speed", "Playback"),
)

VIEW = (
    ActionSpec("zoom_in", "Zoom in", ("Ctrl++", "Ctrl+="), "Enlarge the frame", "View"),
    ActionSpec("zoom_out", "Zoom out", ("Ctrl+-",), "Shrink the frame", "View"),
    ActionSpec("zoom_fit", "Fit", ("Ctrl+0", "F"), "Show the whole frame", "View"),
    ActionSpec("zoom_one", "1:1", ("Ctrl+1",), "One frame pixel on one screen pixel", "View"),
    ActionSpec("pan_left", "Pan left", ("Shift+Left",), "Show more of the left", "View"),
    ActionSpec("pan_right", "Pan right", ("Shift+Right",), "Show more of the right", "View"),
    ActionSpec("pan_up", "Pan up", ("Shift+Up",), "Show more of the top", "View"),
    ActionSpec("pan_down", "Pan down", ("Shift+Down",), "Show more of the bottom", "View"),
    ActionSpec("raw_boxes", "Raw boxes", ("R",), "Show the boxes before NMS merges them", "View", checkable=True),
    ActionSpec("grid", "Grid", ("G",), "Show which cells of which grid answered", "View", checkable=True),
    ActionSpec("grid_stride", "Next grid", ("Shift+G",), "Show one grid after the other, then all", "View"),
    ActionSpec("proposals", "Proposals", ("P",), "Show where a two-stage model looks a second time", "View", True),
    ActionSpec(
        "origins", "Origins", ("Shift+P",), "Show the proposal or cell that each detection grew out of", "View", True
    ),
    ActionSpec("heat", "Heat map", ("H",), "Show where the evidence for the selected box lies", "View", True),
    ActionSpec(
        "compare", "Compare models", ("C",), "Set a second model beside the first, on the same frames", "View", True
    ),
    ActionSpec(
        "truth",
        "Truth",
        ("Shift+T",),
        "Tell hits, false alarms and misses by the annotations beside the frames",
        "View",
        True,
    ),
    ActionSpec("labels", "Labels", ("T",), "Names and scores, names only, or no labels", "View"),
    ActionSpec("box_style", "Box style", ("B",), "Outlines, corners, or filled boxes", "View"),
    ActionSpec("next_box", "Next box", ("]",), "Select the next detection", "View"),
    ActionSpec("previous_box", "Previous box", ("[",), "Select the detection before", "View"),
    ActionSpec("unselect", "Unselect", ("Esc",), "Select no detection", "View"),
    ActionSpec("copy", "Copy boxes", ("Ctrl+C",), "Copy the selected detection as text, or all of them", "View"),
)

INSPECT = (
    ActionSpec("inspector", "Inspect", ("Ctrl+I",), "Look inside: the feature maps of any layer", "Inspect", True),
    ActionSpec("layer_up", "Layer before", ("PgUp",), "Show the maps of the layer before", "Inspect"),
    ActionSpec("layer_down", "Next layer", ("PgDown",), "Show the maps of the next layer", "Inspect"),
    ActionSpec(
        "relu_side", "Before and after", ("Shift+R",), "Maps after the ReLU or pooling, before it, or both", "Inspect"
    ),
    ActionSpec("freeze_maps", "Freeze", ("Shift+F",), "Stay on this frame's maps whatever plays", "Inspect", True),
    ActionSpec("blend", "Blend", ("Shift+B",), "Lay the channel's map over the frame", "Inspect", True),
    ActionSpec(
        "channel_left", "Channel to the left", ("Ctrl+Shift+Left",), "The channel to the left; in the grid: Left",
        "Inspect",
    ),
    ActionSpec(
        "channel_right", "Channel to the right", ("Ctrl+Shift+Right",), "The channel to the right; in the grid: Right",
        "Inspect",
    ),
    ActionSpec("channel_up", "Channel above", ("Ctrl+Shift+Up",), "The channel above; in the grid: Up", "Inspect"),
    ActionSpec(
        "channel_down", "Channel below", ("Ctrl+Shift+Down",), "The channel below; in the grid: Down", "Inspect"
    ),
    ActionSpec(
        "pin_channel", "Pin", ("Shift+I",), "Keep this channel while the cursor goes on; in the grid: Enter", "Inspect",
        True,
    ),
    ActionSpec("next_order", "Next order", ("Shift+O",), "By number, peak, mean, variance or box", "Inspect"),
    ActionSpec("next_contrast", "Next contrast", ("Shift+C",), "Scale each channel, all, or without peaks", "Inspect"),
    ActionSpec("tiles_larger", "Larger maps", ("Alt++", "Alt+="), "Draw each map larger", "Inspect"),
    ActionSpec("tiles_smaller", "Smaller maps", ("Alt+-",), "Draw each map smaller", "Inspect"),
)  # fmt: skip

ANALYZE = (
    ActionSpec(
        "analyze", "Analyze...", ("Ctrl+Shift+A",), "Go through the whole video or folder, and keep what is found",
        "Analyze",
    ),
    ActionSpec("pause_analysis", "Pause analysis", (), "Hold the analysis, or let it go on", "Analyze", True),
    ActionSpec("cancel_analysis", "Cancel analysis", (), "End the analysis; what was found stays", "Analyze"),
    ActionSpec("next_event", "Next appearance", ("N",), "Go to where the chosen class appears next", "Analyze"),
    ActionSpec(
        "previous_event", "Appearance before", ("Shift+N",), "Go to where the chosen class appeared before", "Analyze"
    ),
    ActionSpec("next_lane", "Next class", ("Shift+PgDown",), "Choose the next class of the timeline", "Analyze"),
    ActionSpec("previous_lane", "Class before", ("Shift+PgUp",), "Choose the class before in the timeline", "Analyze"),
    ActionSpec(
        "stored", "Stored boxes", ("Shift+S",), "Show what the analysis found beside what is found now", "Analyze", True
    ),
    ActionSpec("trails", "Trails", ("Shift+L",), "Show where the tracked objects were before", "Analyze", True),
    ActionSpec("save_clip", "Save clip", ("Ctrl+E",), "Save what lies between the marks as a video", "Analyze"),
    ActionSpec(
        "save_stills", "Save stills", ("Ctrl+Shift+E",), "Save a picture of each appearance of the chosen class",
        "Analyze",
    ),
    ActionSpec("draw_line", "Draw line", (), "Draw a line on the frame, to count who crosses it", "Analyze", True),
    ActionSpec("draw_zone", "Draw zone", (), "Draw a zone on the frame, to count who is in it", "Analyze", True),
    ActionSpec("remove_drawn", "Remove what was drawn", (), "Take away the last line or zone", "Analyze"),
)  # fmt: skip

CAPTURE = (
    ActionSpec("snapshot", "Snapshot", ("Ctrl+S",), "Save the frame into the captures folder", "Capture"),
    ActionSpec("snapshot_as", "Save frame as...", ("Ctrl+Alt+S",), "Choose where to save the frame", "Capture"),
    ActionSpec("copy_picture", "Copy frame", ("Ctrl+Shift+C",), "Copy the frame as a picture", "Capture"),
    ActionSpec("record", "Record", ("F9",), "Record what runs as video and table", "Capture", checkable=True),
    ActionSpec("open_captures", "Captures folder", ("Ctrl+Shift+F",), "Open the captures folder", "Capture"),
)

CHOOSE = (
    ActionSpec("choose_model", "Model...", (), "Choose another model", "Choose"),
    ActionSpec("choose_size", "Input size...", (), "Choose the side of the network's input in pixels", "Choose"),
    ActionSpec("choose_precision", "Precision...", (), "Choose the arithmetic of the network", "Choose"),
    ActionSpec("open_model", "Open weights...", ("Ctrl+M",), "Use a weights file of your own", "Choose"),
    ActionSpec(
        "undo", "Undo choice", ("Ctrl+Z",), "Take back the last change of thresholds, classes or preset", "Choose"
    ),
    ActionSpec("redo", "Redo choice", ("Ctrl+Shift+Z", "Ctrl+Y"), "Do again what was taken back", "Choose"),
    ActionSpec(
        "reset_view", "Defaults", ("Ctrl+R",), "Thresholds and class filter back to the model's defaults", "Choose"
    ),
    ActionSpec("score_up", "Higher score", ("Alt+Up",), "Show fewer, surer detections", "Choose"),
    ActionSpec("score_down", "Lower score", ("Alt+Down",), "Show more detections", "Choose"),
    ActionSpec("focus_search", "Find a class", ("Ctrl+F", "/"), "Go to the search among the classes", "Choose"),
    ActionSpec("preset_1", "Balanced", ("Alt+1",), "Preset: all classes, the score that each model suggests", "Choose"),
    ActionSpec("preset_2", "See more", ("Alt+2",), "Preset: everything above a low score", "Choose"),
    ActionSpec("preset_3", "Only sure", ("Alt+3",), "Preset: only what scores high", "Choose"),
    ActionSpec("preset_4", "People only", ("Alt+4",), "Preset: people, nothing else", "Choose"),
    ActionSpec("preset_5", "Vehicles", ("Alt+5",), "Preset: whatever people ride, drive, sail or fly", "Choose"),
    ActionSpec("preset_6", "Animals", ("Alt+6",), "Preset: animals, nothing else", "Choose"),
)

PANELS = (
    ActionSpec("panel", "Detections", ("Ctrl+D",), "Show or hide the detections panel", "Panels", checkable=True),
    ActionSpec("display", "Display", ("Ctrl+Shift+D",), "Choose how boxes, raw boxes and grid look", "Panels", True),
    ActionSpec(
        "captures", "Captures", ("Ctrl+Shift+K",), "Snapshots and recordings, and what goes into them", "Panels", True
    ),
    ActionSpec(
        "performance", "Performance", ("Ctrl+Shift+P",), "Plot and table of the last minute's speed", "Panels", True
    ),
    ActionSpec(
        "comparison",
        "Comparison",
        ("Ctrl+Shift+M",),
        "Count where two models agree and what each costs",
        "Panels",
        True,
    ),
    ActionSpec("log", "Log", ("Ctrl+Shift+L",), "Show what has been logged", "Panels", checkable=True),
)

APPLICATION = (
    ActionSpec(
        "preferences",
        "Preferences",
        ("Ctrl+,",),
        "Appearance, language and all that is remembered",
        "Application",
        True,
    ),
    ActionSpec("quit", "Quit", ("Ctrl+Q",), "Close Looktwice", "Application"),
)

HELP = (
    ActionSpec("analysis", "Analysis", ("Ctrl+Shift+Y",), "Analyze a whole video, and what came of it", "Panels", True),
    ActionSpec("timeline", "Timeline", ("Ctrl+T",), "Show which class was where along the video", "Panels", True),
    ActionSpec("keys", "Keys", ("?", "F1"), "Show what the keys do, and change them", "Help", checkable=True),
    ActionSpec("report", "Report...", ("Ctrl+Shift+R",), "Gather what an issue needs, to copy it", "Help", True),
    ActionSpec("about", "About Looktwice", (), "Version, licences, privacy", "Help", checkable=True),
)

ACTIONS: tuple[ActionSpec, ...] = (
    *SOURCE, *PLAYBACK, *VIEW, *INSPECT, *ANALYZE, *CAPTURE, *CHOOSE, *PANELS, *APPLICATION, *HELP,
)  # fmt: skip


def tip_with_keys(tip: str, keys: list[QKeySequence]) -> str:
    """The tip, with the key that is shown where there is one."""
    shown = keys[0].toString(QKeySequence.SequenceFormat.NativeText) if keys else ""
    return f"{tip} ({shown})" if shown else tip


def build_actions(parent: QObject) -> dict[str, QAction]:
    """A QAction per row of the table, by name."""
    actions = {}
    for spec in ACTIONS:
        action = QAction(tr(spec.text), parent)
        action.setObjectName(spec.name)
        action.setCheckable(spec.checkable)
        keys = [QKeySequence(key) for key in spec.keys]
        action.setShortcuts(keys)
        action.setToolTip(tip_with_keys(tr(spec.tip), keys))
        actions[spec.name] = action
    return actions

"""The one place that tames OpenCV's import: its Qt variables and its messages.

The OpenCV wheel points Qt at its own Qt 5 plugins and fonts (`QT_QPA_PLATFORM_PLUGIN_PATH`, `QT_QPA_FONTDIR`) and
amends `LD_LIBRARY_PATH`. The window's Qt and every child process would inherit that.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, MutableMapping

QT_VARIABLES = ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR")
LOG_LEVEL_VARIABLE = "OPENCV_LOG_LEVEL"


def import_opencv() -> None:
    """Import OpenCV and leave the environment as it was. Its own messages are switched off unless asked for."""
    before = dict(os.environ)
    import cv2

    restore(os.environ, before)
    # Somebody may have imported OpenCV earlier: what still points into its folder is not the user's choice.
    forget_variables_into(os.environ, os.path.dirname(os.path.abspath(cv2.__file__)))
    if LOG_LEVEL_VARIABLE not in os.environ:
        # Failures come back as exceptions or None and are told in our own words.
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


def restore(environment: MutableMapping[str, str], before: Mapping[str, str]) -> None:
    """Make `environment` equal `before`, touching only what differs."""
    for name in [name for name in environment if name not in before]:
        del environment[name]
    for name, value in before.items():
        if environment.get(name) != value:
            environment[name] = value


def forget_variables_into(environment: MutableMapping[str, str], folder: str) -> None:
    """Remove the Qt variables whose value lies in `folder`."""
    for name in QT_VARIABLES:
        if environment.get(name, "").startswith(folder + os.sep):
            del environment[name]

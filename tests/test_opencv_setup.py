"""Importing the package leaves the environment as it was."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from detector.opencv_setup import QT_VARIABLES, forget_variables_into, restore

WATCHED = (*QT_VARIABLES, "LD_LIBRARY_PATH")
TELL = f"import json, os; print(json.dumps({{name: os.environ.get(name) for name in {WATCHED!r}}}))"


def environment_after(imports: str, **own: str) -> dict[str, str | None]:
    """The watched variables in a new process after `imports`, with the user's `own` ones set."""
    environment = {name: value for name, value in os.environ.items() if name not in WATCHED} | own
    command = [sys.executable, "-c", f"{imports}\n{TELL}"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=True)
    found: dict[str, str | None] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("imports", ["import detector", "from detector import geometry", "import cv2\nimport detector"])
def test_qt_variables_of_the_opencv_wheel_do_not_stay(imports):
    found = environment_after(imports)
    assert [found[name] for name in QT_VARIABLES] == [None, None]


def test_the_users_own_values_stay():
    own = {"QT_QPA_PLATFORM_PLUGIN_PATH": "/my/plugins", "QT_QPA_FONTDIR": "/my/fonts", "LD_LIBRARY_PATH": "/my/lib"}
    assert environment_after("import detector", **own) == own


def test_opencv_does_not_chatter_about_broken_files():
    code = (
        "import detector, cv2, numpy\nassert cv2.imdecode(numpy.frombuffer(b'II*\\0abcdefgh', numpy.uint8), 1) is None"
    )
    environment = {name: value for name, value in os.environ.items() if name != "OPENCV_LOG_LEVEL"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")


def test_restore_undoes_additions_changes_and_removals():
    environment = {"kept": "1", "changed": "new", "added": "x"}
    restore(environment, {"kept": "1", "changed": "old", "removed": "y"})
    assert environment == {"kept": "1", "changed": "old", "removed": "y"}


def test_only_variables_into_the_folder_are_forgotten():
    environment = {"QT_QPA_PLATFORM_PLUGIN_PATH": "/site/cv2/qt/plugins", "QT_QPA_FONTDIR": "/site/cv2-fonts"}
    forget_variables_into(environment, "/site/cv2")
    assert environment == {"QT_QPA_FONTDIR": "/site/cv2-fonts"}

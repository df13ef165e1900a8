"""Where Qt can open no window the user reads one sentence with a way out, and the process ends with code 2."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gui.platform_trouble import debian_package, libraries_named, missing_sentence, sentence_of

ROOT = Path(__file__).resolve().parents[2]
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="the platforms and ldd of Linux")


def start(home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """The window, as somebody starts it in these surroundings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("QT_", "DISPLAY", "WAYLAND"))}
    return subprocess.run(
        [sys.executable, "main.py"],
        cwd=ROOT,
        env=kept | {"HOME": str(home)} | environment,
        capture_output=True,
        text=True,
        timeout=300,
    )


@LINUX
def test_a_platform_that_is_none_is_named(tmp_path: Path) -> None:
    ended = start(tmp_path, QT_QPA_PLATFORM="nonsense")
    assert ended.returncode == 2
    assert ended.stderr == (
        "looktwice: there is no Qt platform 'nonsense' to open a window on; "
        "set QT_QPA_PLATFORM to one of xcb, wayland, offscreen, or to nothing.\n"
    )


@LINUX
def test_a_library_that_the_system_lacks_is_named_with_its_package(tmp_path: Path) -> None:
    spec = importlib.util.find_spec("PySide6")
    assert spec is not None
    assert spec.origin is not None
    plugin = Path(spec.origin).parent / "Qt/plugins/platforms/libqxcb.so"
    # Away from its neighbours it finds less of what it needs.
    shutil.copy(plugin, tmp_path)
    ended = start(tmp_path, QT_QPA_PLATFORM="xcb", DISPLAY=":77", QT_QPA_PLATFORM_PLUGIN_PATH=str(tmp_path))
    assert ended.returncode == 2
    (line,) = ended.stderr.splitlines()
    assert line.startswith("looktwice: the window's toolkit Qt misses ")
    assert "libQt6XcbQpa.so.6" in line
    assert "sudo apt-get install " in line
    assert "libxcb-cursor0 is needed" not in line, "Qt's guess, which may be wrong"


def test_a_display_that_does_not_answer_is_named(tmp_path: Path) -> None:
    said = [
        "could not connect to display :77",
        "From 6.5.0, xcb-cursor0 or libxcb-cursor0 is needed to load the Qt xcb platform plugin.",
        f'Could not load the Qt platform plugin "xcb" in "{tmp_path}" even though it was found.',
    ]
    assert sentence_of(said, tmp_path).startswith("the display :77 does not answer; ")
    assert "the display of DISPLAY does" in sentence_of(["could not connect to display "], tmp_path)


def test_what_is_not_understood_is_told_in_qts_words(tmp_path: Path) -> None:
    assert sentence_of(["Out of\nluck."], tmp_path).endswith("its own words are: Out of luck.")


@pytest.mark.parametrize(
    ("library", "package"),
    [
        ("libxcb-icccm.so.4", "libxcb-icccm4"),
        ("libxcb-keysyms.so.1", "libxcb-keysyms1"),
        ("libxcb-render-util.so.0", "libxcb-render-util0"),
        ("libxkbcommon-x11.so.0", "libxkbcommon-x11-0"),
        ("libX11-xcb.so.1", "libx11-xcb1"),
        ("libEGL.so.1", "libegl1"),
        ("libdbus-1.so.3", "libdbus-1-3"),
        ("libglib-2.0.so.0", "libglib2.0-0"),
    ],
)
def test_packages_are_those_that_the_setup_installs(library: str, package: str) -> None:
    assert debian_package(library) == package
    assert package in (ROOT / "scripts" / "setup.sh").read_text("utf-8")


def test_what_python_says_of_a_library_that_cannot_be_loaded_is_understood() -> None:
    named = libraries_named("libEGL.so.1: cannot open shared object file: No such file or directory")
    assert named == ["libEGL.so.1"]
    assert missing_sentence(named).endswith("type: sudo apt-get install libegl1")

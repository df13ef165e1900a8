"""Why Qt could not open the window, in one sentence, where Qt itself says it in five. No Qt in here."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

NO_PLATFORM = "no Qt platform plugin could be initialized"
NOT_FOUND = re.compile(r'Could not find the Qt platform plugin "([^"]*)"')
NOT_LOADED = re.compile(r'Could not load the Qt platform plugin "([^"]*)" in "([^"]*)" even though it was found')
NO_DISPLAY = re.compile(r"could not connect to display\s*(\S*)")
LIBRARY = re.compile(r"\blib[\w.+-]+\.so[.\d]*")
SONAME = re.compile(r"(?P<name>.+)\.so\.(?P<version>\d+)")
PLATFORMS = "xcb, wayland, offscreen"
LDD_S = 10.0


def sentence_of(said: Sequence[str], plugins: Path) -> str:
    """What to tell, and the way out.

    Args:
        said: what Qt said before it gave up, in its order. plugins: the folder of Qt's plugins.
    """
    text = "\n".join(said)
    for name, folder in NOT_LOADED.findall(text):
        missing = missing_libraries(Path(folder or plugins / "platforms") / f"libq{name}.so")
        if missing:
            return missing_sentence(missing)
    if (display := NO_DISPLAY.search(text)) is not None:
        return (
            f"the display {display[1] or 'of DISPLAY'} does not answer; start Looktwice from a desktop, or add "
            "--frames N for a run that nobody watches."
        )
    if (unknown := NOT_FOUND.search(text)) is not None:
        return (
            f"there is no Qt platform {unknown[1]!r} to open a window on; set QT_QPA_PLATFORM to one of {PLATFORMS}, "
            "or to nothing."
        )
    return "Qt cannot open a window here; bash scripts/run looks for what it needs, and its own words are: " + (
        " ".join(text.split()) or "none"
    )


def missing_sentence(libraries: Sequence[str]) -> str:
    """Names system libraries that are missing, and how Debian and Ubuntu install them."""
    packages = " ".join(debian_package(library) for library in libraries)
    return (
        f"the window's toolkit Qt misses {', '.join(libraries)} from this system; on Debian and Ubuntu type: "
        f"sudo apt-get install {packages}"
    )


def libraries_named(text: str) -> list[str]:
    """The shared libraries that a text names, each once."""
    return list(dict.fromkeys(LIBRARY.findall(text)))


def missing_libraries(plugin: Path) -> list[str]:
    """The libraries that this one needs and the system has not; none where there is no way to find out."""
    try:
        told = subprocess.run(["ldd", str(plugin)], capture_output=True, text=True, timeout=LDD_S, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return []
    return [line.split()[0] for line in told.splitlines() if line.rstrip().endswith("not found")]


def debian_package(library: str) -> str:
    """The package that Debian's rules call for: `libxcb-icccm.so.4` is in libxcb-icccm4, `libdbus-1.so.3` in
    libdbus-1-3."""
    named = SONAME.match(library)
    if named is None:
        return library.lower()
    # The one of Qt's whose package does not follow the rule.
    name = named["name"].lower().replace("libglib-2.0", "libglib2.0")
    return name + ("-" if name[-1].isdigit() else "") + named["version"]

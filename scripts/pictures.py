"""Remakes the pictures of the documents, from the real window with the shipped weights.

    python -m scripts.pictures                        all of them, into docs/pictures
    python -m scripts.pictures --only grid --only keys
    python -m scripts.pictures --folder somewhere     there instead

The window is drawn offscreen and plays the built-in sample. Home, settings and captures lie in a temporary folder.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.files import write_atomically

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "pictures"
NAMES = (
    "start",
    "window",
    "dark",
    "error",
    "small",
    "raw-boxes",
    "grid",
    "recording",
    "performance",
    "keys",
    "preferences",
    "compare",
    "inspector",
    "timeline",
)
MOST_BYTES = 350_000
XDG_VARIABLES = (
    "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_PICTURES_DIR", "XDG_VIDEOS_DIR",
)  # fmt: skip


def main(words: Sequence[str] | None = None) -> int:
    """Take the pictures that are asked for. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m scripts.pictures", description=__doc__.partition("\n")[0])
    parser.add_argument("--only", action="append", choices=NAMES, metavar="NAME", help=f"one of {', '.join(NAMES)}")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where they go; docs/pictures by default")
    options = parser.parse_args(words)
    folder = options.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    before = Path.cwd()
    with tempfile.TemporaryDirectory(prefix="looktwice-pictures-", ignore_cleanup_errors=True) as home:
        move_home(Path(home))
        # Qt reads the surroundings when it is imported.
        from scripts.picture_scenes import Studio

        studio = Studio()
        for name in options.only or NAMES:
            data = small_png(studio.picture(name))
            write_atomically(folder / f"{name}.png", data)
            print(f"{name}.png: {len(data) / 1000:.0f} kB", flush=True)
        os.chdir(before)
    return 0


def move_home(home: Path) -> None:
    """Let what programs keep for a user lie in `home`, and work there, so that no path of this machine is seen."""
    for variable in XDG_VARIABLES:
        os.environ.pop(variable, None)
    os.environ["HOME"] = os.environ["USERPROFILE"] = str(home)
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    os.chdir(home)


def small_png(picture: NDArray[np.uint8]) -> bytes:
    """RGB uint8 `[H, W, 3]` as a PNG of at most `MOST_BYTES`, for which as few of the lowest bits go as have to."""
    for bits in range(5):
        step = 1 << bits
        rounded = np.minimum((picture.astype(np.uint16) + step // 2) // step * step, 255).astype(np.uint8)
        done, data = cv2.imencode(".png", cv2.cvtColor(rounded, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_PNG_COMPRESSION, 9])
        if done and len(data) <= MOST_BYTES:
            return data.tobytes()
    sys.exit(f"a picture of {picture.shape[1]}x{picture.shape[0]} pixels does not fit into {MOST_BYTES} bytes")


if __name__ == "__main__":
    sys.exit(main())

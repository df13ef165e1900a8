"""Remakes the pictures of the teaching pages in docs/lessons, from the shipped weights and the built-in sample.

    python -m scripts.lessons                      all of them, into docs/lessons
    python -m scripts.lessons --only relu          one
    python -m scripts.lessons --folder somewhere   there instead

Needs matplotlib: pip install 'looktwice[train]'.
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Sequence
from pathlib import Path

import cv2
import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from detector.files import write_atomically
from scripts.lesson_pictures import PICTURES, Classroom

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "lessons"
DPI = 100


def main(words: Sequence[str] | None = None) -> int:
    """Draw the pictures that are asked for. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m scripts.lessons", description=__doc__.partition("\n")[0])
    parser.add_argument("--only", action="append", choices=tuple(PICTURES), metavar="NAME", help=", ".join(PICTURES))
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where they go; docs/lessons by default")
    options = parser.parse_args(words)
    options.folder.mkdir(parents=True, exist_ok=True)
    mpl.rcParams.update({"font.size": 10, "axes.titlesize": 11, "figure.dpi": DPI})
    room = Classroom()
    for name in options.only or PICTURES:
        path = options.folder / f"{name}.png"
        write_atomically(path, small_png(PICTURES[name](room)))
        print(path)
    return 0


def small_png(figure: Figure) -> bytes:
    """A figure as a PNG of 256 colours: photographs under heat maps are large otherwise."""
    data = io.BytesIO()
    figure.savefig(data, format="png", bbox_inches="tight", facecolor="white", metadata={"Software": None})
    picture = cv2.imdecode(np.frombuffer(data.getvalue(), np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    done, small = cv2.imencode(".png", (picture // 8) * 8 + 4, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    assert done
    return small.tobytes()


if __name__ == "__main__":
    raise SystemExit(main())

"""How soon the window is there, and what it takes of the memory while it runs.

    python -m benchmarks.startup                         OpenVINO, as by itself
    python -m benchmarks.startup --engine torch

`python main.py --source sample` is started several times; times are counted from the start of the process, as the
system tells it. Painted: the main window for the first time. First boxes: the first frame with a detection is painted.
Memory: what is resident after some seconds of playing. One start before warms up: bytecode, the disk's cache, and what
is found out once. The window has a home of its own, and draws offscreen unless QT_QPA_PLATFORM says otherwise.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import own_home
from detector.machine import hardware, today, versions

ROOT = Path(__file__).parents[1]


def started(engine: str, play_s: float) -> dict[str, float]:
    """The figures of one start."""
    words = [sys.executable, "-m", "benchmarks.watched_start", str(play_s), engine]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True)
    told: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", default="", help="as main.py takes it")
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--play", type=float, default=8.0, metavar="SECONDS", help="before the memory is read")
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args()
    # All starts live in this one home, in which stays what was found out.
    assert own_home.FOLDER.is_dir()
    started(options.engine, 1.0)
    each = [started(options.engine, options.play) for _ in range(options.starts)]
    about = ", ".join(f"{key} {value}" for key, value in versions().items())
    title = f"start: {hardware()}, {today()}, engine {options.engine or 'by itself'}, {about}"
    table = Table("", "median", "least", "most", title=title)
    for key, name in (("painted_s", "painted, s"), ("boxes_s", "first boxes, s"), ("resident_mib", "memory, MiB")):
        values = [one[key] for one in each]
        table.add_row(name, *(f"{value:.2f}" for value in (statistics.median(values), min(values), max(values))))
    Console().print(table)
    print("torch was imported" if any(one["torch"] for one in each) else "torch was not imported")
    if options.json:
        told = {"what": "startup", "hardware": hardware(), "date": today(), "versions": versions(), "starts": each}
        options.json.write_text(json.dumps(told, indent=2))


if __name__ == "__main__":
    main()

"""How fast, how smooth and how frugal the live window is.

    python -m benchmarks.live rate      parts measured alone against the live pipeline, alternated
    python -m benchmarks.live timer     a 10 ms timer on the GUI thread while source, model and size change
    python -m benchmarks.live memory    resident memory at frame 2,000 and at frame 20,000

Every run prints a table with hardware and versions; --json FILE writes the same figures. Close other programs before.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import psutil
from PySide6.QtCore import QElapsedTimer, QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication
from rich.console import Console
from rich.table import Table

from benchmarks.clip import make_clip
from benchmarks.parts import measured_alone
from detector.machine import hardware, today, versions
from detector.registry import DEFAULT_MODEL, model_info
from gui.main_window import MainWindow
from gui.messages import route_qt_messages
from gui.settings import MemoryStore, SettingsStore
from gui.theme import apply_theme
from gui.values import ModelChoice

REPEATS = 5


def wait_ms(milliseconds: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def wait_until(condition: Callable[[], bool], timeout_s: float = 120.0) -> None:
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline_s:
            sys.exit("the window brought no boxes in time")
        wait_ms(20)


def open_window(source: str, choice: ModelChoice) -> MainWindow:
    """A window in which `source` plays in a loop and is answered."""
    window = MainWindow(SettingsStore(MemoryStore()))
    window.show()
    window.session.set_loop(True)
    window.session.open(source)
    window.session.choose_model(choice)
    wait_until(lambda: window.session.bridge.answered > 0)
    return window


def rate(clip: Path, seconds: float) -> dict[str, Any]:
    """Median of five: live frames per second over what the parts, measured alone just before, allow."""
    window = open_window(str(clip), ModelChoice(DEFAULT_MODEL))
    running = window.session.model
    assert running is not None
    cores = len(os.sched_getaffinity(0))
    window.session.runner.set_speed(0)
    rows = []
    for _ in range(REPEATS):
        window.session.set_playing(False)
        wait_ms(300)
        parts = measured_alone(clip, (window.canvas.width(), window.canvas.height()))
        window.session.set_playing(True)
        wait_ms(500)
        answered, started_s = window.session.bridge.answered, time.perf_counter()
        wait_ms(round(seconds * 1000))
        fps = (window.session.bridge.answered - answered) / (time.perf_counter() - started_s)
        allowed = parts.allowed_fps(cores)
        rows.append({**vars(parts), "allowed_fps": allowed, "live_fps": fps, "share": fps / allowed})
    window.close()
    median = {key: statistics.median(row[key] for row in rows) for key in rows[0]}
    return {"median": median, "repeats": rows, "model": f"{running.info.name} {running.size}", **_engine(running)}


def timer(clip: Path, seconds: float, other_model: str) -> dict[str, Any]:
    """Lateness of a 10 ms timer over `seconds`, with a change of source, of model and of size in between."""
    window = open_window(str(clip), ModelChoice(DEFAULT_MODEL))
    late_ms: list[float] = []
    clock = QElapsedTimer()
    ticker = QTimer()
    ticker.setTimerType(Qt.TimerType.PreciseTimer)
    last_ns = [0]

    def tick() -> None:
        now_ns = clock.nsecsElapsed()
        late_ms.append(max(0.0, (now_ns - last_ns[0]) / 1e6 - 10.0))
        last_ns[0] = now_ns

    ticker.timeout.connect(tick)
    clock.start()
    ticker.start(10)
    session = window.session
    changes: list[Callable[[], None]] = [
        lambda: session.open("sample"),
        lambda: session.choose_model(ModelChoice(DEFAULT_MODEL, 256)),
        lambda: session.choose_model(ModelChoice(other_model)),
        lambda: window.resize(900, 640),
        lambda: session.open(str(clip)),
        lambda: session.choose_model(ModelChoice(DEFAULT_MODEL)),
        lambda: window.resize(1180, 760),
    ]
    for change in changes:
        wait_ms(round(1000 * seconds / (len(changes) + 1)))
        change()
    wait_ms(round(1000 * seconds / (len(changes) + 1)))
    ticker.stop()
    model = session.model
    window.close()
    ordered = sorted(late_ms)
    return {
        "ticks": len(ordered),
        "late_p50_ms": ordered[len(ordered) // 2],
        "late_p99_ms": ordered[int(len(ordered) * 0.99)],
        "late_max_ms": ordered[-1],
        "within_30_ms": sum(ms <= 30 for ms in ordered) / len(ordered),
        **_engine(model),
    }


def memory(clip: Path, first: int, last: int) -> dict[str, Any]:
    """Resident memory of the process at two frame counts, unpaced."""
    window = open_window(str(clip), ModelChoice(DEFAULT_MODEL))
    session, process = window.session, psutil.Process()
    session.runner.set_speed(0)
    seen = {}

    def answered(count: int) -> Callable[[], bool]:
        return lambda: session.bridge.answered >= count

    for count in (first, last):
        wait_until(answered(count), timeout_s=3600)
        seen[count] = process.memory_info().rss / 2**20
    model = session.model
    window.close()
    return {
        "frames": [first, last],
        "resident_mib": [seen[first], seen[last]],
        "growth_mib": seen[last] - seen[first],
        **_engine(model),
    }


def copied_model(folder: Path) -> str:
    """The default model's weights as another file, to be loaded from its first byte."""
    return str(shutil.copy(model_info(DEFAULT_MODEL).file, folder / "other.safetensors"))


def _engine(model: Any) -> dict[str, str]:
    return {"engine": model.engine, "precision": model.precision, "device": model.device}


def show(name: str, figures: dict[str, Any]) -> None:
    table = Table(title=f"{name}: {hardware()}, {today()}, " + ", ".join(f"{k} {v}" for k, v in versions().items()))
    table.add_column("figure")
    table.add_column("value", justify="right")
    for key, value in {**figures, **figures.get("median", {})}.items():
        if key not in ("median", "repeats"):
            table.add_row(key, f"{value:.3f}" if isinstance(value, float) else str(value))
    Console().print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("rate", "timer", "memory"))
    parser.add_argument("--clip", type=Path, help="a 640x360 video; by default one made of the sample")
    parser.add_argument("--seconds", type=float, help="measuring time: rate 8 a repeat, timer 60 in all")
    parser.add_argument("--other-model", help="for timer: the model to change to; by default a copy of the usual one")
    parser.add_argument("--frames", type=int, nargs=2, default=(2_000, 20_000), metavar="N", help="for memory")
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args()
    route_qt_messages()
    app = QApplication(["looktwice-benchmark"])
    apply_theme(app)
    app.setQuitOnLastWindowClosed(False)
    with tempfile.TemporaryDirectory() as folder:
        clip = options.clip or make_clip(Path(folder) / "sample.mp4", 600)
        if options.what == "rate":
            figures = rate(clip, options.seconds or 8.0)
        elif options.what == "timer":
            figures = timer(clip, options.seconds or 60.0, options.other_model or copied_model(Path(folder)))
        else:
            figures = memory(clip, *options.frames)
    show(options.what, figures)
    if options.json:
        about = {"what": options.what, "hardware": hardware(), "date": today(), "versions": versions()}
        options.json.write_text(json.dumps({**about, **figures}, indent=2))


if __name__ == "__main__":
    main()

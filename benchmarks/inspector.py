"""What looking inside costs: the window with the inspector open and closed in turn, on the same clip.

    python -m benchmarks.inspector

The clip plays in a loop as fast as the detector can; the inspector shows all channels of one layer. Told are the
detector's frames per second, how often the grid was drawn anew, and how late a 10 ms timer in the GUI thread was.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import own_home  # isort: split

# Only now Qt, in a home of its own.
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication
from rich.console import Console
from rich.table import Table

from benchmarks.clip import make_clip
from benchmarks.live import open_window, wait_ms, wait_until
from benchmarks.stalls import Ticker
from detector.machine import hardware, today, versions
from detector.registry import DEFAULT_MODEL, ENGINES, EngineChoice
from gui.inspect.map_grid import MapGrid
from gui.main_window import MainWindow
from gui.messages import route_qt_messages
from gui.theme import apply_theme
from gui.values import ModelChoice

REPEATS = 5
LAYER = "backbone.stage2.2"
"""The largest one of 64 channels: 80 x 80 places at 320 pixels."""
SETTLE_MS = 700


class Painted(QObject):
    """Counts how often a widget is painted."""

    def __init__(self, widget: QObject) -> None:
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.Paint
        return False


def measure(window: MainWindow, seconds: float) -> dict[str, float]:
    """Frames per second of the detector, and the lateness of ticks, from now on."""
    bridge, ticker = window.session.bridge, Ticker()
    answered, started_s = bridge.answered, time.perf_counter()
    ticker.start()
    wait_ms(round(seconds * 1000))
    ticker.stop()
    fps = (bridge.answered - answered) / (time.perf_counter() - started_s)
    late = sorted(ticker.late_ms)
    return {"fps": fps, "within_30_ms": sum(ms <= 30 for ms in late) / len(late), "late_max_ms": late[-1]}


def compare(clip: Path, seconds: float, layer: str, engine: EngineChoice) -> dict[str, Any]:
    """Closed and open in turn, `REPEATS` times each; every pair gives a ratio of its own."""
    window = open_window(str(clip), ModelChoice(DEFAULT_MODEL, engine=engine))
    window.session.runner.set_speed(0)
    inspector = window.commands["inspector"]
    inspector.setChecked(True)
    wait_until(lambda: bool(window.inspecting.layers))
    window.inspecting.set_layer(layer)
    wait_until(lambda: window.inspecting.maps is not None)
    grid = window.findChild(MapGrid)
    assert grid is not None
    # Times of the layers are measured in the background for a moment.
    wait_ms(3000)
    rows = []
    for _ in range(REPEATS):
        inspector.setChecked(False)
        wait_ms(SETTLE_MS)
        closed = measure(window, seconds)
        inspector.setChecked(True)
        wait_until(lambda: window.inspecting.maps is not None)
        wait_ms(SETTLE_MS)
        painted = Painted(grid)
        opened = measure(window, seconds)
        rows.append(
            {
                "closed_fps": closed["fps"],
                "open_fps": opened["fps"],
                "share": opened["fps"] / closed["fps"],
                "redraws_per_s": painted.count / seconds,
                "within_30_ms": opened["within_30_ms"],
                "late_max_ms": opened["late_max_ms"],
            }
        )
        grid.removeEventFilter(painted)
    running = window.session.model
    assert running is not None
    about = f"{running.info.name} {running.size}, {running.engine} {running.precision} on {running.device}"
    window.close()
    median = {key: statistics.median(row[key] for row in rows) for key in rows[0]}
    return {"model": about, "layer": layer, "median": median, "repeats": rows}


def show(figures: dict[str, Any]) -> None:
    about = ", ".join(f"{name} {version}" for name, version in versions().items())
    table = Table(title=f"inspector: {hardware()}, {today()}, {about}")
    for column in ("run", *figures["median"]):
        table.add_column(column, justify="right")
    for name, row in [*enumerate(figures["repeats"], start=1), ("median", figures["median"])]:
        table.add_row(str(name), *(f"{value:.3f}" for value in row.values()))
    console = Console()
    console.print(f"{figures['model']}, {figures['layer']}")
    console.print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=8.0, help="of each measurement, ten in all")
    parser.add_argument("--layer", default=LAYER, help=f"{LAYER} by default")
    parser.add_argument(
        "--engine", choices=ENGINES, default="torch", help="torch is tapped; openvino runs frames twice"
    )
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args()
    route_qt_messages()
    app = QApplication(["looktwice-benchmark"])
    apply_theme(app)
    app.setQuitOnLastWindowClosed(False)
    assert own_home.FOLDER.is_dir()
    with tempfile.TemporaryDirectory() as folder:
        figures = compare(make_clip(Path(folder) / "sample.mp4", 600), options.seconds, options.layer, options.engine)
    show(figures)
    if options.json:
        about = {"what": "inspector", "hardware": hardware(), "date": today(), "versions": versions()}
        options.json.write_text(json.dumps({**about, **figures}, indent=2))


if __name__ == "__main__":
    main()

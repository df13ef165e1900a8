"""How old what the window shows of a stream is, while the stream is faster than the detector.

    python -m benchmarks.stream --minutes 10 --fps 60

A local motion JPEG server in a process of its own writes the time of sending into every picture; the window reads it
back from the picture that it shows. Prints the delay by minute; --json FILE writes the same figures. Close other
programs before.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtWidgets import QApplication
from rich.console import Console
from rich.table import Table

from benchmarks.live import open_window, wait_ms
from benchmarks.mjpeg_process import served
from benchmarks.time_stamp import age_s
from detector.machine import hardware, today, versions
from detector.pipeline.results import FrameResult
from detector.registry import DEFAULT_MODEL
from gui.messages import route_qt_messages
from gui.session import Session
from gui.theme import apply_theme
from gui.values import ModelChoice, ShownFrame

MINUTE_S = 60.0
WARM_UP_MS = 2000


@dataclass(frozen=True)
class Minute:
    """Delays in milliseconds from sending to showing over a minute, or what there was of it.

    arrival_p50_ms: the part of the median that begins with the picture's arrival here. detection_p50_ms: what the
    detector took for a shown picture. bound_p50_ms: two frames of the stream and that. within_bound: the share of shown
    pictures that were no older than two frames and their own detection.
    """

    minute: int
    shown: int
    shown_fps: float
    p50_ms: float
    p95_ms: float
    worst_ms: float
    arrival_p50_ms: float
    detection_p50_ms: float
    bound_p50_ms: float
    within_bound: float


class Watch:
    """Gathers what the session shows of a stream of `fps` pictures a second, from one `take` to the next."""

    def __init__(self, session: Session, fps: float) -> None:
        self._frame_ms = 1000 / fps
        self._took_ms: dict[int, float] = {}
        self._rows: list[tuple[float, float, float]] = []
        self._begin_s = time.monotonic()
        self.unreadable = 0
        self._forget = session.bridge.add_listener(self._answered)
        session.shown.connect(self._shown)

    def close(self) -> None:
        self._forget()

    def _answered(self, result: FrameResult) -> None:
        """Called in the lane's thread, before the frame is shown."""
        times = result.times
        self._took_ms[result.frame.index] = (times.prepare_s + times.network_s + times.post_s) * 1000

    def _shown(self, shown: ShownFrame) -> None:
        now_s = time.monotonic()
        age = age_s(shown.frame.image, now_s)
        took_ms = self._took_ms.pop(shown.frame.index, None)
        if age is None or took_ms is None:
            self.unreadable += 1
            return
        self._rows.append((age * 1000, (now_s - shown.frame.taken_s) * 1000, took_ms))

    def take(self, minute: int) -> Minute:
        """The figures since the last call."""
        rows, span_s = np.array(self._rows).reshape(-1, 3), time.monotonic() - self._begin_s
        self._rows, self._took_ms, self._begin_s = [], {}, time.monotonic()
        if not len(rows):
            sys.exit("the window showed nothing of the stream")
        sent_ms, arrived_ms, took_ms = rows.T
        bound_ms = 2 * self._frame_ms + took_ms
        p50, p95, worst = (float(value) for value in np.percentile(sent_ms, (50, 95, 100)))
        arrived, took, bound = (float(np.median(values)) for values in (arrived_ms, took_ms, bound_ms))
        within = float((sent_ms <= bound_ms).mean())
        return Minute(minute, len(rows), len(rows) / span_s, p50, p95, worst, arrived, took, bound, within)


def measure(minutes: float, fps: float) -> tuple[list[Minute], dict[str, str | int]]:
    """Watch the window show a stream of `fps` pictures a second; the figures by minute, and what answered."""
    with served(fps) as address:
        window = open_window(address, ModelChoice(DEFAULT_MODEL))
        session = window.session
        session.set_mirror(False)
        wait_ms(WARM_UP_MS)
        watch = Watch(session, fps)
        rows: list[Minute] = []
        left_s = minutes * MINUTE_S
        while left_s > 0:
            wait_ms(round(min(left_s, MINUTE_S) * 1000))
            left_s -= MINUTE_S
            rows.append(watch.take(len(rows) + 1))
        model = session.model
        assert model is not None
        about: dict[str, str | int] = {
            "model": f"{model.info.name} {model.size}", "engine": model.engine, "precision": model.precision,
            "device": model.device, "unreadable": watch.unreadable, "dropped": session.dropped,
        }  # fmt: skip
        watch.close()
        window.close()
    return rows, about


def show(rows: list[Minute], about: dict[str, str | int], fps: float) -> None:
    title = f"stream at {fps:g} frames per second, delays in ms: {hardware()}, {today()}, "
    caption = "p50, p95, max: from sending to showing. bound: two frames of the stream and the picture's own detection."
    table = Table(
        title=title + ", ".join(f"{key} {value}" for key, value in {**versions(), **about}.items()), caption=caption
    )
    for heading in ("minute", "shown", "fps", "p50", "p95", "max", "arrival", "detect", "bound", "within"):
        table.add_column(heading, justify="right")
    for row in rows:
        values = list(asdict(row).values())
        cells = [str(value) if isinstance(value, int) else f"{value:.1f}" for value in values[:-1]]
        table.add_row(*cells, f"{row.within_bound:.1%}")
    Console().print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--fps", type=float, default=60.0, help="of the stream; must be more than the detector does")
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args()
    route_qt_messages()
    app = QApplication(["looktwice-benchmark"])
    apply_theme(app)
    app.setQuitOnLastWindowClosed(False)
    rows, about = measure(options.minutes, options.fps)
    show(rows, about, options.fps)
    if options.json:
        figures: dict[str, object] = {
            "what": "stream",
            "hardware": hardware(),
            "date": today(),
            "versions": versions(),
            **about,
        }
        figures |= {"fps": options.fps, "bound": "two frames of the stream and one detection",
                    "minutes": [asdict(row) for row in rows]}  # fmt: skip
        options.json.write_text(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()

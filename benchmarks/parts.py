"""Each part of the live loop measured alone, in core-milliseconds a frame.

    python -m benchmarks.parts CLIP WIDTH HEIGHT      prints them as JSON, drawing on a canvas of that size

A process of its own: OpenMP lets threads sleep sooner once several of a process' threads compute, so that a network
measured beside an idle pipeline would look slower than it is.
"""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QApplication

from detector.detections import Candidates
from detector.detector import Detector
from detector.frames import Frame, open_source
from detector.geometry import Letterbox
from detector.pipeline.results import RunningModel
from detector.registry import DEFAULT_MODEL, load_detector
from detector.selection import Thresholds, select
from gui.canvas.frame_view import FrameView
from gui.messages import route_qt_messages
from gui.values import ShownFrame

SCREEN_HZ = 60.0
Item = TypeVar("Item")


@dataclass(frozen=True)
class Parts:
    """Core-milliseconds a frame. network_ms: wall time times the cores that it holds; the others: processor time."""

    decode_ms: float
    prepare_ms: float
    network_ms: float
    post_ms: float
    draw_ms: float

    def allowed_fps(self, cores: int) -> float:
        """The rate at which all parts together fill `cores`, drawing at most at the screen's rate."""
        each = self.decode_ms + self.prepare_ms + self.network_ms + self.post_ms
        slow = cores * 1000 / (each + self.draw_ms)
        return slow if slow <= SCREEN_HZ else (cores * 1000 - SCREEN_HZ * self.draw_ms) / each


def measured_alone(clip: Path, canvas_wh: tuple[int, int]) -> Parts:
    """The parts as a process of its own measures them."""
    command = [sys.executable, "-m", "benchmarks.parts", str(clip), *(str(side) for side in canvas_wh)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return Parts(**json.loads(done.stdout))


def measure_parts(clip: Path, detector: Detector, canvas: FrameView, frames: int = 150) -> Parts:
    """Measure the parts one after the other over the first `frames` frames of `clip`."""
    threads = int(detector.engine.device.rsplit("x", 1)[-1])
    source = open_source(str(clip))
    kept: list[Frame] = []

    def decode() -> None:
        frame = source.read()
        if frame is None:
            source.seek(0)
            frame = source.read()
        assert isinstance(frame, Frame)
        if len(kept) < frames:
            kept.append(frame)

    decode_ms = _processor_ms(decode, frames)
    source.close()
    prepared = iter([detector.prepare(frame.image) for frame in kept] * 2)
    prepare_ms = _processor_ms(_each(kept, lambda frame: detector.prepare(frame.image)), frames)
    inputs = [next(prepared) for _ in kept]
    for tensor, _ in inputs[:5]:
        detector.engine.run(tensor[None])
    started_s = time.perf_counter()
    outputs = [(detector.engine.run(tensor[None]), letterbox) for tensor, letterbox in inputs]
    network_ms = 1000 * (time.perf_counter() - started_s) / len(inputs) * threads
    rows = [([output[0] for output in raw], letterbox) for raw, letterbox in outputs]

    def interpret(row: tuple[list[NDArray[np.float32]], Letterbox]) -> Candidates:
        return detector.family.interpret(*row, detector.floor)

    post_ms = _processor_ms(_each(rows, interpret), frames)
    candidates = [interpret(row) for row in rows]

    thresholds = Thresholds(detector.info.default_score)
    engine = detector.engine
    strides = detector.family.grid_strides
    model = RunningModel(detector.info, detector.size, engine.name, engine.precision, engine.device, strides)
    pairs = list(zip(kept, candidates, strict=True))

    def draw(pair: tuple[Frame, Candidates]) -> None:
        frame, found = pair
        canvas.show_frame(ShownFrame(frame, found, select(found, thresholds), model))
        canvas.repaint()
        QApplication.processEvents()

    draw_ms = _processor_ms(_each(pairs, draw), frames)
    return Parts(decode_ms, prepare_ms, network_ms, post_ms, draw_ms)


def _each(items: Sequence[Item], act: Callable[[Item], object]) -> Callable[[], object]:
    """A function that acts on the next item at each call."""
    endless = itertools.cycle(items)
    return lambda: act(next(endless))


def _processor_ms(act: Callable[[], object], times: int) -> float:
    started_s = time.process_time()
    for _ in range(times):
        act()
    return 1000 * (time.process_time() - started_s) / times


def main() -> None:
    clip, width, height = sys.argv[1:]
    route_qt_messages()
    app = QApplication(["looktwice-parts"])
    canvas = FrameView()
    canvas.resize(int(width), int(height))
    canvas.show()
    app.processEvents()
    print(json.dumps(asdict(measure_parts(Path(clip), load_detector(DEFAULT_MODEL), canvas))))


if __name__ == "__main__":
    main()

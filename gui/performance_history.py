"""The last minute of speed: four samples a second for the plot, and every frame's times for the table."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import psutil
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from detector.pipeline.results import FrameResult, FrameTimes
from gui.machine_load import OtherPrograms, busy_cores
from gui.session import Session

SAMPLE_MS = 250
KEPT_S = 60.0
KEPT_SAMPLES = round(KEPT_S * 1000 / SAMPLE_MS) + 1
KEPT_FRAMES = 20_000
PARTS = ("read", "prep", "net", "post", "draw")


class Drawing(Protocol):
    """What is asked of the canvas: what one paint takes, in seconds."""

    draw_s: float


@dataclass(frozen=True)
class Sample:
    """A quarter of a second.

    at_s: monotonic. frames_per_s: None while nothing plays or nothing answers, a gap in the plot. parts_ms: means by
    part in the order of PARTS; None in a gap. memory_mb, cpu_percent (100 is one core) and threads are the process'.
    """

    at_s: float
    frames_per_s: float | None
    parts_ms: tuple[float, ...] | None
    dropped: int
    delay_s: float
    memory_mb: float
    cpu_percent: float
    threads: int


@dataclass(frozen=True)
class PartFigures:
    """Milliseconds a frame of one part over the minute."""

    part: str
    mean_ms: float
    most_ms: float
    """95 % of the frames took no longer."""
    max_ms: float


class PerformanceHistory(QObject):
    """Collects, also while nobody looks; a quarter of a second costs some 0.2 ms.

    Signals: `busy_changed` what to tell of other programs that keep the machine busy, "" when they no longer do.

    Args:
        clock: monotonic seconds, for tests.
        whole: how many cores were busy since it was asked last, for tests.
    """

    busy_changed = Signal(str)

    def __init__(
        self,
        session: Session,
        canvas: Drawing,
        parent: QObject | None = None,
        clock: Callable[[], float] = time.monotonic,
        whole: Callable[[], float] = busy_cores,
    ) -> None:
        super().__init__(parent)
        self.session, self.canvas, self.clock = session, canvas, clock
        self.samples: deque[Sample] = deque(maxlen=KEPT_SAMPLES)
        self._frames: deque[tuple[float, tuple[float, ...]]] = deque(maxlen=KEPT_FRAMES)
        # Filled by the lane's thread, emptied here; both ends of a deque are safe.
        self._fresh: deque[FrameTimes] = deque(maxlen=KEPT_FRAMES)
        self._process = psutil.Process(os.getpid())
        self._process.cpu_percent()
        self._whole = whole
        self._whole()
        self.others = OtherPrograms()
        self.busy = ""
        session.bridge.add_listener(self._on_result)
        self.timer = QTimer(self)
        self.timer.timeout.connect(self.sample)
        self.timer.start(SAMPLE_MS)

    def sample(self) -> Sample:
        """Take one sample now. While nothing plays it is a gap: no figure, and not a zero."""
        now_s, rates = self.clock(), self.session.bridge.meter.rates()
        fresh = [self._fresh.popleft() for _ in range(len(self._fresh))]
        flows = self.session.playback.playing and rates.frames_per_s > 0
        if flows:
            rows = [self._parts_ms(times) for times in fresh]
            self._frames.extend((now_s, row) for row in rows)
        with self._process.oneshot():
            sample = Sample(
                now_s,
                rates.frames_per_s if flows else None,
                self._parts_ms(rates.times) if flows else None,
                self.session.dropped,
                self.session.delay_s,
                self._process.memory_info().rss / 1e6,
                self._process.cpu_percent(),
                self._process.num_threads(),
            )
        self.samples.append(sample)
        self.others.add(now_s, self._whole(), sample.cpu_percent / 100)
        if self.others.sentence != self.busy:
            self.busy = self.others.sentence
            self.busy_changed.emit(self.busy)
        return sample

    def figures(self) -> list[PartFigures]:
        """Mean, 95 % and maximum by part over the last minute's frames; empty before the first."""
        oldest_s = self.clock() - KEPT_S
        while self._frames and self._frames[0][0] < oldest_s:
            self._frames.popleft()
        if not self._frames:
            return []
        rows: NDArray[np.float64] = np.array([row for _, row in self._frames])
        most = np.percentile(rows, 95, axis=0)
        return [
            PartFigures(part, float(rows[:, i].mean()), float(most[i]), float(rows[:, i].max()))
            for i, part in enumerate(PARTS)
        ]

    @property
    def frames_counted(self) -> int:
        """How many frames the figures are made of."""
        return len(self._frames)

    def _on_result(self, result: FrameResult) -> None:
        if result.candidates is not None:
            self._fresh.append(result.times)

    def _parts_ms(self, times: FrameTimes) -> tuple[float, ...]:
        # Selection and painting happen here, once for several frames where the screen skips some.
        post_s = times.post_s + self.session.select_s
        return tuple(
            1e3 * part for part in (times.read_s, times.prepare_s, times.network_s, post_s, self.canvas.draw_s)
        )

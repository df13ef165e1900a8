"""Frames a second of the real-time loop: reader and lane in their threads, as behind a window that draws nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from detector.detector import Detector
from detector.errors import OptionError
from detector.frames.protocol import Frame, SourceInfo
from detector.pipeline.results import Event, FrameResult, ModelFailed
from detector.pipeline.runner import Runner
from detector.selection import Thresholds, select

SLICE_S = 1.0
WARM_FRAMES = 5
PATIENCE_S = 120.0


class Remembered:
    """A source without end that gives frames from memory, so that nothing waits for a disk."""

    trouble = ""

    def __init__(self, images: Sequence[NDArray[np.uint8]]) -> None:
        self._images, self._next = images, 0
        size_wh = images[0].shape[1], images[0].shape[0]
        self.info = SourceInfo("frames in memory", "video", live=False, size_wh=size_wh, fps=30.0)

    def read(self) -> Frame:
        index, self._next = self._next, self._next + 1
        return Frame(self._images[index % len(self._images)], index, index / 30)

    def seek(self, index: int) -> None:
        self._next = index

    def close(self) -> None:
        """Nothing is held."""


def live_fps(detector: Detector, images: Sequence[NDArray[np.uint8]], seconds: float = SLICE_S) -> float:
    """How many frames a second are answered without pacing, boxes selected too.

    Raises:
        OptionError: the detector fails on them.
    """
    thresholds = Thresholds(score=detector.info.default_score)
    times_s: list[float] = []
    done = threading.Event()
    failed: list[str] = []

    def on_result(result: FrameResult) -> None:
        if done.is_set():
            return
        if result.candidates is not None:
            select(result.candidates, thresholds)
        now_s = time.perf_counter()
        times_s.append(now_s)
        if len(times_s) > WARM_FRAMES and now_s - times_s[WARM_FRAMES - 1] > seconds:
            done.set()

    def on_event(event: Event) -> None:
        if isinstance(event, ModelFailed):
            failed.append(event.message)
            done.set()

    runner = Runner(on_result, on_event)
    try:
        runner.set_speed(0)
        runner.load_model(detector.info.name, lambda: detector)
        runner.open(lambda: Remembered(images))
        if not done.wait(PATIENCE_S) or failed:
            raise OptionError(f"{detector.info.name} does not answer: {' '.join(failed) or 'it takes too long.'}")
    finally:
        runner.close()
    counted = times_s[WARM_FRAMES - 1 :]
    return (len(counted) - 1) / (counted[-1] - counted[0])

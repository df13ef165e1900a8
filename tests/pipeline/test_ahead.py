"""A frame that somebody waits for is there before a slow detector has answered it."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from detector.detector import Detector
from detector.pipeline.results import ModelReady
from detector.pipeline.runner import Runner
from tests.pipeline.fakes import NumberedSource, ReadingEngine, reading_detector
from tests.pipeline.watcher import PATIENCE_S, Watcher


class HeldEngine(ReadingEngine):
    """Answers only when it is let."""

    def __init__(self, leave: threading.Semaphore) -> None:
        super().__init__()
        self.leave = leave

    def side_by_side(self, frames: int) -> None:
        """Not here."""

    def run(self, inputs: NDArray[np.uint8]) -> tuple[NDArray[np.float32], ...]:
        assert self.leave.acquire(timeout=PATIENCE_S)
        return super().run(inputs)


class Stage:
    """A paused runner whose detector stands still; each frame it answers takes one `answer`."""

    def __init__(self, watcher: Watcher, slow_s: float) -> None:
        self.watcher = watcher
        self.leave = threading.Semaphore(0)
        self.runner = Runner(watcher.on_result, watcher.on_event, slow_s=slow_s)
        self.runner.set_speed(0)
        self.runner.pause()
        self.runner.load_model("held", self.held)
        watcher.wait(lambda: watcher.has(ModelReady))

    def held(self) -> Detector:
        made = reading_detector("held")
        made.engine = HeldEngine(self.leave)
        return made

    def answer(self) -> None:
        self.leave.release()

    def shown(self) -> list[tuple[int, bool]]:
        """What came: the frame's index, and whether it was answered."""
        return [(result.frame.index, result.candidates is not None) for result in self.watcher.results]

    def wait_for(self, index: int, answered: bool) -> None:
        self.watcher.wait(lambda: self.shown()[-1:] == [(index, answered)])

    def close(self) -> None:
        for _ in range(100):
            self.leave.release()
        self.runner.close()


@pytest.fixture
def stage(watcher: Watcher) -> Iterator[Stage]:
    stage = Stage(watcher, slow_s=0.0)
    yield stage
    stage.close()


def test_open_seek_and_step_show_the_frame_before_its_answer(stage: Stage) -> None:
    stage.runner.open(lambda: NumberedSource(50))
    stage.wait_for(0, answered=False)
    stage.answer()
    stage.wait_for(0, answered=True)
    stage.runner.seek(30)
    stage.wait_for(30, answered=False)
    stage.answer()
    stage.wait_for(30, answered=True)
    stage.runner.step()
    stage.wait_for(31, answered=False)
    stage.answer()
    stage.wait_for(31, answered=True)
    assert stage.shown() == [(index, answered) for index in (0, 30, 31) for answered in (False, True)]


def test_a_seek_away_from_a_frame_under_way_shows_the_new_one_at_once(stage: Stage) -> None:
    stage.runner.open(lambda: NumberedSource(50))
    stage.answer()
    stage.wait_for(0, answered=True)
    stage.runner.step()
    stage.wait_for(1, answered=False)
    stage.runner.seek(40)
    # Its answer will never be wanted.
    stage.wait_for(40, answered=False)
    stage.answer()
    stage.answer()
    stage.wait_for(40, answered=True)
    assert (1, True) not in stage.shown()


def test_frames_that_just_play_come_once(stage: Stage) -> None:
    stage.runner.open(lambda: NumberedSource(5))
    for _ in range(5):
        stage.answer()
    stage.runner.play()
    stage.wait_for(4, answered=True)
    assert stage.shown() == [(0, False), *((index, True) for index in range(5))]


def test_a_new_model_does_not_take_the_boxes_off_the_frame(stage: Stage) -> None:
    stage.runner.open(lambda: NumberedSource(50))
    stage.answer()
    stage.wait_for(0, answered=True)
    count = len(stage.watcher.results)
    stage.runner.load_model("other", stage.held)
    stage.answer()
    stage.watcher.wait(lambda: len(stage.watcher.results) > count)
    assert stage.shown()[count:] == [(0, True)]


def test_a_quick_detector_lets_nothing_flicker(watcher: Watcher) -> None:
    stage = Stage(watcher, slow_s=1e6)
    try:
        stage.runner.open(lambda: NumberedSource(50))
        stage.answer()
        # How quick it is was not known before the first answer.
        stage.wait_for(0, answered=True)
        stage.runner.step()
        stage.runner.seek(30)
        stage.answer()
        stage.answer()
        stage.wait_for(30, answered=True)
        assert [index for index, answered in stage.shown() if not answered] == [0]
    finally:
        stage.close()

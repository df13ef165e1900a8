"""Two detectors on one source: files in lockstep, live sources at their own speed, and never two frames mixed up."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from detector.detector import Detector
from detector.pipeline.pairing import Pair
from detector.pipeline.results import FIRST, SECOND, ModelFailed, ModelReady, SourceEnded
from detector.pipeline.runner import Runner
from tests.pipeline.fakes import NumberedSource, ReadingEngine, reading_detector
from tests.pipeline.watcher import PATIENCE_S, Watcher, indices


class PairWatcher(Watcher):
    def __init__(self) -> None:
        super().__init__()
        self.pairs: list[Pair] = []

    def on_pair(self, pair: Pair) -> None:
        with self.changed:
            self.pairs.append(pair)
            self.changed.notify_all()

    def of(self, lane: int) -> list[int]:
        return indices([r for r in self.answered if r.lane == lane])

    def is_ready(self, lane: int) -> bool:
        return any(isinstance(event, ModelReady) and event.lane == lane for event in self.events)


@pytest.fixture
def watcher() -> PairWatcher:
    return PairWatcher()


@pytest.fixture
def runner(watcher: PairWatcher) -> Iterator[Runner]:
    runner = Runner(watcher.on_result, watcher.on_event, watcher.on_pair)
    runner.set_speed(0)
    yield runner
    runner.close()
    assert not [t for t in threading.enumerate() if t.name in ("lane", "reader", "second lane")]


class DelayedEngine(ReadingEngine):
    """Takes a random while for each frame."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.random = random.Random(seed)

    def side_by_side(self, frames: int) -> None:
        """Not here."""

    def run(self, inputs: NDArray[np.uint8]) -> tuple[NDArray[np.float32], ...]:
        time.sleep(self.random.choice((0, 0, 0.001, 0.004)))
        return super().run(inputs)


class PatientEngine(ReadingEngine):
    """Takes as long as the first lane takes for three frames."""

    def __init__(self, watcher: PairWatcher) -> None:
        super().__init__()
        self.watcher, self.done = watcher, False

    def side_by_side(self, frames: int) -> None:
        """Not here."""

    def run(self, inputs: NDArray[np.uint8]) -> tuple[NDArray[np.float32], ...]:
        seen = len(self.watcher.of(FIRST))
        self.watcher.wait(lambda: self.done or len(self.watcher.of(FIRST)) >= seen + 3)
        return super().run(inputs)


def delayed(seed: int) -> Callable[[], Detector]:
    def make() -> Detector:
        made = reading_detector(f"delayed {seed}")
        made.engine = DelayedEngine(seed)
        return made

    return make


def both(runner: Runner, watcher: PairWatcher, first: Callable[[], Detector], second: Callable[[], Detector]) -> None:
    runner.load_model("first", first)
    runner.load_model("second", second, SECOND)
    watcher.wait(lambda: watcher.is_ready(FIRST) and watcher.is_ready(SECOND))


def check_pairs(watcher: PairWatcher) -> None:
    """Both halves of every pair are answers to the very same pixels."""
    for first, second in watcher.pairs:
        assert (first.lane, second.lane) == (FIRST, SECOND)
        assert first.generation == second.generation
        assert first.frame is second.frame
        assert first.candidates is not None
        assert second.candidates is not None
        assert int(first.candidates.origin[0]) == int(second.candidates.origin[0]) == first.frame.index


@pytest.mark.parametrize("seeds", [(1, 2), (3, 4), (5, 6)])
def test_both_see_every_frame_of_a_file_though_either_is_late_at_random(
    runner: Runner, watcher: PairWatcher, seeds: tuple[int, int]
) -> None:
    both(runner, watcher, delayed(seeds[0]), delayed(seeds[1]))
    runner.open(lambda: NumberedSource(120))
    watcher.wait(lambda: watcher.has(SourceEnded))
    assert watcher.of(FIRST) == watcher.of(SECOND) == list(range(120))
    # The end comes after the last answer of both.
    assert [first.frame.index for first, _ in watcher.pairs] == list(range(120))
    check_pairs(watcher)


def test_neither_runs_ahead_of_the_other(runner: Runner, watcher: PairWatcher) -> None:
    both(runner, watcher, reading_detector, lambda: reading_detector(wait_s=0.004))
    runner.open(lambda: NumberedSource(60))
    watcher.wait(lambda: watcher.has(SourceEnded))
    at = {FIRST: -1, SECOND: -1}
    for result in watcher.answered:
        at[result.lane] = result.frame.index
        assert abs(at[FIRST] - at[SECOND]) <= 1


def test_pause_and_step_hold_for_both(runner: Runner, watcher: PairWatcher) -> None:
    both(runner, watcher, delayed(1), delayed(2))
    runner.pause()
    runner.open(lambda: NumberedSource(50))
    watcher.wait(lambda: len(watcher.pairs) == 1)
    runner.step()
    watcher.wait(lambda: len(watcher.pairs) == 2)
    runner.seek(30)
    watcher.wait(lambda: len(watcher.pairs) == 3)
    assert [first.frame.index for first, _ in watcher.pairs] == [0, 1, 30]
    assert watcher.of(FIRST) == watcher.of(SECOND) == [0, 1, 30]


def test_seeks_and_changes_of_source_in_the_middle_of_a_frame_mix_nothing_up(
    runner: Runner, watcher: PairWatcher
) -> None:
    both(runner, watcher, delayed(7), delayed(8))
    dice = random.Random(9)
    runner.open(lambda: NumberedSource(10_000, tag=0))
    for number in range(1, 40):
        time.sleep(dice.choice((0, 0.002, 0.006)))
        if dice.random() < 0.5:
            runner.seek(dice.randrange(5000))
        else:
            tag = number
            runner.open(lambda tag=tag: NumberedSource(10_000, tag=tag))
    asked = runner.open(lambda: NumberedSource(20, tag=99))
    watcher.wait(lambda: any(isinstance(e, SourceEnded) and e.generation == asked for e in watcher.events))
    check_pairs(watcher)
    last = [first.frame.index for first, _ in watcher.pairs if first.generation == asked]
    assert last == list(range(20))


def test_of_a_live_source_the_slower_one_answers_frames_that_the_faster_one_answers(
    runner: Runner, watcher: PairWatcher
) -> None:
    patient = PatientEngine(watcher)

    def waiting() -> Detector:
        made = reading_detector("waiting")
        made.engine = patient
        return made

    both(runner, watcher, reading_detector, waiting)
    runner.open(lambda: NumberedSource(None, live=True, wait_s=0.002))
    watcher.wait(lambda: len(watcher.pairs) >= 8)
    patient.done = True
    # The fast one does not wait, or the other would wait for ever.
    assert set(watcher.of(SECOND)[:-1]) <= set(watcher.of(FIRST))
    assert [first.frame.index for first, _ in watcher.pairs] == watcher.of(SECOND)[: len(watcher.pairs)]
    check_pairs(watcher)


def test_a_second_model_answers_the_frame_that_stands_there(runner: Runner, watcher: PairWatcher) -> None:
    runner.load_model("first", reading_detector)
    runner.pause()
    runner.open(lambda: NumberedSource(50))
    watcher.wait(lambda: watcher.of(FIRST) == [0])
    runner.load_model("second", reading_detector, SECOND)
    watcher.wait(lambda: len(watcher.pairs) == 1)
    check_pairs(watcher)
    # Another first model answers it again, and makes another pair.
    runner.load_model("other", reading_detector)
    watcher.wait(lambda: len(watcher.pairs) == 2)
    check_pairs(watcher)


def test_files_wait_for_the_first_load_of_the_second(runner: Runner, watcher: PairWatcher) -> None:
    go_on = threading.Event()

    def slow() -> Detector:
        assert go_on.wait(PATIENCE_S)
        return reading_detector()

    runner.load_model("first", reading_detector)
    watcher.wait(lambda: watcher.is_ready(FIRST))
    runner.load_model("second", slow, SECOND)
    runner.open(lambda: NumberedSource(5))
    watcher.wait(lambda: watcher.results != [])
    assert watcher.of(FIRST) == []
    go_on.set()
    watcher.wait(lambda: watcher.has(SourceEnded))
    assert len(watcher.pairs) == 5


def test_while_the_second_loads_a_paused_source_can_be_stepped_and_sought(runner: Runner, watcher: PairWatcher) -> None:
    go_on = threading.Event()

    def slow() -> Detector:
        assert go_on.wait(PATIENCE_S)
        return reading_detector()

    runner.load_model("first", reading_detector)
    runner.pause()
    runner.open(lambda: NumberedSource(50))
    watcher.wait(lambda: watcher.of(FIRST) == [0])
    runner.load_model("second", slow, SECOND)
    runner.step()
    watcher.wait(lambda: watcher.of(FIRST) == [0, 1])
    runner.seek(20)
    watcher.wait(lambda: watcher.of(FIRST) == [0, 1, 20])
    go_on.set()
    # What stands there is answered by the second as well.
    watcher.wait(lambda: len(watcher.pairs) == 1)
    assert watcher.of(SECOND) == [20]
    check_pairs(watcher)


def test_of_an_earlier_seek_or_source_nothing_comes_late(watcher: PairWatcher) -> None:
    # Every first frame comes bare from the reader's thread as well, between the answers of two lanes.
    runner = Runner(watcher.on_result, watcher.on_event, watcher.on_pair, slow_s=0.0)
    runner.set_speed(0)
    try:
        both(runner, watcher, delayed(3), delayed(4))
        dice = random.Random(5)
        runner.open(lambda: NumberedSource(10_000))
        for _ in range(60):
            time.sleep(dice.choice((0, 0.001, 0.004)))
            if dice.random() < 0.8:
                runner.seek(dice.randrange(5000))
            else:
                runner.open(lambda: NumberedSource(10_000))
        asked = runner.open(lambda: NumberedSource(5))
        watcher.wait(lambda: any(isinstance(e, SourceEnded) and e.generation == asked for e in watcher.events))
    finally:
        runner.close()
    generations = [result.generation for result in watcher.results]
    assert generations == sorted(generations)
    check_pairs(watcher)


@pytest.mark.parametrize("error", [RuntimeError("bad shape"), MemoryError()])
def test_a_second_model_that_fails_takes_only_itself_down(
    runner: Runner, watcher: PairWatcher, error: Exception
) -> None:
    class FailingEngine(ReadingEngine):
        def run(self, inputs: NDArray[np.uint8]) -> tuple[NDArray[np.float32], ...]:
            if int(inputs[0, 0, 0, 0]) == 7:
                raise error
            return super().run(inputs)

    def failing() -> Detector:
        made = reading_detector("failing")
        made.engine = FailingEngine()
        return made

    both(runner, watcher, reading_detector, failing)
    runner.open(lambda: NumberedSource(20))
    watcher.wait(lambda: watcher.has(SourceEnded))
    assert watcher.of(FIRST) == list(range(20))
    assert watcher.of(SECOND) == list(range(7))
    (failed,) = [event for event in watcher.events if isinstance(event, ModelFailed)]
    assert (failed.lane, failed.running) == (SECOND, False)
    assert "failing failed on frame 7" in failed.message
    assert ("out of memory" in failed.message) == isinstance(error, MemoryError)


def test_a_first_model_that_fails_leaves_the_second_running(runner: Runner, watcher: PairWatcher) -> None:
    both(runner, watcher, lambda: reading_detector(fails_at=3), reading_detector)
    runner.open(lambda: NumberedSource(10))
    watcher.wait(lambda: watcher.has(SourceEnded))
    assert watcher.of(FIRST) == [0, 1, 2]
    assert watcher.of(SECOND) == list(range(10))
    (failed,) = [event for event in watcher.events if isinstance(event, ModelFailed)]
    assert failed.lane == FIRST


def test_a_second_model_that_is_given_up_answers_no_more(runner: Runner, watcher: PairWatcher) -> None:
    both(runner, watcher, reading_detector, reading_detector)
    runner.pause()
    runner.open(lambda: NumberedSource(50))
    watcher.wait(lambda: len(watcher.pairs) == 1)
    runner.remove_second()
    runner.play()
    watcher.wait(lambda: watcher.has(SourceEnded))
    assert watcher.of(FIRST) == list(range(50))
    assert watcher.of(SECOND) == [0]
    assert len(watcher.pairs) == 1

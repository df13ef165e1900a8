"""Frames in flight: two of a file at once, one of everything else."""

import threading
import time

import pytest

from detector.detector import Detector
from detector.errors import WeightsError
from detector.frames.protocol import Frame
from detector.pipeline.look_ahead import LookAhead
from detector.pipeline.queues import QueuedFrame
from tests.pipeline.fakes import ReadingEngine, numbered_image, reading_detector


class SideBySide(ReadingEngine):
    """Can be run by several threads at once, and knows how many do."""

    def __init__(self, wait_s=0.0, fails_at=None, twin=None):
        super().__init__(wait_s, fails_at)
        self.twin, self.asked = twin, 0
        self.running = self.most = 0
        self._counting = threading.Lock()

    def side_by_side(self, frames):
        self.asked += 1
        if isinstance(self.twin, Exception):
            raise self.twin
        return self.twin

    def run(self, inputs):
        with self._counting:
            self.running += 1
            self.most = max(self.most, self.running)
        try:
            return super().run(inputs)
        finally:
            with self._counting:
                self.running -= 1


class Bench:
    """A look-ahead over so many frames, as a lane goes through them."""

    def __init__(self, count, engine, live=False):
        self.items = [QueuedFrame(1, Frame(numbered_image(n), n, n / 30), 0.001, live) for n in range(count)]
        self.items.append(QueuedFrame(1, None))
        self.place = 0
        base = reading_detector()
        self.detector = Detector(base.info, base.family, engine)
        self.ahead = LookAhead(lambda: self.items[self.place + 1 : self.place + 3])

    def answer(self, may=True, detector=None):
        candidates, times, trouble = self.ahead.answer(detector or self.detector, self.items[self.place], may)
        self.place += 1
        return (None if candidates is None else int(candidates.origin[0])), times, trouble

    def until_the_twin_is_there(self):
        self.answer()
        self.place = 0
        deadline_s = time.monotonic() + 10
        while self.ahead._twin is None or not self.ahead._twin.done():
            assert time.monotonic() < deadline_s
            time.sleep(0.001)


@pytest.fixture
def bench(request):
    made = []

    def make(*words, **options):
        made.append(Bench(*words, **options))
        return made[-1]

    yield make
    for one in made:
        one.ahead.close()


def test_frames_come_in_order_and_two_are_under_way(bench):
    twin = SideBySide(wait_s=0.01)
    one = bench(12, SideBySide(twin=twin))
    one.until_the_twin_is_there()
    assert [one.answer()[0] for _ in range(12)] == list(range(12))
    assert twin.most == 2
    assert one.detector.engine.asked == 1


def test_each_answer_has_its_own_times(bench):
    one = bench(4, SideBySide(twin=SideBySide(wait_s=0.01)))
    one.until_the_twin_is_there()
    for _ in range(4):
        _, times, trouble = one.answer()
        assert (times.read_s, trouble) == (0.001, "")
        assert times.network_s >= 0.01


@pytest.mark.parametrize(("may", "live"), [(False, False), (True, True)])
def test_alone_where_nobody_wants_the_next_one(bench, may, live):
    engine = SideBySide(twin=SideBySide())
    one = bench(4, engine, live=live)
    assert [one.answer(may)[0] for _ in range(4)] == list(range(4))
    assert engine.asked == 0


def test_an_engine_that_cannot_looks_at_one_after_the_other(bench):
    one = bench(5, SideBySide(twin=None))
    one.until_the_twin_is_there()
    assert [one.answer()[0] for _ in range(5)] == list(range(5))
    assert one.detector.engine.asked == 1


def test_where_the_twin_cannot_be_loaded_it_is_said_once(bench, caplog):
    one = bench(5, SideBySide(twin=WeightsError("the file went away.")))
    one.until_the_twin_is_there()
    assert [one.answer()[0] for _ in range(5)] == list(range(5))
    assert [record.message for record in caplog.records] == [
        "frames are looked at one after the other: the file went away."
    ]


def test_a_failure_is_told_with_its_own_frame(bench):
    one = bench(5, SideBySide(twin=SideBySide(fails_at=2)))
    one.until_the_twin_is_there()
    found = [one.answer() for _ in range(4)]
    assert [number for number, _, _ in found] == [0, 1, None, 3]
    assert "frame 2" in found[2][2]
    assert not any(trouble for number, _, trouble in found if number is not None)


def test_another_model_answers_by_itself_from_its_first_frame_on(bench):
    one = bench(8, SideBySide(twin=SideBySide()))
    one.until_the_twin_is_there()
    one.answer()
    other_engine = SideBySide()
    other = Detector(one.detector.info, one.detector.family, other_engine)
    assert one.answer(detector=other)[0] == 1
    assert other_engine.most == 1


def test_what_was_begun_before_a_seek_is_forgotten(bench):
    one = bench(20, SideBySide(twin=SideBySide()))
    one.until_the_twin_is_there()
    one.answer()
    one.place = 10
    assert [one.answer()[0] for _ in range(3)] == [10, 11, 12]

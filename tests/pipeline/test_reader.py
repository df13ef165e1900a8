"""What the reader makes of live sources, ranges and loops."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

from detector.frames.protocol import Frame, Lull, SourceInfo
from detector.pipeline.results import ModelReady, SourceEnded, SourceWaiting
from detector.pipeline.runner import Runner
from tests.pipeline.fakes import NumberedSource, numbered_image, reading_detector
from tests.pipeline.watcher import PATIENCE_S, Watcher, indices


class LiveScript:
    """A live source that gives what it is handed, one item a read, each only when it is asked to go on."""

    trouble = ""

    def __init__(self, items: Sequence[int | Lull]) -> None:
        self.info = SourceInfo("script", "stream", True, (48, 32))
        self.items = list(items)
        self.tickets = threading.Semaphore(0)
        self.closed = threading.Event()

    def go_on(self, items: int = 1) -> None:
        self.tickets.release(items)

    def read(self) -> Frame | Lull | None:
        if not self.tickets.acquire(timeout=0.02) or not self.items:
            return Lull()
        item = self.items.pop(0)
        return item if isinstance(item, Lull) else Frame(numbered_image(item), item, item / 10)

    def seek(self, index: int) -> None:
        raise AssertionError("a live source cannot seek")

    def close(self) -> None:
        self.closed.set()


def test_a_lull_is_told_once_and_taken_back(runner: Runner, watcher: Watcher) -> None:
    source = LiveScript([0, Lull("It is unplugged."), Lull("It is unplugged."), Lull("Trying again."), Lull(), 1])
    runner.load_model("reader", reading_detector)
    runner.open(lambda: source)
    source.go_on(6)
    watcher.wait(lambda: indices(watcher.answered)[-1:] == [1])
    sentences = [e.sentence for e in watcher.events if isinstance(e, SourceWaiting)]
    assert sentences == ["It is unplugged.", "Trying again.", ""]


def test_frames_that_the_source_left_out_count_as_dropped(runner: Runner, watcher: Watcher) -> None:
    source = LiveScript([0, 1, 7, 8])
    runner.load_model("reader", reading_detector)
    runner.open(lambda: source)
    for count, dropped in ((1, 0), (2, 0), (3, 0), (4, 5)):
        source.go_on()
        watcher.wait(lambda count=count: len(watcher.answered) == count)
        # A frame carries what was lost before it was queued.
        assert watcher.answered[-1].dropped == dropped


def test_while_paused_nothing_counts_as_dropped(runner: Runner, watcher: Watcher) -> None:
    source = LiveScript(range(40))
    runner.load_model("reader", reading_detector)
    runner.open(lambda: source)
    source.go_on()
    watcher.wait(lambda: len(watcher.answered) == 1)
    runner.pause()
    source.go_on(38)
    watcher.wait(lambda: len(source.items) == 1)
    source.go_on()
    watcher.wait(lambda: len(source.items) == 0)
    runner.play()
    watcher.wait(lambda: indices(watcher.answered)[-1] == 39)
    assert watcher.answered[-1].dropped == 0


def test_only_the_newest_live_frame_waits(watcher: Watcher, runner: Runner) -> None:
    source = LiveScript(range(6))
    runner.load_model("reader", reading_detector)
    runner.open(lambda: source)
    source.go_on()
    watcher.wait(lambda: len(watcher.answered) == 1)
    runner.pause()
    source.go_on(5)
    watcher.wait(lambda: not source.items)
    runner.play()
    watcher.wait(lambda: indices(watcher.answered)[-1] == 5)
    assert indices(watcher.answered) == [0, 5], "an older frame was answered in place of the newest"


def test_live_frames_are_mirrored_at_once_and_files_never(runner: Runner, watcher: Watcher) -> None:
    class Striped(LiveScript):
        def read(self) -> Frame | Lull | None:
            frame = super().read()
            if isinstance(frame, Frame):
                frame.image[:, 0] = 200
            return frame

    source = Striped([0, 1])
    runner.load_model("reader", reading_detector)
    runner.open(lambda: source)
    source.go_on()
    watcher.wait(lambda: len(watcher.answered) == 1)
    runner.set_mirror(True)
    source.go_on()
    watcher.wait(lambda: len(watcher.answered) == 2)
    first, second = (result.frame.image for result in watcher.answered)
    assert (first[:, 0] == 200).all()
    assert (second[:, -1] == 200).all()
    assert not (second[:, 0] == 200).all()
    runner.open(lambda: NumberedSource(1, tag=3))
    watcher.wait(lambda: watcher.has(SourceEnded))
    assert watcher.answered[-1].frame.image[0, 0, 2] == 3


def test_a_seek_that_comes_during_a_seek_is_done_too(runner: Runner, watcher: Watcher) -> None:
    class SlowSeeks(NumberedSource):
        def __init__(self) -> None:
            super().__init__(100)
            self.seeking, self.go_on = threading.Event(), threading.Event()

        def seek(self, index: int) -> None:
            self.seeking.set()
            assert self.go_on.wait(PATIENCE_S)
            super().seek(index)

    source = SlowSeeks()
    runner.load_model("reader", reading_detector)
    runner.pause()
    runner.open(lambda: source)
    watcher.wait(lambda: len(watcher.answered) == 1)
    runner.seek(20)
    assert source.seeking.wait(PATIENCE_S)
    runner.seek(40)
    source.go_on.set()
    watcher.wait(lambda: indices(watcher.answered)[-1] == 40)


def test_a_pause_during_the_first_answer_lets_no_second_frame_through(runner: Runner, watcher: Watcher) -> None:
    answering, go_on = threading.Event(), threading.Event()
    detector = reading_detector()
    predict = detector.predict

    def slow(image):
        answering.set()
        assert go_on.wait(PATIENCE_S)
        return predict(image)

    detector.predict = slow
    runner.load_model("reader", lambda: detector)
    watcher.wait(lambda: watcher.has(ModelReady))
    runner.open(lambda: NumberedSource(50))
    assert answering.wait(PATIENCE_S)
    runner.pause()
    go_on.set()
    watcher.wait(lambda: len(watcher.answered) == 1)
    # Time for a second frame to come, if it were let through.
    time.sleep(0.2)
    runner.seek(30)
    watcher.wait(lambda: indices(watcher.answered)[-1] == 30)
    assert indices(watcher.answered) == [0, 30]


def test_a_range_ends_at_its_last_frame(runner: Runner, watcher: Watcher) -> None:
    runner.load_model("reader", reading_detector)
    runner.pause()
    runner.open(lambda: NumberedSource(100))
    watcher.wait(lambda: len(watcher.answered) == 1)
    runner.set_range(20, 29)
    runner.seek(20)
    watcher.wait(lambda: indices(watcher.answered)[-1] == 20)
    runner.play()
    watcher.wait(lambda: watcher.has(SourceEnded))
    assert indices(watcher.answered)[1:] == list(range(20, 30))


def test_a_loop_stays_in_its_range(runner: Runner, watcher: Watcher) -> None:
    runner.load_model("reader", reading_detector)
    runner.set_loop(True)
    runner.pause()
    runner.open(lambda: NumberedSource(100))
    watcher.wait(lambda: len(watcher.answered) == 1)
    runner.set_range(5, 8)
    runner.seek(5)
    watcher.wait(lambda: indices(watcher.answered)[-1] == 5)
    runner.play()
    watcher.wait(lambda: len(watcher.answered) >= 14)
    assert indices(watcher.answered)[1:14] == [5, 6, 7, 8] * 3 + [5]


def test_who_seeks_beyond_the_range_goes_on_there(runner: Runner, watcher: Watcher) -> None:
    runner.load_model("reader", reading_detector)
    runner.pause()
    runner.open(lambda: NumberedSource(40))
    watcher.wait(lambda: len(watcher.answered) == 1)
    runner.set_range(5, 8)
    runner.seek(30)
    watcher.wait(lambda: indices(watcher.answered)[-1] == 30)
    runner.play()
    watcher.wait(lambda: watcher.has(SourceEnded))
    assert indices(watcher.answered)[1:] == list(range(30, 40))


def test_a_new_source_has_no_range(runner: Runner, watcher: Watcher) -> None:
    runner.load_model("reader", reading_detector)
    runner.open(lambda: NumberedSource(10))
    watcher.wait(lambda: watcher.has(SourceEnded))
    runner.set_range(2, 4)
    generation = runner.open(lambda: NumberedSource(10, tag=1))
    watcher.wait(lambda: [e.generation for e in watcher.events if isinstance(e, SourceEnded)][-1:] == [generation])
    assert indices([r for r in watcher.answered if r.generation == generation]) == list(range(10))


def test_a_model_that_is_no_longer_waited_for_is_not_used(runner: Runner, watcher: Watcher) -> None:
    loading, go_on = threading.Event(), threading.Event()

    def slow():
        loading.set()
        assert go_on.wait(PATIENCE_S)
        return reading_detector("slow")

    runner.load_model("quick", lambda: reading_detector("quick"))
    runner.open(lambda: NumberedSource(None, wait_s=0.001))
    watcher.wait(lambda: len(watcher.answered) > 2)
    runner.load_model("slow", slow)
    assert loading.wait(PATIENCE_S)
    runner.cancel_load()
    go_on.set()
    count = len(watcher.answered)
    watcher.wait(lambda: len(watcher.answered) > count + 20)
    assert {r.model.info.name for r in watcher.answered if r.model} == {"quick"}

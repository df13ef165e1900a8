from __future__ import annotations

import threading

from detector.errors import SourceError
from detector.frames.protocol import FrameSource
from detector.pipeline.openings import Opened, Openings, OpenRequest, opened
from detector.pipeline.results import SourceFailed, SourceOpened
from detector.pipeline.runner import Runner
from tests.pipeline.fakes import NumberedSource, reading_detector
from tests.pipeline.watcher import PATIENCE_S, Watcher


class Gate:
    """An opener that waits until it is let through."""

    def __init__(self, source: NumberedSource | None = None) -> None:
        self.source = source or NumberedSource(None, tag=9)
        self.began, self.go_on = threading.Event(), threading.Event()

    def __call__(self) -> FrameSource:
        self.began.set()
        assert self.go_on.wait(PATIENCE_S)
        return self.source


def test_what_an_opening_comes_to_is_told_in_its_answer() -> None:
    source = NumberedSource(3)

    def refuse() -> FrameSource:
        raise SourceError("x.mp4 does not exist; choose another file.")

    def break_down() -> FrameSource:
        raise RuntimeError("no such device")

    assert opened(OpenRequest(1, lambda: source)) == Opened(1, source)
    assert opened(OpenRequest(2, refuse)) == Opened(2, None, "x.mp4 does not exist; choose another file.")
    assert "no such device" in opened(OpenRequest(3, break_down)).message


def test_a_source_that_came_too_late_is_closed() -> None:
    changed = threading.Condition()
    openings, late, wanted = Openings(changed), Gate(), Gate(NumberedSource(5, tag=2))
    openings.want(1)
    openings.start(OpenRequest(1, late))
    assert late.began.wait(PATIENCE_S)
    openings.want(2)
    openings.start(OpenRequest(2, wanted))
    late.go_on.set()
    assert late.source.closed.wait(PATIENCE_S)
    assert not openings.waits
    wanted.go_on.set()
    with changed:
        assert changed.wait_for(lambda: openings.waits, PATIENCE_S)
    assert openings.take() == Opened(2, wanted.source)
    assert openings.take() is None
    assert not wanted.source.closed.is_set()


def test_a_source_nobody_took_is_closed_when_it_is_forgotten() -> None:
    changed = threading.Condition()
    openings, source = Openings(changed), NumberedSource(5)
    openings.want(1)
    openings.start(OpenRequest(1, lambda: source))
    with changed:
        assert changed.wait_for(lambda: openings.waits, PATIENCE_S)
    openings.forget()
    assert source.closed.wait(PATIENCE_S)
    assert openings.take() is None


def test_what_is_given_up_before_it_began_is_never_opened() -> None:
    changed = threading.Condition()
    openings, given_up, wanted = Openings(changed), Gate(), Gate(NumberedSource(5, tag=2))
    openings.want(1)
    openings.forget()
    openings.start(OpenRequest(1, given_up))
    openings.want(2)
    openings.start(OpenRequest(2, wanted))
    assert wanted.began.wait(PATIENCE_S)
    wanted.go_on.set()
    with changed:
        assert changed.wait_for(lambda: openings.waits, PATIENCE_S)
    assert not given_up.began.is_set()


def test_giving_up_does_not_wait_for_a_source_that_hangs_while_it_closes() -> None:
    class Hanging(NumberedSource):
        def close(self) -> None:
            assert let_go.wait(PATIENCE_S)
            super().close()

    changed, let_go, source = threading.Condition(), threading.Event(), Hanging(5)
    openings = Openings(changed)
    openings.want(1)
    openings.start(OpenRequest(1, lambda: source))
    with changed:
        assert changed.wait_for(lambda: openings.waits, PATIENCE_S)
    openings.forget()
    assert not source.closed.is_set()
    let_go.set()
    assert source.closed.wait(PATIENCE_S)


def test_a_source_that_breaks_while_it_closes_leaves_the_reader_alive(runner: Runner, watcher: Watcher) -> None:
    class Breaking(NumberedSource):
        def close(self) -> None:
            super().close()
            raise OSError("no such device")

    broken = Breaking(None, tag=1, wait_s=0.001)
    runner.load_model("reader", reading_detector)
    runner.open(lambda: broken)
    watcher.wait(lambda: len(watcher.answered) > 1)
    generation = runner.open(lambda: NumberedSource(None, tag=2, wait_s=0.001))
    watcher.wait(lambda: any(r.generation == generation for r in watcher.answered))
    assert broken.closed.is_set()


def test_a_source_that_never_answers_holds_nothing_up(runner: Runner, watcher: Watcher) -> None:
    runner.load_model("reader", reading_detector)
    runner.open(lambda: NumberedSource(None, tag=1, wait_s=0.001))
    watcher.wait(lambda: len(watcher.answered) > 3)
    silent = Gate()
    runner.open(silent)
    assert silent.began.wait(PATIENCE_S)
    count = len(watcher.answered)
    watcher.wait(lambda: len(watcher.answered) > count + 3)
    assert watcher.answered[-1].frame.image[0, 0, 2] == 1, "the old source does not go on"
    generation = runner.open(lambda: NumberedSource(None, tag=2, wait_s=0.001))
    watcher.wait(lambda: any(r.generation == generation for r in watcher.answered))
    silent.go_on.set()
    assert silent.source.closed.wait(PATIENCE_S)
    assert [e.generation for e in watcher.events if isinstance(e, SourceOpened)] == [1, 3]


def test_an_opening_can_be_given_up(runner: Runner, watcher: Watcher) -> None:
    runner.load_model("reader", reading_detector)
    runner.open(lambda: NumberedSource(None, tag=1, wait_s=0.001))
    watcher.wait(lambda: len(watcher.answered) > 3)
    silent = Gate()
    runner.open(silent)
    assert silent.began.wait(PATIENCE_S)
    runner.cancel_open()
    silent.go_on.set()
    assert silent.source.closed.wait(PATIENCE_S)
    count = len(watcher.answered)
    watcher.wait(lambda: len(watcher.answered) > count + 3)
    assert runner.begun == 1
    assert not watcher.has(SourceFailed)


def test_after_closing_nothing_is_loaded_or_opened(watcher: Watcher) -> None:
    runner = Runner(watcher.on_result, watcher.on_event)
    runner.close()
    before = threading.active_count()
    begun: list[str] = []
    runner.load_model("reader", lambda: begun.append("model") or reading_detector())
    runner.open(lambda: begun.append("source") or NumberedSource(5))
    runner.stop()
    runner.cancel_open()
    assert threading.active_count() <= before
    assert begun == []
    assert watcher.events == []


def test_closing_does_not_wait_for_an_opening(watcher: Watcher) -> None:
    runner = Runner(watcher.on_result, watcher.on_event)
    silent = Gate()
    runner.open(silent)
    assert silent.began.wait(PATIENCE_S)
    runner.close()
    silent.go_on.set()
    assert silent.source.closed.wait(PATIENCE_S)

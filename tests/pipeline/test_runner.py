from __future__ import annotations

import random
import threading
import time
from dataclasses import replace

from detector.detector import Detector
from detector.errors import SourceError, WeightsError
from detector.frames.protocol import Frame
from detector.pipeline.results import (
    ModelFailed,
    ModelReady,
    SourceEnded,
    SourceFailed,
    SourceLearned,
    SourceOpened,
)
from detector.pipeline.runner import Runner
from tests.pipeline.fakes import NumberedSource, reading_detector
from tests.pipeline.watcher import PATIENCE_S, Watcher, indices


def test_a_file_loses_no_frame_and_ends_once(runner: Runner, watcher: Watcher) -> None:
    runner.load_model("reader", reading_detector)
    runner.open(lambda: NumberedSource(300))
    watcher.wait(lambda: watcher.has(SourceEnded))
    assert indices(watcher.answered) == list(range(300))
    assert all(int(r.candidates.origin[0]) == r.frame.index for r in watcher.answered)
    assert sum(isinstance(e, SourceEnded) for e in watcher.events) == 1
    assert watcher.answered[-1].dropped == 0


def test_first_frame_is_shown_while_the_first_model_loads(runner: Runner, watcher: Watcher) -> None:
    go_on = threading.Event()

    def slow() -> Detector:
        assert go_on.wait(PATIENCE_S)
        return reading_detector()

    runner.load_model("reader", slow)
    runner.open(lambda: NumberedSource(5))
    watcher.wait(lambda: len(watcher.results) == 1)
    assert watcher.results[0].candidates is None
    assert watcher.results[0].frame.index == 0
    go_on.set()
    watcher.wait(lambda: watcher.has(SourceEnded))
    assert indices(watcher.answered) == [0, 1, 2, 3, 4]


def test_a_live_source_drops_the_oldest_and_counts(runner: Runner, watcher: Watcher) -> None:
    runner.load_model("slow", lambda: reading_detector(wait_s=0.03))
    runner.open(lambda: NumberedSource(None, live=True, wait_s=0.002))
    watcher.wait(lambda: len(watcher.answered) >= 10)
    seen = indices(watcher.answered)
    assert seen == sorted(set(seen))
    last = watcher.answered[-1]
    assert last.dropped > 0
    # Every frame up to the answered one was answered, waits, or is counted as dropped.
    assert last.frame.index + 1 <= len(seen) + last.dropped + 2


def test_pause_holds_the_next_frame_and_step_lets_one_through(runner: Runner, watcher: Watcher) -> None:
    runner.load_model("reader", reading_detector)
    runner.pause()
    runner.open(lambda: NumberedSource(50))
    watcher.wait(lambda: len(watcher.answered) == 1)
    time.sleep(0.1)
    assert indices(watcher.answered) == [0]
    runner.step()
    watcher.wait(lambda: len(watcher.answered) == 2)
    runner.seek(30)
    watcher.wait(lambda: len(watcher.answered) == 3)
    time.sleep(0.05)
    assert indices(watcher.answered) == [0, 1, 30]
    runner.play()
    watcher.wait(lambda: watcher.has(SourceEnded))
    assert indices(watcher.answered) == [0, 1, *range(30, 50)]


def test_a_pause_right_after_a_seek_still_shows_the_frame(runner: Runner, watcher: Watcher) -> None:
    runner.load_model("reader", lambda: reading_detector(wait_s=0.01))
    runner.open(lambda: NumberedSource(None))
    watcher.wait(lambda: watcher.has(SourceOpened))
    for index in range(100, 130):
        generation = runner.seek(index)
        runner.pause()
        watcher.wait(lambda g=generation: any(r.generation == g for r in watcher.answered))
        assert next(r for r in watcher.answered if r.generation == generation).frame.index == index
        runner.play()


def test_seek_after_the_end_plays_again(runner: Runner, watcher: Watcher) -> None:
    runner.load_model("reader", reading_detector)
    runner.open(lambda: NumberedSource(10))
    watcher.wait(lambda: watcher.has(SourceEnded))
    runner.seek(7)
    watcher.wait(lambda: sum(isinstance(e, SourceEnded) for e in watcher.events) == 2)
    assert indices(watcher.answered)[-3:] == [7, 8, 9]


def test_a_paused_frame_is_answered_again_by_a_new_model(runner: Runner, watcher: Watcher) -> None:
    runner.load_model("one", lambda: reading_detector("one"))
    runner.pause()
    runner.open(lambda: NumberedSource(10))
    watcher.wait(lambda: len(watcher.answered) == 1)
    runner.load_model("two", lambda: reading_detector("two"))
    watcher.wait(lambda: len(watcher.answered) == 2)
    assert [(r.model.info.name, r.frame.index) for r in watcher.answered] == [("one", 0), ("two", 0)]


def test_model_change_while_playing_loses_no_frame(runner: Runner, watcher: Watcher) -> None:
    runner.load_model("one", lambda: reading_detector("one"))
    runner.open(lambda: NumberedSource(200))
    watcher.wait(lambda: len(watcher.answered) > 20)
    runner.load_model("two", lambda: reading_detector("two"))
    watcher.wait(lambda: watcher.has(SourceEnded))
    assert sorted(set(indices(watcher.answered))) == list(range(200))


def test_results_after_a_switch_are_of_the_new_source(runner: Runner, watcher: Watcher) -> None:
    runner.load_model("slow", lambda: reading_detector(wait_s=0.005))
    for tag in range(1, 12):
        generation = runner.open(lambda tag=tag: NumberedSource(1000, tag=tag))
        watcher.wait(lambda g=generation: any(r.generation == g for r in watcher.answered))
    for result in watcher.answered:
        assert result.frame.image[0, 0, 2] == result.generation


def test_of_many_switches_at_once_the_last_wins(runner: Runner, watcher: Watcher) -> None:
    runner.load_model("reader", reading_detector)
    sources = [NumberedSource(1000, tag=tag) for tag in range(30)]
    for source in sources:
        runner.open(lambda source=source: source)
    watcher.wait(lambda: any(r.generation == 30 for r in watcher.answered))
    assert watcher.answered[-1].frame.image[0, 0, 2] == 29
    opened = [e for e in watcher.events if isinstance(e, SourceOpened)]
    assert opened[-1].info.title == "numbered 29"


def test_a_failed_open_changes_nothing_not_even_a_pause(runner: Runner, watcher: Watcher) -> None:
    def fail() -> NumberedSource:
        raise SourceError("nothing.mp4 does not exist; choose another file.")

    runner.load_model("reader", reading_detector)
    runner.open(lambda: NumberedSource(200, tag=7))
    watcher.wait(lambda: len(watcher.answered) > 3)
    generation = runner.open(fail)
    watcher.wait(lambda: watcher.has(SourceFailed))
    failure = next(e for e in watcher.events if isinstance(e, SourceFailed))
    assert (failure.generation, failure.running) == (generation, True)
    assert "nothing.mp4" in failure.message
    runner.pause()
    runner.open(fail)
    watcher.wait(lambda: sum(isinstance(e, SourceFailed) for e in watcher.events) == 2)
    shown = len(watcher.answered)
    time.sleep(0.1)
    assert len(watcher.answered) <= shown + 1, "a failed open started a paused source"
    runner.play()
    watcher.wait(lambda: watcher.has(SourceEnded))
    assert indices(watcher.answered) == list(range(200)), "a failed open lost frames"


def test_a_seek_meant_for_the_source_before_is_forgotten(runner: Runner, watcher: Watcher) -> None:
    opening, go_on = threading.Event(), threading.Event()

    def slow() -> NumberedSource:
        opening.set()
        assert go_on.wait(PATIENCE_S)
        return NumberedSource(None, live=True, tag=5, wait_s=0.001)

    runner.load_model("reader", reading_detector)
    runner.open(lambda: NumberedSource(5))
    watcher.wait(lambda: watcher.has(SourceEnded))
    runner.open(slow)
    assert opening.wait(PATIENCE_S)
    runner.seek(0)
    go_on.set()
    watcher.wait(lambda: any(r.frame.image[0, 0, 2] == 5 for r in watcher.answered))
    runner.seek(3)
    shown = len(watcher.answered)
    watcher.wait(lambda: len(watcher.answered) > shown + 5)
    assert not watcher.has(SourceFailed)


def test_scrubbing_shows_frames_on_the_way(runner: Runner, watcher: Watcher) -> None:
    runner.load_model("slow", lambda: reading_detector(wait_s=0.02))
    runner.open(lambda: NumberedSource(1000))
    runner.pause()
    watcher.wait(lambda: len(watcher.answered) >= 1)
    shown = len(watcher.answered)
    for index in range(100, 150):
        runner.seek(index)
        time.sleep(0.005)
    watcher.wait(lambda: watcher.answered[-1].frame.index == 149)
    assert len(watcher.answered) - shown >= 5


def test_without_a_model_frames_pass_bare_and_a_new_one_answers(runner: Runner, watcher: Watcher) -> None:
    runner.load_model("breaks", lambda: reading_detector(fails_at=10))
    watcher.wait(lambda: watcher.has(ModelReady))
    runner.open(lambda: NumberedSource(60))
    watcher.wait(lambda: watcher.has(SourceEnded))
    # The first one comes before its answer, too.
    assert indices(watcher.results) == [0, *range(60)]
    assert [r.candidates is None for r in watcher.results] == [True] + [False] * 10 + [True] * 50
    runner.load_model("good", reading_detector)
    watcher.wait(lambda: len(watcher.answered) == 11)
    assert watcher.answered[-1].frame.index == 59


def test_the_old_model_answers_while_the_new_one_loads(runner: Runner, watcher: Watcher) -> None:
    go_on = threading.Event()

    def slow() -> Detector:
        assert go_on.wait(PATIENCE_S)
        return reading_detector("new")

    runner.load_model("old", lambda: reading_detector("old"))
    runner.open(lambda: NumberedSource(None))
    watcher.wait(lambda: len(watcher.answered) > 3)
    request = runner.load_model("new", slow)
    shown = len(watcher.answered)
    watcher.wait(lambda: len(watcher.answered) > shown + 20)
    assert watcher.answered[-1].model.info.name == "old"
    go_on.set()
    watcher.wait(lambda: watcher.answered[-1].model.info.name == "new")
    assert [e.request for e in watcher.events if isinstance(e, ModelReady)][-1] == request


def test_of_two_models_the_one_asked_for_last_counts(runner: Runner, watcher: Watcher) -> None:
    go_on = threading.Event()

    def slow() -> Detector:
        assert go_on.wait(PATIENCE_S)
        return reading_detector("slow")

    runner.open(lambda: NumberedSource(None))
    runner.load_model("slow", slow)
    runner.load_model("quick", lambda: reading_detector("quick"))
    watcher.wait(lambda: len(watcher.answered) > 3)
    go_on.set()
    shown = len(watcher.answered)
    watcher.wait(lambda: len(watcher.answered) > shown + 20)
    assert {r.model.info.name for r in watcher.answered} == {"quick"}


def test_stop_gives_the_source_back(runner: Runner, watcher: Watcher) -> None:
    source = NumberedSource(None, live=True, wait_s=0.001)
    runner.load_model("reader", reading_detector)
    runner.open(lambda: source)
    watcher.wait(lambda: len(watcher.answered) > 3)
    runner.stop()
    assert source.closed.wait(PATIENCE_S)
    runner.open(lambda: NumberedSource(4))
    watcher.wait(lambda: watcher.has(SourceEnded))


def test_a_paused_camera_counts_nothing_as_dropped(runner: Runner, watcher: Watcher) -> None:
    runner.load_model("reader", reading_detector)
    runner.open(lambda: NumberedSource(None, live=True, wait_s=0.002))
    watcher.wait(lambda: len(watcher.answered) > 3)
    runner.pause()
    time.sleep(0.02)
    before = watcher.answered[-1].dropped
    time.sleep(0.2)
    runner.play()
    shown = len(watcher.answered)
    watcher.wait(lambda: len(watcher.answered) > shown + 2)
    assert watcher.answered[-1].dropped - before < 30


def test_a_failed_first_open_leaves_nothing_running(runner: Runner, watcher: Watcher) -> None:
    def fail() -> NumberedSource:
        raise SourceError("there is no camera 0; connect one.")

    runner.open(fail)
    watcher.wait(lambda: watcher.has(SourceFailed))
    assert not next(e for e in watcher.events if isinstance(e, SourceFailed)).running


def test_a_source_that_breaks_is_told_and_closed(runner: Runner, watcher: Watcher) -> None:
    source = NumberedSource(100, breaks_at=20)
    runner.load_model("reader", reading_detector)
    runner.open(lambda: source)
    watcher.wait(lambda: watcher.has(SourceFailed))
    assert source.closed.is_set()
    watcher.wait(lambda: len(watcher.answered) == 20)
    runner.open(lambda: NumberedSource(5))
    watcher.wait(lambda: watcher.has(SourceEnded))


def test_a_failing_model_keeps_the_old_one_or_says_that_none_is_left(runner: Runner, watcher: Watcher) -> None:
    def missing() -> None:
        raise WeightsError("gone.safetensors does not exist; get the file again.")

    runner.open(lambda: NumberedSource(None))
    runner.load_model("gone", missing)
    watcher.wait(lambda: watcher.has(ModelFailed))
    assert not next(e for e in watcher.events if isinstance(e, ModelFailed)).running
    runner.load_model("breaks", lambda: reading_detector(fails_at=10))
    watcher.wait(lambda: sum(isinstance(e, ModelFailed) for e in watcher.events) == 2)
    assert "out of memory" in [e for e in watcher.events if isinstance(e, ModelFailed)][-1].message
    runner.load_model("good", lambda: reading_detector("good"))
    watcher.wait(lambda: any(r.model is not None and r.model.info.name == "good" for r in watcher.results))


def test_the_playing_time_follows_the_time_stamps(runner: Runner, watcher: Watcher) -> None:
    runner.set_speed(1.0)
    runner.load_model("reader", reading_detector)
    watcher.wait(lambda: watcher.has(ModelReady))
    started_s = time.monotonic()
    runner.open(lambda: NumberedSource(21, fps=100))
    watcher.wait(lambda: watcher.has(SourceEnded))
    assert time.monotonic() - started_s >= 0.19


def test_loop_starts_again_without_an_end(runner: Runner, watcher: Watcher) -> None:
    runner.set_loop(True)
    runner.load_model("reader", reading_detector)
    runner.open(lambda: NumberedSource(5))
    watcher.wait(lambda: len(watcher.answered) > 12)
    assert indices(watcher.answered)[:12] == [0, 1, 2, 3, 4] * 2 + [0, 1]
    assert not watcher.has(SourceEnded)


def test_what_a_source_learns_is_told_once(runner: Runner, watcher: Watcher) -> None:
    source = NumberedSource(10)
    guessed = replace(source.info, frame_count=12)
    known = source.info

    class Learning(NumberedSource):
        def read(self) -> Frame | None:
            frame = source.read()
            self.info = guessed if frame is not None else known
            return frame

    learning = Learning()
    learning.info = guessed
    runner.load_model("reader", reading_detector)
    runner.open(lambda: learning)
    watcher.wait(lambda: watcher.has(SourceEnded))
    watcher.wait(lambda: watcher.has(SourceLearned))
    assert [e.info.frame_count for e in watcher.events if isinstance(e, SourceLearned)] == [10]


def test_close_while_paused_playing_and_loading(watcher: Watcher) -> None:
    for prepare in (lambda r: r.pause(), lambda r: r.play(), lambda r: r.load_model("again", reading_detector)):
        runner = Runner(watcher.on_result, watcher.on_event)
        runner.load_model("reader", reading_detector)
        source = NumberedSource(None)
        runner.open(lambda source=source: source)
        prepare(runner)
        runner.close()
        assert not [t for t in threading.enumerate() if t.name in ("lane", "reader")]


def test_random_commands_never_show_a_stale_frame(runner: Runner, watcher: Watcher) -> None:
    rng = random.Random(3)
    opened: dict[int, int] = {}
    runner.load_model("m", reading_detector)
    for _ in range(150):
        choice = rng.randrange(7)
        if choice == 0:
            tag = rng.randrange(200)
            opened[runner.open(lambda tag=tag: NumberedSource(500, tag=tag))] = tag
        elif choice == 1:
            runner.seek(rng.randrange(500))
        elif choice == 2:
            runner.pause()
        elif choice == 3:
            runner.play()
        elif choice == 4:
            runner.step()
        elif choice == 5:
            runner.load_model("n", reading_detector)
        else:
            time.sleep(rng.random() * 0.01)
    runner.play()
    last = runner.open(lambda: NumberedSource(20, tag=250))
    opened[last] = 250
    watcher.wait(lambda: any(isinstance(e, SourceEnded) and e.generation == last for e in watcher.events))
    assert runner.is_current(last)
    assert indices([r for r in watcher.answered if r.generation == last])[-1] == 19
    generations = [r.generation for r in watcher.results]
    assert generations == sorted(generations), "a frame of an earlier source or seek came late"
    for result in watcher.answered:
        assert int(result.candidates.origin[0]) == result.frame.index
        assert result.frame.image[0, 0, 2] in {tag for g, tag in opened.items() if g <= result.generation}
        if result.generation in opened:
            assert result.frame.image[0, 0, 2] == opened[result.generation]

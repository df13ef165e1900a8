from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
from pytestqt.qtbot import QtBot

from detector.detections import Candidates
from detector.detector import ModelInfo
from detector.frames import Frame
from detector.pipeline.results import (
    SECOND,
    FrameResult,
    FrameTimes,
    ModelFailed,
    ModelLoading,
    ModelReady,
    RunningModel,
)
from gui.workers import PipelineBridge

MODEL = RunningModel(ModelInfo("m", ("thing",), 32, Path("none")), 32, "fake", "f32", "CPU x1")


def result(generation: int, index: int, answered: bool = True) -> FrameResult:
    frame = Frame(np.zeros((2, 2, 3), np.uint8), index, 0.0)
    candidates = Candidates.empty(1, (2, 2)) if answered else None
    return FrameResult(generation, frame, candidates, MODEL if answered else None, FrameTimes(0, 0, 0, 0), 0)


def test_a_busy_gui_gets_one_signal_and_the_newest_result(qtbot: QtBot) -> None:
    bridge = PipelineBridge()
    heard: list[int] = []
    bridge.result_waits.connect(lambda: heard.append(threading.get_ident()))
    thread = threading.Thread(target=lambda: [bridge.on_result(result(1, i)) for i in range(50)])
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: len(heard) == 1)
    assert heard == [threading.get_ident()], "the signal must arrive in the GUI thread"
    assert bridge.answered == 50
    taken = bridge.take()
    assert taken is not None
    assert taken.frame.index == 49
    assert bridge.take() is None
    bridge.on_result(result(1, 50))
    qtbot.waitUntil(lambda: len(heard) == 2)


def bare(answer: FrameResult) -> FrameResult:
    return replace(answer, candidates=None, model=None)


def test_a_frame_before_its_answer_never_hides_that_and_is_hidden_by_it(qtbot: QtBot) -> None:
    bridge = PipelineBridge()
    answer = result(2, 7)
    bridge.on_result(answer)
    bridge.on_result(bare(answer))
    assert bridge.take() is answer
    bridge.on_result(bare(answer))
    bridge.on_result(answer)
    assert bridge.take() is answer
    bridge.on_result(result(2, 8))
    bridge.on_result(result(3, 0, answered=False))
    assert bridge.take().generation == 3
    assert bridge.answered == 3


def test_events_arrive_in_order(qtbot: QtBot) -> None:
    bridge = PipelineBridge()
    heard: list[object] = []
    bridge.event_came.connect(heard.append)
    events = [ModelLoading(i, str(i)) for i in range(20)]
    thread = threading.Thread(target=lambda: [bridge.on_event(event) for event in events])
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: len(heard) == 20)
    assert heard == events


def test_a_frame_that_stays_without_an_answer_is_shown_after_one_with() -> None:
    bridge = PipelineBridge()
    bridge.on_result(result(1, 7))
    bridge.on_result(result(1, 8, answered=False))
    assert bridge.take().frame.index == 8


def test_what_comes_late_of_an_earlier_seek_hides_nothing() -> None:
    bridge = PipelineBridge()
    bridge.on_result(result(3, 0, answered=False))
    bridge.on_result(result(2, 7))
    assert bridge.take().generation == 3


def second(answer: FrameResult) -> FrameResult:
    return replace(answer, lane=SECOND)


def test_where_two_are_compared_an_answer_waits_for_its_partner() -> None:
    bridge = PipelineBridge()
    bridge.set_paired(True)
    first = result(1, 4)
    bridge.on_result(first)
    assert bridge.take() is None
    assert bridge.answered == 1
    partner = second(first)
    bridge.on_result(partner)
    bridge.on_pair((first, partner))
    assert bridge.take() is first
    assert bridge.take_pairs() == [(first, partner)]
    assert bridge.take_pairs() == []
    assert bridge.meter.rates().times == bridge.second_meter.rates().times


def test_every_pair_is_kept_for_counting_and_the_newest_is_shown() -> None:
    bridge = PipelineBridge()
    bridge.set_paired(True)
    firsts = [result(1, index) for index in range(5)]
    for first in firsts:
        bridge.on_result(first)
        bridge.on_pair((first, second(first)))
    assert bridge.take() is firsts[-1]
    assert [pair[0] for pair in bridge.take_pairs()] == firsts


def test_what_waits_is_shown_when_no_partner_is_wanted_any_more() -> None:
    bridge = PipelineBridge()
    bridge.set_paired(True)
    first = result(1, 4)
    bridge.on_result(first)
    bridge.set_paired(False)
    assert bridge.take() is first
    bridge.on_pair((first, second(first)))
    assert bridge.take_pairs() == []
    bridge.on_result(result(1, 5))
    assert bridge.take().frame.index == 5


def test_a_live_frame_is_rather_shown_alone_than_late() -> None:
    bridge = PipelineBridge()
    bridge.set_paired(True)
    live = replace(result(1, 4), frame=replace(result(1, 4).frame, taken_s=5.0))
    bridge.on_result(live)  # no pair was ever there
    assert bridge.take() is live
    bridge.on_pair((live, second(live)))
    assert bridge.take() is live
    bridge.on_result(replace(live, frame=replace(live.frame, index=5)))  # right after a pair it waits
    assert bridge.take() is None


def test_a_camera_never_goes_back_for_a_pair() -> None:
    bridge = PipelineBridge()
    bridge.set_paired(True)
    frames = [replace(result(1, index).frame, taken_s=5.0) for index in range(3)]
    firsts = [replace(result(1, index), frame=frame) for index, frame in enumerate(frames)]
    for first in firsts:  # no pair was ever there
        bridge.on_result(first)
    assert bridge.take() is firsts[2]
    bridge.on_pair((firsts[0], second(firsts[0])))
    assert bridge.take() is None
    assert len(bridge.take_pairs()) == 1, "it counts all the same"
    # Paused, the second one comes to the frame that stands there.
    bridge.on_pair((firsts[2], second(firsts[2])))
    assert bridge.take() is firsts[2]


def test_pairs_count_from_the_moment_that_the_second_model_answers() -> None:
    bridge = PipelineBridge()
    # Nobody in the GUI has heard of it yet.
    bridge.on_event(ModelReady(1, MODEL, SECOND))
    first = result(1, 4)
    bridge.on_result(first)
    bridge.on_pair((first, second(first)))
    bridge.set_paired(True)
    assert bridge.take_pairs() == [(first, second(first))]
    assert bridge.take() is first
    bridge.on_event(ModelFailed(2, "another cannot be loaded.", True, SECOND))
    bridge.on_result(result(1, 5))
    assert bridge.take() is None
    bridge.on_event(ModelFailed(2, "it failed.", False, SECOND))
    assert bridge.take().frame.index == 5


def test_the_second_lane_alone_shows_nothing() -> None:
    bridge = PipelineBridge()
    bridge.on_result(second(result(1, 4)))
    assert bridge.take() is None
    assert bridge.answered == 0

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
from pytestqt.qtbot import QtBot

from detector.detections import Candidates
from detector.detector import ModelInfo
from detector.frames import Frame
from detector.pipeline.results import FrameResult, FrameTimes, ModelLoading, RunningModel
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


def test_a_bare_first_frame_never_hides_an_answer_of_its_generation(qtbot: QtBot) -> None:
    bridge = PipelineBridge()
    bridge.on_result(result(2, 7))
    bridge.on_result(result(2, 0, answered=False))
    assert bridge.take().candidates is not None
    bridge.on_result(result(2, 8))
    bridge.on_result(result(3, 0, answered=False))
    assert bridge.take().generation == 3
    assert bridge.answered == 2


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

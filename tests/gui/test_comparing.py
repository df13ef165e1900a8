"""The second model beside the first: what is shown, counted, told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from detector.detector import Detector, ModelInfo
from detector.errors import WeightsError
from detector.frames.protocol import FrameSource
from detector.pipeline.results import SECOND, ModelFailed
from gui import comparing as comparing_module
from gui import session as session_module
from gui.comparing import TOPIC, ComparedFrame, Comparing
from gui.selection import Selection
from gui.session import Session
from gui.values import ModelChoice
from tests.commands.made_data import write_data_set
from tests.pipeline.fakes import NumberedSource, ReadingEngine, ReadingFamily, reading_detector

PATIENCE_MS = 60_000


class Desk:
    """A session with made models and a source of `count` frames, and what it said."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.models: dict[str, Callable[[], Detector]] = {
            "first": reading_detector,
            "second": lambda: reading_detector("second"),
        }
        self.count = 30
        monkeypatch.setattr(session_module, "load_detector", self.load)
        monkeypatch.setattr(comparing_module, "load_detector", self.load)
        monkeypatch.setattr(session_module, "open_source", self.open)
        self.session = Session(Selection())
        self.comparing = Comparing(self.session)
        self.compared: list[ComparedFrame] = []
        self.troubles: list[tuple[str, str]] = []
        self.comparing.shown.connect(self.compared.append)
        self.session.trouble.connect(lambda *told: self.troubles.append(told))

    def load(self, name: str, *_options: object, **_words: object) -> Detector:
        return self.models[name]()

    def open(self, _text: str, _mode: object, _give_up: threading.Event) -> FrameSource:
        return NumberedSource(self.count)


@pytest.fixture
def desk(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    desk = Desk(monkeypatch)
    yield desk
    desk.session.close()
    desk.session.deleteLater()


@pytest.fixture
def compared(desk: Desk, qtbot: QtBot) -> Desk:
    """Both models have answered every frame of the source."""
    desk.session.set_speed(0)
    desk.session.choose_model(ModelChoice("first"))
    desk.comparing.start(ModelChoice("second"))
    qtbot.waitUntil(lambda: desk.comparing.model is not None and desk.session.model is not None, timeout=PATIENCE_MS)
    desk.session.open("numbered")
    qtbot.waitUntil(lambda: desk.session.playback.ended, timeout=PATIENCE_MS)
    return desk


def test_every_frame_is_compared_and_counted(compared: Desk) -> None:
    totals = compared.comparing.totals
    assert (totals.frames, totals.agree, totals.only_first, totals.only_second) == (30, 30, 0, 0)
    for one in compared.compared:
        assert one.second is not None
        assert one.second.frame is one.first.frame
        assert one.comparison is not None
        assert one.comparison.agree_count == 1
    current = compared.comparing.current
    assert current is compared.compared[-1]
    assert current.first.frame.index == 29
    assert current.second.model.info.name == "second"
    assert compared.session.current is current.first


def test_a_slider_acts_on_both_without_the_networks(compared: Desk, qtbot: QtBot) -> None:
    compared.session.set_score(0.95)
    current = compared.comparing.current
    assert (len(current.first.detections), len(current.second.detections)) == (0, 0)
    assert current.comparison is not None
    # Sums over other thresholds would be of nothing in particular.
    assert compared.comparing.totals.frames == 0
    compared.session.set_score(0.5)
    assert compared.comparing.current.comparison.agree_count == 1


def test_each_model_keeps_its_own_default_score(desk: Desk, qtbot: QtBot) -> None:
    def strict() -> Detector:
        made = reading_detector("second")
        made.info = replace(made.info, default_score=0.95)
        return made

    desk.models["second"] = strict
    desk.session.choose_model(ModelChoice("first"))
    desk.comparing.start(ModelChoice("second"))
    desk.session.open("numbered")
    qtbot.waitUntil(lambda: desk.comparing.current is not None, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: desk.comparing.current.comparison is not None, timeout=PATIENCE_MS)
    current = desk.comparing.current
    assert (len(current.first.detections), len(current.second.detections)) == (1, 0)
    desk.session.set_score(0.5)
    assert len(desk.comparing.current.second.detections) == 1


def test_a_second_model_that_cannot_be_loaded_leaves_the_first_alone(desk: Desk, qtbot: QtBot) -> None:
    def missing() -> Detector:
        raise WeightsError("the weights are not there; get them.")

    desk.models["second"] = missing
    desk.session.choose_model(ModelChoice("first"))
    desk.comparing.start(ModelChoice("second"))
    qtbot.waitUntil(lambda: desk.troubles != [], timeout=PATIENCE_MS)
    assert desk.troubles == [(TOPIC, "the weights are not there; get them.")]
    assert (desk.comparing.active, desk.comparing.loading, desk.comparing.model) == (True, False, None)
    desk.session.open("numbered")
    qtbot.waitUntil(lambda: desk.session.playback.ended, timeout=PATIENCE_MS)
    assert desk.session.current.frame.index == 29
    assert desk.compared == []


def test_a_second_model_that_fails_on_a_frame_lets_the_first_go_on(desk: Desk, qtbot: QtBot) -> None:
    desk.models["second"] = lambda: reading_detector("second", fails_at=5)
    desk.session.set_speed(0)
    desk.session.choose_model(ModelChoice("first"))
    desk.comparing.start(ModelChoice("second"))
    qtbot.waitUntil(lambda: desk.comparing.model is not None, timeout=PATIENCE_MS)
    desk.session.open("numbered")
    qtbot.waitUntil(lambda: desk.session.playback.ended, timeout=PATIENCE_MS)
    assert desk.session.current.frame.index == 29
    (topic, sentence) = desk.troubles[0]
    assert topic == TOPIC
    assert "second failed on frame 5" in sentence
    assert desk.comparing.model is None


def test_a_first_model_that_fails_on_a_frame_lets_the_second_go_on(desk: Desk, qtbot: QtBot) -> None:
    desk.models["first"] = lambda: reading_detector(fails_at=5)
    desk.session.set_speed(0)
    desk.session.choose_model(ModelChoice("first"))
    desk.comparing.start(ModelChoice("second"))
    qtbot.waitUntil(lambda: desk.comparing.model is not None and desk.session.model is not None, timeout=PATIENCE_MS)
    desk.session.open("numbered")
    qtbot.waitUntil(lambda: desk.session.playback.ended, timeout=PATIENCE_MS)
    assert desk.session.model is None
    current = desk.comparing.current
    assert current.first.frame.index == 29
    assert current.second.frame is current.first.frame
    assert len(current.second.detections) == 1
    assert current.comparison is None
    assert desk.comparing.totals.frames == 5


def test_a_pair_that_is_there_before_the_window_hears_of_the_model_is_shown(desk: Desk, qtbot: QtBot) -> None:
    desk.session.choose_model(ModelChoice("first"))
    desk.session.open("numbered")
    qtbot.waitUntil(lambda: desk.session.playback.ended, timeout=PATIENCE_MS)
    answered = threading.Event()
    on_pair = desk.session.bridge.on_pair
    desk.session.runner._on_pair = lambda pair: (on_pair(pair), answered.set())
    desk.comparing.start(ModelChoice("second"))
    # The window is busy meanwhile.
    assert answered.wait(PATIENCE_MS / 1000)
    qtbot.waitUntil(lambda: desk.comparing.current is not None, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: desk.comparing.current.comparison is not None, timeout=PATIENCE_MS)
    assert desk.comparing.totals.frames == 1


def test_the_end_of_an_earlier_second_model_is_not_that_of_the_next(compared: Desk, qtbot: QtBot) -> None:
    late = ModelFailed(compared.comparing._asked, "it failed.", False, SECOND)
    compared.comparing.stop()
    compared.comparing.start(ModelChoice("second"))
    compared.session.bridge.event_came.emit(late)
    qtbot.waitUntil(lambda: compared.comparing.model is not None, timeout=PATIENCE_MS)
    assert compared.troubles == []


def test_when_another_choice_fails_the_one_before_answers_on(compared: Desk, qtbot: QtBot) -> None:
    compared.models["broken"] = lambda: (_ for _ in ()).throw(WeightsError("broken."))
    compared.comparing.choose(ModelChoice("broken"))
    qtbot.waitUntil(lambda: not compared.comparing.loading, timeout=PATIENCE_MS)
    assert compared.comparing.choice == ModelChoice("second")
    assert compared.comparing.model is not None


def test_stopping_forgets_the_second_and_the_first_goes_on(compared: Desk, qtbot: QtBot) -> None:
    compared.comparing.stop()
    assert (compared.comparing.active, compared.comparing.model, compared.comparing.current) == (False, None, None)
    assert compared.comparing.totals.frames == 0
    seen = len(compared.compared)
    compared.session.seek(3)
    qtbot.waitUntil(lambda: compared.session.current.frame.index == 3, timeout=PATIENCE_MS)
    assert len(compared.compared) == seen


def test_models_without_a_common_class_are_told(desk: Desk, qtbot: QtBot) -> None:
    info = ModelInfo("strange", ("else",), 32, Path("none"))
    desk.models["second"] = lambda: Detector(info, ReadingFamily(), ReadingEngine())
    desk.session.choose_model(ModelChoice("first"))
    qtbot.waitUntil(lambda: desk.session.model is not None, timeout=PATIENCE_MS)
    desk.comparing.start(ModelChoice("second"))
    qtbot.waitUntil(lambda: desk.comparing.model is not None, timeout=PATIENCE_MS)
    assert "no class in common" in desk.comparing.note
    desk.comparing.stop()
    assert desk.comparing.note == ""


def test_another_source_begins_the_sums_anew(compared: Desk, qtbot: QtBot) -> None:
    compared.count = 4
    compared.session.open("another")
    qtbot.waitUntil(lambda: compared.session.playback.text == "another", timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: compared.session.playback.ended, timeout=PATIENCE_MS)
    assert compared.comparing.totals.frames == 4


def test_truth_beside_photographs_is_found(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    write_data_set(tmp_path)
    image = np.zeros((96, 128, 3), np.uint8)
    cv2.imwrite(str(tmp_path / "photographs" / "stranger.png"), image)
    monkeypatch.setattr(session_module, "load_detector", lambda *_, **__: reading_detector())
    monkeypatch.setattr(comparing_module, "load_detector", lambda *_, **__: reading_detector("second"))
    session = Session(Selection())
    comparing = Comparing(session)
    session.choose_model(ModelChoice("first"))
    comparing.start(ModelChoice("second"))
    session.open(str(tmp_path / "photographs"))
    qtbot.waitUntil(lambda: comparing.truths is not None, timeout=PATIENCE_MS)
    session.set_playing(False)
    session.seek(0)
    qtbot.waitUntil(lambda: comparing.current is not None and comparing.current.truth is not None, timeout=PATIENCE_MS)
    session.seek(3)
    qtbot.waitUntil(lambda: comparing.current.first.frame.name.endswith("stranger.png"), timeout=PATIENCE_MS)
    assert comparing.current.truth is None or len(comparing.current.truth) == 0
    session.stop()
    assert comparing.truths is None
    session.close()
    session.deleteLater()

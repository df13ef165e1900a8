"""What the session makes of openings that are given up, superseded or late."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from pytestqt.qtbot import QtBot

from detector.errors import SourceError
from detector.frames.protocol import FrameSource
from detector.pipeline.results import Event, SourceFailed
from gui import session as session_module
from gui.selection import Selection
from gui.session import Session
from gui.values import ShownFrame
from tests.pipeline.fakes import NumberedSource

PATIENCE_MS = 60_000


class Shop:
    """Sources by their text. A text in `closed_doors` opens once its door is opened, or fails when it is given up."""

    def __init__(self) -> None:
        self.sources: dict[str, NumberedSource] = {}
        self.closed_doors: dict[str, threading.Event] = {}
        self.asked: list[str] = []

    def open(self, text: str, _mode: object, give_up: threading.Event) -> FrameSource:
        self.asked.append(text)
        door = self.closed_doors.get(text)
        while door is not None and not door.wait(0.01):
            if give_up.is_set():
                raise SourceError(f"opening {text} was cancelled.")
        source = NumberedSource(None, live=text.startswith("camera"), wait_s=0.005)
        self.sources[text] = source
        return source


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Shop:
    shop = Shop()
    monkeypatch.setattr(session_module, "open_source", shop.open)
    return shop


@pytest.fixture
def session(qtbot: QtBot, shop: Shop) -> Iterator[Session]:
    session = Session(Selection())
    yield session
    session.close()


@pytest.fixture
def troubles(session: Session) -> list[str]:
    told: list[str] = []
    session.trouble.connect(lambda _topic, sentence: told.append(sentence))
    return told


def wait(qtbot: QtBot, condition: Callable[[], bool]) -> None:
    qtbot.waitUntil(condition, timeout=PATIENCE_MS)


def run(qtbot: QtBot, session: Session, text: str) -> None:
    session.open(text)
    wait(qtbot, lambda: session.playback.text == text and session.current is not None)


def test_given_up_beside_a_file_the_file_goes_on(
    qtbot: QtBot, session: Session, shop: Shop, troubles: list[str]
) -> None:
    run(qtbot, session, "clip.mp4")
    shop.closed_doors["camera:1"] = threading.Event()
    session.open("camera:1")
    wait(qtbot, lambda: "camera:1" in shop.asked)
    session.cancel_opening()
    index = session.playback.index
    wait(qtbot, lambda: session.playback.index > index)
    assert session.playback.text == "clip.mp4"
    assert not shop.sources["clip.mp4"].closed.is_set()
    assert troubles == []


def test_given_up_where_the_camera_was_already_given_back_the_window_says_that_nothing_runs(
    qtbot: QtBot, session: Session, shop: Shop, troubles: list[str]
) -> None:
    run(qtbot, session, "camera:0")
    shop.closed_doors["camera:1"] = threading.Event()
    session.open("camera:1")
    assert shop.sources["camera:0"].closed.wait(PATIENCE_MS / 1000)
    with qtbot.waitSignal(session.source_closed, timeout=PATIENCE_MS):
        session.cancel_opening()
    assert session.playback.info is None
    assert session.current is None
    assert troubles == []
    run(qtbot, session, "clip.mp4")
    shop.closed_doors["camera:2"] = threading.Event()
    session.open("camera:2")
    session.cancel_opening()
    index = session.playback.index
    wait(qtbot, lambda: session.playback.index > index)


def test_the_failure_of_an_opening_that_was_superseded_is_nobodys_trouble(
    qtbot: QtBot, session: Session, troubles: list[str]
) -> None:
    run(qtbot, session, "clip.mp4")
    session.bridge.on_event(SourceFailed(session.runner.begun - 1, "opening old.mp4 was cancelled.", False))
    told = SourceFailed(session.runner.begun, "the file broke.", False)
    with qtbot.waitSignal(session.source_closed, timeout=PATIENCE_MS):
        session.bridge.on_event(told)
    assert troubles == ["the file broke."]


def test_a_closed_session_tells_nothing_that_was_still_under_way(qtbot: QtBot, session: Session, shop: Shop) -> None:
    session.open("clip.mp4")
    wait(qtbot, lambda: session.bridge._newest is not None or session.current is not None)
    heard: list[object] = []
    session.close()
    for signal in (session.shown, session.source_opened, session.source_closed, session.model_changed):
        signal.connect(heard.append)
    session.bridge.on_event(SourceFailed(session.runner.begun, "the file broke.", False))
    qtbot.wait(50)
    assert heard == []
    assert shop.sources["clip.mp4"].closed.is_set()


def test_a_frame_that_is_there_before_its_source_is_told_is_shown_with_it(qtbot: QtBot, session: Session) -> None:
    order: list[str] = []
    held: list[Event] = []
    session.source_opened.connect(lambda _info: order.append("opened"))
    session.shown.connect(lambda shown: order.append(f"frame {shown.frame.index}"))
    session.bridge.event_came.disconnect(session._on_event)
    session.bridge.event_came.connect(held.append)
    with qtbot.waitSignal(session.bridge.result_waits, timeout=PATIENCE_MS):
        session.open("clip")
    qtbot.waitUntil(lambda: session._early is not None, timeout=PATIENCE_MS)
    assert order == []
    for event in held:
        session._on_event(event)
    assert order[:2] == ["opened", "frame 0"]


def test_a_frame_that_was_there_too_early_is_forgotten_once_its_source_is_given_back(
    qtbot: QtBot, session: Session
) -> None:
    shown: list[ShownFrame] = []
    held: list[Event] = []
    session.shown.connect(shown.append)
    session.bridge.event_came.disconnect(session._on_event)
    session.bridge.event_came.connect(held.append)
    session.open("clip")
    qtbot.waitUntil(lambda: session._early is not None, timeout=PATIENCE_MS)
    session.stop()
    for event in held:
        session._on_event(event)
    assert shown == []
    assert session.playback.info is None


def test_steps_back_that_come_faster_than_frames_all_count(qtbot: QtBot, session: Session) -> None:
    session.open("clip")
    qtbot.waitUntil(lambda: session.current is not None, timeout=PATIENCE_MS)
    session.set_playing(False)
    session.seek(20)
    qtbot.waitUntil(lambda: session.playback.index == 20, timeout=PATIENCE_MS)
    for _ in range(3):
        session.step(-1)
    qtbot.waitUntil(lambda: session.playback.index == 17, timeout=PATIENCE_MS)
    session.step(-1)
    qtbot.waitUntil(lambda: session.playback.index == 16, timeout=PATIENCE_MS)

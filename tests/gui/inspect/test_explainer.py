"""The thread that explains: the newest of each topic, never what nobody wants any more, rests while a source plays."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from detector.errors import OptionError
from gui.inspect.explainer import Explainer
from gui.session import Session
from tests.gui.standing import FILE, MODEL, Clock, play, standing_session


class Asker:
    """Asks one explainer, and keeps what came."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.clock = Clock()
        self.explainer = Explainer(session, clock=self.clock)
        self.wanted = True
        self.came: list[Any] = []
        self.failed: list[str] = []

    def ask(self, topic: str, work: Callable[[], object], rest_s: float = 1.0) -> None:
        self.explainer.ask(topic, lambda _: work(), lambda: self.wanted, self.came.append, self.failed.append, rest_s)


@pytest.fixture
def asker(qtbot: QtBot) -> Iterator[Asker]:
    with standing_session() as session:
        yield Asker(session)
    # Now and here: a timer that runs must not be collected as garbage in another thread.
    session.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def held(asker: Asker) -> threading.Event:
    """Keep the thread busy until the event is set."""
    free = threading.Event()
    asker.ask("held", lambda: free.wait(30))
    return free


def test_of_each_topic_only_the_newest_is_done(qtbot: QtBot, asker: Asker) -> None:
    free = held(asker)
    done: list[str] = []

    def work(name: str) -> str:
        done.append(name)
        return name

    for name in ("first", "second", "third"):
        asker.ask("a", partial(work, name))
    asker.ask("b", lambda: "other")
    free.set()
    qtbot.waitUntil(lambda: not asker.explainer.busy)
    assert done == ["third"]
    assert asker.came == [True, "third", "other"]


def test_what_is_forgotten_or_not_wanted_any_more_does_not_come(qtbot: QtBot, asker: Asker) -> None:
    free = held(asker)
    asker.ask("a", lambda: "forgotten")
    assert asker.explainer.is_asked("a")
    asker.explainer.forget("a")
    asker.ask("b", lambda: "not wanted")
    asker.wanted = False
    free.set()
    qtbot.waitUntil(lambda: not asker.explainer.busy)
    assert (asker.came, asker.failed) == ([], [])


@pytest.mark.parametrize("change", ["model", "opened", "closed"])
def test_another_model_or_source_makes_answers_worthless(qtbot: QtBot, asker: Asker, change: str) -> None:
    free = held(asker)
    asker.ask("a", lambda: "old")
    if change == "model":
        asker.session.model_changed.emit(MODEL)
    elif change == "opened":
        asker.session.source_opened.emit(FILE)
    else:
        asker.session.source_closed.emit()
    free.set()
    qtbot.waitUntil(lambda: not asker.explainer.busy)
    asker.ask("a", lambda: "new")
    qtbot.waitUntil(lambda: asker.came == ["new"])


def test_while_a_source_plays_it_rests_and_once_paused_it_goes_on(qtbot: QtBot, asker: Asker) -> None:
    play(asker.session)
    asker.ask("a", lambda: 1)
    qtbot.waitUntil(lambda: asker.came == [1])
    asker.ask("a", lambda: 2)
    qtbot.wait(60)
    assert asker.came == [1]
    asker.session.playback.playing = False
    asker.session.playback_changed.emit()
    qtbot.waitUntil(lambda: asker.came == [1, 2])


def test_a_long_explanation_is_followed_by_a_longer_rest(qtbot: QtBot, asker: Asker) -> None:
    play(asker.session)

    def slow() -> int:
        asker.clock.now_s += 2
        return 1

    asker.ask("a", slow)
    qtbot.waitUntil(lambda: asker.came == [1])
    asker.clock.now_s += 4
    asker.ask("a", lambda: 2, rest_s=0.0)
    qtbot.wait(60)
    assert asker.came == [1]
    asker.clock.now_s += 5
    asker.ask("a", lambda: 3, rest_s=0.0)
    qtbot.waitUntil(lambda: asker.came == [1, 3])


def test_a_failure_is_told_in_one_sentence(qtbot: QtBot, asker: Asker, caplog: pytest.LogCaptureFixture) -> None:
    def refuse() -> None:
        raise OptionError("there is no unit here.")

    def name_first() -> None:
        raise OptionError("backbone.pool has no filters.")

    def break_down() -> None:
        raise RuntimeError("out of memory")

    for topic, work in (("a", refuse), ("b", name_first), ("c", break_down)):
        asker.ask(topic, work)
    qtbot.waitUntil(lambda: len(asker.failed) == 3)
    assert asker.failed == [
        "There is no unit here.",
        "backbone.pool has no filters.",
        "This cannot be explained: out of memory",
    ]
    assert "explaining failed" in caplog.text
    asker.ask("d", lambda: "goes on")
    qtbot.waitUntil(lambda: asker.came == ["goes on"])

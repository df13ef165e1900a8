"""A frame that was shown before its answer, wanted with its boxes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QObject, Signal

from gui.answered_frame import AnsweredFrame
from gui.values import ShownFrame
from tests.gui.compare.made import FIRST, made_compared


class Talking(QObject):
    """What is asked of a session."""

    shown = Signal(object)
    source_closed = Signal()
    model_changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.model = FIRST


@pytest.fixture
def session(qtbot) -> Talking:
    return Talking()


def bare(answered: ShownFrame) -> ShownFrame:
    return replace(answered, candidates=None, model=None)


def test_an_answered_frame_is_there_at_once(session: Talking) -> None:
    got: list[ShownFrame] = []
    answered = made_compared(1).first
    AnsweredFrame(session).then(answered, got.append)
    assert got == [answered]


def test_a_bare_one_waits_for_its_boxes(session: Talking) -> None:
    got: list[ShownFrame] = []
    answered = made_compared(1).first
    frames = AnsweredFrame(session)
    frames.then(bare(answered), got.append)
    session.shown.emit(bare(answered))
    assert got == []
    session.shown.emit(answered)
    assert got == [answered]
    session.shown.emit(answered)
    assert got == [answered]


def test_without_a_model_no_boxes_are_waited_for(session: Talking) -> None:
    got: list[ShownFrame] = []
    waiting = bare(made_compared(1).first)
    session.model = None
    AnsweredFrame(session).then(waiting, got.append)
    assert got == [waiting]


@pytest.mark.parametrize("end", ["another frame", "no model", "source closed", "flush"])
def test_boxes_that_will_never_come_are_not_waited_for(session: Talking, end: str) -> None:
    got: list[ShownFrame] = []
    waiting = bare(made_compared(1).first)
    frames = AnsweredFrame(session)
    frames.then(waiting, got.append)
    if end == "another frame":
        session.shown.emit(made_compared(2).first)
    elif end == "no model":
        session.model_changed.emit(None)
    elif end == "source closed":
        session.source_closed.emit()
    else:
        frames.flush()
    assert got == [waiting]

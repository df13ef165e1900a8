from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from gui.actions import build_actions
from gui.frame_actions import ENABLED_ELSEWHERE, FRAME_ACTIONS, FrameActions
from gui.session import Session
from tests.gui.standing import FILE, standing_session


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    with standing_session() as session:
        yield session


def test_actions_on_a_frame_come_and_go_with_the_source(session: Session, qtbot: QtBot) -> None:
    owner = QWidget()
    qtbot.addWidget(owner)
    actions = build_actions(owner)
    FrameActions(session, actions, owner)
    assert not any(actions[name].isEnabled() for name in FRAME_ACTIONS)
    assert actions["keys"].isEnabled()
    session.source_opened.emit(FILE)
    assert all(actions[name].isEnabled() for name in FRAME_ACTIONS)
    assert not any(actions[name].isEnabled() for name in ENABLED_ELSEWHERE), "they need more than a source"
    actions["truth"].setEnabled(True)
    session.source_closed.emit()
    assert not actions["truth"].isEnabled()
    assert not any(actions[name].isEnabled() for name in FRAME_ACTIONS)

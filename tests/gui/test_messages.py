from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from PySide6.QtCore import qInstallMessageHandler, qWarning

from gui.messages import route_qt_messages


@pytest.fixture
def heard_before() -> Iterator[list[str]]:
    """What a handler hears that was there first."""
    heard: list[str] = []
    others = qInstallMessageHandler(lambda _kind, _context, message: heard.append(message))
    yield heard
    qInstallMessageHandler(others)


def test_qts_messages_go_to_the_log_until_that_is_ended(heard_before: list[str], caplog) -> None:
    end = route_qt_messages()
    qWarning("no such font")
    end()
    qWarning("nobody logs this")
    assert [(record.name, record.levelno, record.message) for record in caplog.records] == [
        ("qt", logging.WARNING, "no such font")
    ]
    assert heard_before == ["nobody logs this"]

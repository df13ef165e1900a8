from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from gui.log_store import LogStore
from gui.reporting import ReportPanel, changed_settings, gather, private_texts
from gui.session import Session
from gui.settings import LAST_FOLDER, LOOP, MemoryStore, SettingsStore
from tests.gui.standing import CAMERA, MODEL, Canvas, Clock, answer, play, standing_session


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    with standing_session() as session:
        yield session


@pytest.mark.parametrize(
    ("source", "private"),
    [
        ("rtsp://me:pw@cam.local/live", ("rtsp://me:pw@cam.local/live", "cam.local")),
        ("http://[broken", ("http://[broken",)),
        ("/media/My disk/a.mp4", ("/media/My disk/a.mp4", "/media/My disk/a.mp4", "/media/My disk")),
        ("/a.mp4", ("/a.mp4", "/a.mp4")),
        ("clip.mp4", ()),
        ("sample", ()),
        ("camera:1", ()),
        ("", ()),
    ],
)
def test_of_a_source_path_folder_address_and_host_are_private(source: str, private: tuple[str, ...]) -> None:
    assert private_texts(source) == private


def test_changed_settings_are_told_but_free_texts_are_not(qtbot: QtBot) -> None:
    settings = SettingsStore(MemoryStore())
    assert changed_settings(settings) == {}
    settings.put(LOOP, not LOOP.default)
    settings.put(LAST_FOLDER, "/home/me/holidays")
    assert changed_settings(settings) == {LOOP.key: str(not LOOP.default), LAST_FOLDER.key: "(changed)"}


def test_what_the_window_knows_is_gathered(session: Session) -> None:
    play(session, CAMERA)
    session.dropped, session.delay_s = 3, 0.5
    answer(session, Clock(), frames=5)
    facts = gather(session, Canvas(), LogStore(), SettingsStore(MemoryStore()))
    assert facts.source is not None
    assert (facts.source.kind, facts.source.live) == ("camera", True)
    assert facts.model is not None
    assert (facts.model.name, facts.model.engine, facts.model.precision) == (MODEL.info.name, "torch", "bf16")
    assert facts.rates.frames_per_s == pytest.approx(10)
    assert facts.rates.parts_ms == pytest.approx({"read": 1, "prep": 2, "net": 10, "post": 3, "draw": 4})
    assert (facts.rates.dropped, facts.rates.delay_s) == (3, 0.5)
    assert "offscreen" in facts.display


def test_a_source_that_could_not_be_opened_is_private_too(session: Session, qtbot: QtBot) -> None:
    log = LogStore()
    panel = ReportPanel(session, Canvas(), log, SettingsStore(MemoryStore()))
    qtbot.addWidget(panel)
    session.asked = "/media/holidays/beach.mp4"
    session.source_opening.emit("beach.mp4")
    log.handle(log_record("/media/holidays/beach.mp4 cannot be read"))
    panel.show()
    qtbot.waitUntil(lambda: "cannot be read" in panel.text.toPlainText(), timeout=60_000)
    assert "holidays" not in panel.text.toPlainText()
    assert panel.copy.isEnabled()


def log_record(text: str) -> logging.LogRecord:
    return logging.LogRecord("detector", logging.WARNING, "", 0, text, (), None)

"""The strip that tells that something opens."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from gui.start.opening import OpeningStrip, short
from tests.e2e.hands import click, wait
from tests.gui.start.conftest import AskedSession

NEVER_MS = 3_600_000


def laid_out(made: OpeningStrip, owner: QWidget) -> OpeningStrip:
    column = QVBoxLayout(owner)
    column.addWidget(made.source)
    column.addWidget(made.model)
    owner.show()
    return made


@pytest.fixture
def strip(session: AskedSession, owner: QWidget) -> OpeningStrip:
    return laid_out(OpeningStrip(session, patience_ms=0), owner)


def test_it_comes_when_opening_takes_long_and_goes_when_it_is_done(
    strip: OpeningStrip, session: AskedSession, qtbot: QtBot
) -> None:
    assert not strip.source.isVisible()
    session.source_opening.emit("/videos/clip.mp4")
    wait(qtbot, strip.source.isVisible)
    assert "clip.mp4" in strip.source.text.whole
    session.source_opened.emit(None)
    assert not strip.source.isVisible()


@pytest.mark.parametrize("ending", ["trouble", "trouble_over", "closed"])
def test_it_goes_however_opening_ends(strip: OpeningStrip, session: AskedSession, qtbot: QtBot, ending: str) -> None:
    session.source_opening.emit("x")
    wait(qtbot, strip.source.isVisible)
    if ending == "trouble":
        session.trouble.emit("model", "another thing")
        assert strip.source.isVisible()
        session.trouble.emit("source", "no")
    elif ending == "trouble_over":
        session.trouble_over.emit("source")
    else:
        session.source_closed.emit()
    assert not strip.source.isVisible()


def test_cancel_gives_up_opening(strip: OpeningStrip, session: AskedSession, qtbot: QtBot) -> None:
    session.source_opening.emit("x")
    wait(qtbot, strip.source.isVisible)
    click(strip.source.button)
    assert session.requests == [("cancel_opening",)]
    assert not strip.source.isVisible()


def test_loading_a_model_has_a_row_of_its_own(strip: OpeningStrip, session: AskedSession, qtbot: QtBot) -> None:
    session.model_loading.emit("vgg-yolo-voc20")
    wait(qtbot, strip.model.isVisible)
    assert not strip.source.isVisible()
    assert "vgg-yolo-voc20" in strip.model.text.whole
    click(strip.model.button)
    assert session.requests == [("cancel_loading",)]
    session.model_loading.emit("other")
    wait(qtbot, strip.model.isVisible)
    session.model_changed.emit(None)
    assert not strip.model.isVisible()


def test_what_is_quick_is_not_told(session: AskedSession, owner: QWidget) -> None:
    strip = laid_out(OpeningStrip(session, patience_ms=NEVER_MS), owner)
    session.source_opening.emit("x")
    assert strip.source.waiting
    assert not strip.source.isVisible()
    session.source_opened.emit(None)
    assert not strip.source.waiting


def test_long_names_are_cut_in_the_middle() -> None:
    assert short("/a/b/clip.mp4") == "clip.mp4"
    assert short("rtsp://host/live") == "rtsp://host/live"
    assert len(short("x" * 300 + ".mp4")) <= 60
    assert short("/") == "/"


def test_weights_that_come_first_have_figures(strip: OpeningStrip, session: AskedSession, qtbot: QtBot) -> None:
    session.model_loading.emit("far-away")
    wait(qtbot, strip.model.isVisible)
    assert strip.model.text.whole == "Loading the model far-away ..."
    assert strip.model.button.text() == "Stop loading"
    assert not strip.model.bar.isTextVisible()
    session.fetches.now.received_bytes, session.fetches.now.total_bytes = 40_000_000, 160_000_000
    wait(qtbot, strip.model.bar.isTextVisible)
    assert strip.model.text.whole == "Fetching the weights of far-away ..."
    assert strip.model.bar.text() == "40 of 160 MB"
    assert strip.model.bar.value() == 25
    assert strip.model.button.text() == "Stop fetching"
    session.fetches.now.received_bytes = 160_000_000
    wait(qtbot, lambda: strip.model.button.text() == "Stop loading")
    session.model_changed.emit(None)
    assert not strip.model._progress_timer.isActive(), "a row that is gone does no work"

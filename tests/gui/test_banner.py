from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.panels.banner import Banner
from tests.e2e.hands import click


@pytest.fixture
def banner(qtbot: QtBot) -> Iterator[Banner]:
    banner = Banner()
    qtbot.addWidget(banner)
    yield banner
    # As in its window, it outlives its lines.
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_it_is_there_only_while_there_is_something_to_say(banner: Banner) -> None:
    assert banner.isHidden()
    banner.say("source", "the file gone.mp4 does not exist; choose another.")
    assert not banner.isHidden()
    assert banner.text == "The file gone.mp4 does not exist; choose another."
    assert banner.accessibleName() == banner.text
    banner.clear("model")
    assert not banner.isHidden()
    banner.clear("source")
    assert banner.isHidden()
    assert banner.text == ""


def test_topics_have_a_line_each_and_a_new_sentence_replaces_the_old(banner: Banner) -> None:
    banner.say("source", "one.")
    banner.say("model", "two.")
    banner.say("source", "three.")
    assert banner.text == "Two.\nThree."
    banner.close_all()
    assert banner.text == ""


def test_a_way_out_is_taken_once_and_ends_the_line(banner: Banner) -> None:
    taken: list[str] = []
    banner.say("source", "it is gone.", [("Try again", lambda: taken.append("again")), ("Sample", lambda: None)])
    again, sample = banner.ways("source")
    assert (again.text(), sample.text()) == ("Try again", "Sample")
    click(again)
    assert taken == ["again"]
    assert banner.ways("source") == []
    assert banner.isHidden()


def test_what_a_way_out_says_stays(banner: Banner) -> None:
    banner.say("source", "it is gone.", [("Try again", lambda: banner.say("source", "it is still gone."))])
    click(banner.ways("source")[0])
    assert banner.text == "It is still gone."


def test_a_sentence_of_300_letters_does_not_widen_it(banner: Banner) -> None:
    banner.say("source", "x" * 300)
    assert banner.minimumSizeHint().width() < 400


def test_lines_do_not_pile_up(banner: Banner, qtbot: QtBot) -> None:
    for number in range(50):
        banner.say("source", f"number {number}.")
        qtbot.wait(0)
    qtbot.waitUntil(lambda: len(banner.children()) <= 4, timeout=20_000)


def test_where_it_is_narrow_the_ways_out_stand_below_the_sentence(banner: Banner) -> None:
    banner.say("source", "x y " * 30, [("Try again", lambda: None), ("Open file...", lambda: None)])
    for width, below in ((900, False), (240, True), (900, False)):
        banner.resize(width, 100)
        QApplication.processEvents()
        line = banner.ways("source")[0].parentWidget()
        assert (line.y() > 0) is below

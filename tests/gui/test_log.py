from __future__ import annotations

import logging
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from gui.log_store import KEPT, LONGEST, LogStore
from gui.panels.log import LogPanel

PATIENCE_MS = 60_000


@pytest.fixture
def store(qtbot: QtBot) -> Iterator[LogStore]:
    store = LogStore()
    yield store
    store.uninstall()


@pytest.fixture
def log(store: LogStore) -> Iterator[logging.Logger]:
    """A logger that nobody but the store hears."""
    logger = logging.getLogger("tests.log")
    logger.propagate = False
    logger.setLevel(logging.DEBUG)
    logger.addHandler(store)
    yield logger
    logger.removeHandler(store)


@pytest.fixture
def panel(store: LogStore, qtbot: QtBot) -> LogPanel:
    panel = LogPanel(store)
    qtbot.addWidget(panel)
    panel.resize(500, 300)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def shows(qtbot: QtBot, panel: LogPanel, text: str) -> None:
    qtbot.waitUntil(lambda: text in panel.text.toPlainText(), timeout=PATIENCE_MS)


def test_records_are_kept_bounded_and_without_passwords(store: LogStore, log: logging.Logger) -> None:
    log.debug("unheard")
    for number in range(KEPT + 50):
        log.info("record %d", number)
    log.warning("cannot reach %s", "rtsp://me:secret@cam/live")
    log.info("x" * (3 * LONGEST))
    lines = store.lines()
    assert len(lines) == KEPT
    assert lines[-2].text == "cannot reach rtsp://***@cam/live"
    assert len(lines[-1].text) < LONGEST + 100
    assert [line.number for line in lines] == list(range(lines[0].number, lines[0].number + KEPT))
    assert store.lines(lines[-3].number) == lines[-2:]
    assert store.lines(lines[-1].number) == []
    assert store.warnings() == 1


def test_tracebacks_are_kept_without_pointers(store: LogStore, log: logging.Logger) -> None:
    try:
        raise ValueError("a mistake")
    except ValueError:
        log.exception("not handled")
    (line,) = store.lines()
    assert "not handled\nTraceback" in line.text
    assert "ValueError: a mistake" in line.text
    assert "^^" not in line.text


def test_records_from_many_threads_all_arrive(store: LogStore, log: logging.Logger) -> None:
    threads = [threading.Thread(target=lambda: [log.info("x") for _ in range(100)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(line.number for line in store.lines()) == list(range(800))


def test_a_flood_is_told_seldom(store: LogStore, log: logging.Logger, panel: LogPanel, qtbot: QtBot) -> None:
    told = []
    store.news.changed.connect(lambda: told.append(len(store.lines())))
    flood = threading.Thread(target=lambda: [log.info("drop %d", number) for number in range(10_000)])
    flood.start()
    flood.join()
    # The signal comes by Qt's loop, which has not run since: all of it is one piece of news.
    shows(qtbot, panel, "drop 9999")
    assert told == [KEPT]
    # When it is calm again all that is kept is there.
    qtbot.waitUntil(lambda: panel.text.blockCount() == KEPT, timeout=PATIENCE_MS)
    assert panel.text.toPlainText().startswith(store.lines()[0].as_text())


def test_the_panel_filters_by_level_and_text(
    store: LogStore, log: logging.Logger, panel: LogPanel, qtbot: QtBot
) -> None:
    log.info("a Quiet word")
    log.warning("careful")
    log.error("broken")
    shows(qtbot, panel, "broken")
    assert "quiet" in panel.text.toPlainText().lower()
    panel.level.setCurrentIndex(1)
    assert "Quiet" not in panel.text.toPlainText()
    assert "careful" in panel.text.toPlainText()
    panel.level.setCurrentIndex(2)
    assert "careful" not in panel.text.toPlainText()
    panel.level.setCurrentIndex(0)
    panel.search.setText("quiet")
    assert panel.text.toPlainText().endswith("a Quiet word")
    log.info("quietly")
    log.info("loud")
    shows(qtbot, panel, "quietly")
    assert "loud" not in panel.text.toPlainText()
    panel.copy.click()
    assert QGuiApplication.clipboard().text() == panel.text.toPlainText()


def test_clearing_forgets(store: LogStore, log: logging.Logger, panel: LogPanel, qtbot: QtBot) -> None:
    log.error("broken")
    shows(qtbot, panel, "broken")
    panel.clear.click()
    assert panel.text.toPlainText() == ""
    assert store.lines() == []
    log.info("after")
    shows(qtbot, panel, "after")


def test_it_follows_the_end_but_not_a_reader(
    store: LogStore, log: logging.Logger, panel: LogPanel, qtbot: QtBot
) -> None:
    for number in range(100):
        log.info("line %d", number)
    shows(qtbot, panel, "line 99")
    bar = panel.text.verticalScrollBar()
    assert bar.maximum() > 0
    assert bar.value() == bar.maximum()
    bar.setValue(10)
    log.info("one more")
    shows(qtbot, panel, "one more")
    assert bar.value() == 10


def test_a_closed_panel_counts_warnings_until_it_is_seen(
    store: LogStore, log: logging.Logger, panel: LogPanel, qtbot: QtBot
) -> None:
    counts: list[int] = []
    panel.warnings_changed.connect(counts.append)
    panel.hide()
    log.info("nothing much")
    log.warning("careful")
    log.error("broken")
    qtbot.waitUntil(lambda: counts == [2], timeout=PATIENCE_MS)
    assert "broken" not in panel.text.toPlainText()
    panel.show()
    assert counts == [2, 0]
    assert "broken" in panel.text.toPlainText()
    panel.hide()
    log.warning("again")
    qtbot.waitUntil(lambda: counts == [2, 0, 1], timeout=PATIENCE_MS)


def test_installed_it_hears_everyone_and_leaves_no_trace(store: LogStore) -> None:
    logger = logging.getLogger("detector.tests")
    before = logging.getLogger("detector").level, list(logging.getLogger().handlers)
    store.install()
    logger.info("told")
    store.uninstall()
    logger.error("not told")
    assert [line.text for line in store.lines()] == ["told"]
    assert (logging.getLogger("detector").level, list(logging.getLogger().handlers)) == before

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from gui.panels.status import ITEMS, StatusLine
from gui.session import Session
from tests.e2e.hands import click
from tests.gui.standing import CAMERA, Canvas, Clock, answer, play, standing_session


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    with standing_session() as session:
        yield session


@pytest.fixture
def line(session: Session, qtbot: QtBot) -> Iterator[StatusLine]:
    """In a window, as Qt gives a status line its width."""
    window = QMainWindow()
    qtbot.addWidget(window)
    line = StatusLine(session, Canvas())
    # Tests refresh it themselves.
    line.timer.stop()
    window.setStatusBar(line)
    window.resize(2000, 300)
    window.show()
    qtbot.waitExposed(window)
    yield line
    window.close()


def visible(line: StatusLine) -> set[str]:
    return {name for name, label in line.labels.items() if not label.isHidden()}


def test_it_names_what_runs_and_how_fast(line: StatusLine, session: Session) -> None:
    assert "no model" in line.text()
    play(session)
    answer(session, Clock(), frames=5)
    line.refresh()
    told = {name: label.text() for name, label in line.labels.items()}
    assert told["fps"] == "10.0 FPS"
    assert (told["read"], told["prep"], told["net"], told["draw"]) == ("read 1.0", "prep 2.0", "net 10.0", "draw 4.0")
    assert (told["engine"], told["device"], told["model"]) == ("torch bf16", "CPU x2", "a-model 320")
    assert told["drops"] == "0 dropped"
    assert told["delay"] == "", "a file is never late"


def test_a_live_source_tells_its_delay(line: StatusLine, session: Session) -> None:
    play(session, CAMERA)
    session.delay_s, session.dropped = 0.25, 7
    line.refresh()
    assert "250 ms late" in line.text()
    assert "7 dropped" in line.text()


def test_while_nothing_is_answered_there_are_no_figures(line: StatusLine, session: Session) -> None:
    play(session)
    line.refresh()
    assert line.labels["net"].text() == ""
    assert "0.0 FPS" not in line.text()


def places(line: StatusLine) -> dict[str, tuple[int, int]]:
    """Where each figure stands, told or not."""
    return {name: (label.x(), label.width()) for name, label in line.labels.items() if not label.isHidden()}


def settle(line: StatusLine) -> None:
    layout = line._line.layout()
    assert layout is not None
    layout.activate()


def test_no_figure_moves_when_others_go_come_or_grow(line: StatusLine, session: Session) -> None:
    play(session)
    answer(session, Clock(), frames=5)
    line.refresh()
    settle(line)
    before = places(line)
    assert {"fps", "net", "drops", "model"} <= set(before)
    session.dropped = 99_999
    line.refresh()
    settle(line)
    assert places(line) == before
    session.bridge.meter.reset()
    line.refresh()
    settle(line)
    assert line.labels["net"].text() == ""
    assert places(line) == before


class LayoutRequests(QObject):
    """Counts the layouts that a widget is asked for."""

    count = 0

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.LayoutRequest
        return False


def test_changing_figures_ask_for_no_new_layout(line: StatusLine, session: Session) -> None:
    play(session)
    clock = Clock()
    answer(session, clock, frames=5)
    line.refresh()
    QCoreApplication.sendPostedEvents()
    before, requests = line.text(), LayoutRequests()
    for watched in (line, line.window()):
        watched.installEventFilter(requests)
    answer(session, clock, frames=5, network_s=0.02)
    line.refresh()
    QCoreApplication.sendPostedEvents()
    assert line.text() != before
    assert requests.count == 0


def test_what_did_not_fit_a_place_widens_it_once(line: StatusLine) -> None:
    for text in ("net 12345678.0", "net 1.0"):
        line._put("net", text)
        line._fit()
        width = line.labels["net"].width()
    assert width >= line.labels["net"].fontMetrics().horizontalAdvance("net 12345678.0")


def test_loading_is_told_elsewhere(line: StatusLine, session: Session) -> None:
    session.model_loading.emit("some-model")
    line.refresh()
    assert "some-model" not in line.text()


@pytest.mark.parametrize("live", [False, True])
def test_narrow_windows_lose_the_least_important_first_and_cut_nothing(
    line: StatusLine, session: Session, live: bool
) -> None:
    play(session, CAMERA) if live else play(session)
    answer(session, Clock(), frames=5)
    line.refresh()
    ranks = {item.name: item.rank for item in ITEMS}
    there = {name for name, label in line.labels.items() if label.text()}
    before = there
    for width in range(2000, 60, -20):
        line.resize(width, line.height())
        now = visible(line)
        assert now <= before, "a narrower line shows more"
        gone = there - now
        assert not gone or max(ranks[name] for name in gone) <= min((ranks[name] for name in now), default=99)
        used = sum(line.labels[name].width() for name in now)
        assert used <= width
        for name in now:
            label = line.labels[name]
            assert label.fontMetrics().horizontalAdvance(label.text()) <= label.width()
        before = now
    line.resize(2000, line.height())
    assert visible(line) == there


def test_at_800_pixels_speed_drops_and_engine_stay(line: StatusLine, session: Session) -> None:
    play(session, CAMERA)
    answer(session, Clock(), frames=5)
    line.refresh()
    line.resize(800, line.height())
    assert {"fps", "drops", "engine", "net", "delay"} <= visible(line)


def test_every_figure_explains_itself(line: StatusLine, session: Session) -> None:
    play(session)
    answer(session, Clock(), frames=5)
    line.refresh()
    for name, label in line.labels.items():
        assert len(label.toolTip()) > 20
        if label.text():
            assert label.accessibleName().endswith(label.text()), name


def test_a_click_asks_for_the_performance_panel(line: StatusLine, qtbot: QtBot) -> None:
    with qtbot.waitSignal(line.performance_wanted, timeout=60_000):
        click(line)


def test_a_line_that_nobody_sees_does_nothing(line: StatusLine, monkeypatch: pytest.MonkeyPatch) -> None:
    refreshed = []
    monkeypatch.setattr(line, "refresh", lambda: refreshed.append(1))
    line.hide()
    line._tick()
    assert not refreshed
    line.show()
    line._tick()
    assert refreshed

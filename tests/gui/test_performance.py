from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from gui.busy_tips import BusyTips
from gui.machine_load import OtherPrograms
from gui.panels.performance import PerformancePanel
from gui.panels.speed_plot import PART_COLOURS, RATE_COLOUR, round_up, unbroken
from gui.performance_history import KEPT_S, KEPT_SAMPLES, PARTS, PerformanceHistory
from gui.session import Session
from tests.gui.standing import Canvas, Clock, answer, play, standing_session


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    with standing_session() as session:
        yield session


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def history(session: Session, clock: Clock) -> PerformanceHistory:
    history = PerformanceHistory(session, Canvas(), session, clock, whole=lambda: 0.0)
    # Tests sample themselves.
    history.timer.stop()
    return history


@pytest.fixture
def panel(session: Session, history: PerformanceHistory, qtbot: QtBot) -> PerformancePanel:
    panel = PerformancePanel(session, history.canvas, history)
    panel.timer.stop()
    qtbot.addWidget(panel)
    panel.resize(360, 620)
    return panel


def test_a_sample_holds_rate_parts_and_what_the_process_uses(
    session: Session, history: PerformanceHistory, clock: Clock
) -> None:
    play(session)
    session.dropped, session.delay_s = 3, 0.2
    answer(session, clock, frames=6)
    sample = history.sample()
    assert sample.frames_per_s == pytest.approx(10)
    assert sample.parts_ms == pytest.approx((1, 2, 10, 3, 4))
    assert (sample.dropped, sample.delay_s) == (3, 0.2)
    assert sample.memory_mb > 10
    assert sample.threads >= 1


def test_a_pause_is_a_gap_and_not_a_zero(session: Session, history: PerformanceHistory, clock: Clock) -> None:
    play(session)
    for playing in (True, True, False, False, True, True):
        session.playback.playing = playing
        answer(session, clock, frames=3)
        history.sample()
    assert [s.frames_per_s is None for s in history.samples] == [False, False, True, True, False, False]
    assert [len(run) for run in unbroken(history.samples)] == [2, 2]
    assert history.frames_counted == 12, "frames stepped through while paused count as speed"


def test_a_model_that_is_loading_is_a_gap(session: Session, history: PerformanceHistory) -> None:
    play(session)
    assert history.sample().parts_ms is None


def test_where_the_program_was_held_the_line_is_broken(
    session: Session, history: PerformanceHistory, clock: Clock
) -> None:
    play(session)
    for wait_s in (0.25, 0.25, 20.0, 0.25):
        clock.now_s += wait_s
        answer(session, clock, frames=2)
        history.sample()
    assert [len(run) for run in unbroken(history.samples)] == [2, 2]


def test_the_figures_are_those_of_the_frames(session: Session, history: PerformanceHistory, clock: Clock) -> None:
    play(session)
    assert history.figures() == []
    for network_s in (0.010, 0.020, 0.060):
        answer(session, clock, network_s)
    answer(session, clock, 0.010, frames=97)
    history.sample()
    net = next(f for f in history.figures() if f.part == "net")
    assert net.mean_ms == pytest.approx((99 * 10 + 20 + 60 - 10) / 100)
    assert net.most_ms == pytest.approx(10)
    assert net.max_ms == pytest.approx(60)
    assert [f.part for f in history.figures()] == list(PARTS)


def test_what_is_older_than_a_minute_is_forgotten(session: Session, history: PerformanceHistory, clock: Clock) -> None:
    play(session)
    answer(session, clock, 0.5, frames=3)
    history.sample()
    clock.now_s += KEPT_S + 1
    answer(session, clock, 0.01, frames=3)
    history.sample()
    assert history.frames_counted == 6
    assert next(f for f in history.figures() if f.part == "net").max_ms == pytest.approx(10)
    assert history.frames_counted == 3
    for _ in range(2 * KEPT_SAMPLES):
        history.sample()
    assert len(history.samples) == KEPT_SAMPLES


def test_the_panel_paints_curve_parts_and_table(
    session: Session, history: PerformanceHistory, panel: PerformancePanel, clock: Clock, qtbot: QtBot
) -> None:
    play(session)
    for _ in range(40):
        answer(session, clock, 0.03, frames=5)
        history.sample()
    panel.show()
    qtbot.waitExposed(panel)
    picture = panel.plot.grab().toImage()
    seen = {picture.pixelColor(x, y).rgb() for x in range(picture.width()) for y in range(picture.height())}
    for colour in (RATE_COLOUR, *PART_COLOURS):
        assert colour.rgb() in seen, colour.name()
    assert panel.table.item(PARTS.index("net"), 0).text() == "30.0"
    assert "10.0 FPS" in panel.facts.text()
    assert "threads" in panel.facts.text()
    panel.copy.click()
    copied = QGuiApplication.clipboard().text()
    assert copied.splitlines()[0].split("\t") == ["part", "mean ms", "95 % ms", "max ms"]
    assert "net\t30.0\t30.0\t30.0" in copied


def test_nothing_played_is_told_and_not_drawn(panel: PerformancePanel, history: PerformanceHistory) -> None:
    history.sample()
    panel.refresh()
    picture = panel.plot.grab().toImage()
    seen = {picture.pixelColor(x, y).rgb() for x in range(picture.width()) for y in range(picture.height())}
    assert RATE_COLOUR.rgb() not in seen
    assert panel.table.item(0, 0).text() == "-"
    assert "paused" in panel.facts.text()


def test_that_other_programs_keep_the_machine_busy_is_told_and_ends(
    session: Session, history: PerformanceHistory, panel: PerformancePanel, clock: Clock, qtbot: QtBot
) -> None:
    label = QLabel("net 97.0")
    qtbot.addWidget(label)
    label.setToolTip("Network: milliseconds")
    BusyTips(history, [label])
    history.others = OtherPrograms(cores=2)
    heard: list[str] = []
    history.busy_changed.connect(heard.append)
    panel.show()
    assert panel.busy.isHidden()
    # More than this test itself can take.
    for whole, told in ((8.0, True), (0.0, False)):
        history._whole = lambda whole=whole: whole
        for _ in range(120):
            clock.now_s += 0.25
            history.sample()
        panel.refresh()
        assert bool(history.busy) == told
        assert heard[-1] == history.busy
        assert panel.busy.isVisible() == told
        assert panel.busy.text() == history.busy
        assert ("of 2 cores" in label.toolTip()) == told
        assert ("of 2 cores" in panel.as_text()) == told
    assert label.toolTip() == "Network: milliseconds"
    count = len(heard)
    history.sample()
    assert len(heard) == count, "told again without being another one"


def test_the_words_of_the_table_are_explained(panel: PerformancePanel) -> None:
    heads = [panel.table.horizontalHeaderItem(column).toolTip() for column in range(3)]
    heads += [panel.table.verticalHeaderItem(row).toolTip() for row in range(len(PARTS))]
    assert all(heads)
    assert "95 of 100" in heads[1]


def test_a_panel_that_nobody_sees_paints_nothing(
    panel: PerformancePanel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = []
    monkeypatch.setattr(panel.plot, "show_samples", lambda *_: shown.append(1))
    panel._tick()
    assert not shown
    panel.show()
    qtbot.waitExposed(panel)
    shown.clear()
    panel._tick()
    assert shown


@pytest.mark.parametrize(("value", "top"), [(0, 1), (1, 1), (1.1, 2), (29, 50), (50, 50), (730, 1000), (1001, 2000)])
def test_axes_end_at_round_numbers(value: float, top: float) -> None:
    assert round_up(value) == top

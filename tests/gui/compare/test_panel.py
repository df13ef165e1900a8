"""The comparison panel: counts, costs, classes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QTableWidget
from pytestqt.qtbot import QtBot

from detector.pipeline.results import FrameTimes
from gui.panel_docks import in_scroll_area
from gui.panels.compare import ComparisonPanel
from gui.values import ModelChoice
from tests.e2e.hands import click, wait
from tests.gui.compare.made import FIRST, SECOND, MadeComparing, MadeSession, apart, made_compared


@pytest.fixture
def comparing() -> MadeComparing:
    return MadeComparing()


@pytest.fixture
def session() -> MadeSession:
    return MadeSession()


@pytest.fixture
def panel(qtbot: QtBot, comparing: MadeComparing, session: MadeSession) -> Iterator[ComparisonPanel]:
    panel = ComparisonPanel(comparing, session)
    panel.resize(900, 300)
    panel.show()
    qtbot.waitExposed(panel)
    yield panel
    panel.close()
    panel.deleteLater()


def begin(comparing: MadeComparing) -> None:
    comparing.start(ModelChoice("two-looks"))
    comparing.load()


def rows(table: QTableWidget) -> dict[str, list[str]]:
    """What a table says, by the names of its rows."""
    said = {}
    for row in range(table.rowCount()):
        items = [table.item(row, column) for column in range(table.columnCount())]
        said[table.verticalHeaderItem(row).text()] = [item.text() if item is not None else "" for item in items]
    return said


def test_it_counts_this_frame_and_the_run(panel: ComparisonPanel, comparing: MadeComparing, qtbot: QtBot) -> None:
    begin(comparing)
    for index in range(3):
        comparing.show(made_compared(index))
    wait(qtbot, lambda: rows(panel.counts).get("frames") == ["1", "3"])
    assert rows(panel.counts) == {
        "agree": ["1", "3"],
        "only one-look": ["1", "3"],
        "only two-looks": ["1", "3"],
        "labels differ": ["1", "3"],
        "mean IoU": ["1.000", "1.000"],
        "score difference": ["+0.400", "+0.400"],
        "frames": ["1", "3"],
    }


def test_it_counts_by_class(panel: ComparisonPanel, comparing: MadeComparing) -> None:
    begin(comparing)
    for index in range(2):
        comparing.show(made_compared(index))
    panel.refresh()
    assert rows(panel.classes) == {
        "dog": ["0", "0", "2", "2"],
        "cat": ["0", "2", "0", "2"],
        "person": ["2", "0", "0", "0"],
    }


@pytest.mark.parametrize("width", [894, 700, 500])
@pytest.mark.parametrize("points", [9, 12])
def test_no_figure_is_cut(
    panel: ComparisonPanel, comparing: MadeComparing, session: MadeSession, qtbot: QtBot, width: int, points: int
) -> None:
    tables = (panel.counts, panel.models, panel.classes)
    for table in tables:
        font = table.font()
        font.setPointSize(points)
        table.setFont(font)
    session.model = replace(FIRST, info=replace(FIRST.info, name="vgg-yolo-voc20"))
    second = replace(SECOND, info=replace(SECOND.info, name="faster-rcnn-vgg-voc20"))
    comparing.start(ModelChoice("faster-rcnn-vgg-voc20"))
    comparing.load(second)
    comparing.show(made_compared(second=second))
    panel.refresh()
    # In steps, as a hand does it: below each other the tables allow a narrower panel than side by side.
    for step in range(900, width, -100):
        panel.resize(step, 250)
        QApplication.sendPostedEvents()
    panel.resize(width, 250)
    wait(qtbot, lambda: panel.width() == width and panel.rect().contains(panel.classes.geometry()))
    for table in tables:
        wait(qtbot, lambda table=table: table.horizontalScrollBar().maximum() == 0)
        assert table.width() <= panel.width()
        for column in range(table.columnCount()):
            assert table.columnWidth(column) >= table.sizeHintForColumn(column), table.accessibleName()
            if table is not panel.models:
                # The names of models are cut in the middle, and their rows tell all of it at the pointer.
                assert table.columnWidth(column) >= table.horizontalHeader().sectionSizeHint(column)
    assert panel.counts.verticalHeaderItem(2).toolTip() == "only faster-rcnn-vgg-voc20"


def test_before_the_first_frame_it_says_what_to_do(panel: ComparisonPanel, comparing: MadeComparing) -> None:
    assert panel.state.text() == "Only one model runs. Compare (C) sets a second one beside it."
    assert rows(panel.counts)["agree"] == ["-", "0"]
    assert not panel.reset.isEnabled()
    assert rows(panel.models)["engine"] == ["torch", "-"]


def test_different_frames_have_no_counts(panel: ComparisonPanel, comparing: MadeComparing) -> None:
    begin(comparing)
    comparing.show(made_compared())
    comparing.show(apart(made_compared(1)))
    panel.refresh()
    assert rows(panel.counts)["agree"] == ["-", "1"]
    assert panel.state.text() == "The two models look at different frames; only the same ones are compared."


def test_what_the_models_cost(panel: ComparisonPanel, comparing: MadeComparing, session: MadeSession) -> None:
    info = replace(FIRST.info, ap50=66.4, ap=33.2, parameters=3_550_000, gmac=2.6)
    session.model = replace(FIRST, info=info)
    session.bridge.meter.add(FrameTimes(0, 0.001, 0.02, 0.001))
    begin(comparing)
    comparing.show(made_compared())
    panel.refresh()
    said = rows(panel.models)
    assert {name: values[0] for name, values in said.items()} == {
        "ms a frame": "22.0",
        "FPS": "-",
        "parameters": "3.55 M",
        "GMAC": "2.60",
        "AP50": "66.4",
        "COCO AP": "33.2",
        "input size": "64 px",
        "engine": "torch",
        "precision": "f32",
    }
    assert [said[name][1] for name in ("ms a frame", "AP50", "input size", "precision")] == [
        "32.0",
        "-",
        "96 px",
        "bf16",
    ]
    heads = [panel.models.horizontalHeaderItem(column) for column in (0, 1)]
    assert [head.text() if head is not None else "" for head in heads] == ["one-look", "two-looks"]


def test_the_counts_can_begin_anew(panel: ComparisonPanel, comparing: MadeComparing) -> None:
    begin(comparing)
    comparing.show(made_compared())
    panel.refresh()
    assert panel.reset.isEnabled()
    click(panel.reset)
    panel.refresh()
    assert rows(panel.counts)["agree"] == ["1", "0"]
    assert rows(panel.classes) == {}


def test_everything_is_copied_for_a_spreadsheet(panel: ComparisonPanel, comparing: MadeComparing) -> None:
    begin(comparing)
    comparing.show(made_compared())
    click(panel.copy)
    tables = [
        [line.split("\t") for line in table.splitlines()] for table in QGuiApplication.clipboard().text().split("\n\n")
    ]
    assert [len(table) for table in tables] == [8, 10, 4]
    assert tables[0][:2] == [["", "this frame", "the run"], ["agree", "1", "1"]]
    assert tables[1][0] == ["", "one-look", "two-looks"]
    assert tables[2][0] == ["class", "agree", "only first", "only second", "labels differ"]
    for table in tables:
        assert len({len(row) for row in table}) == 1


def test_a_note_is_told(panel: ComparisonPanel, comparing: MadeComparing) -> None:
    begin(comparing)
    comparing.note = "No class in common."
    panel.refresh()
    assert panel.state.text() == "No class in common."


def test_out_of_sight_it_does_nothing(panel: ComparisonPanel, comparing: MadeComparing, session: MadeSession) -> None:
    panel.hide()
    begin(comparing)
    comparing.show(made_compared())
    session.model_changed.emit(SECOND)
    assert not panel.timer.isActive()
    panel.show()
    assert rows(panel.counts)["agree"] == ["1", "1"]


def test_below_each_other_no_table_is_a_slit(panel: ComparisonPanel, comparing: MadeComparing, qtbot: QtBot) -> None:
    begin(comparing)
    comparing.show(made_compared())
    panel.refresh()
    area = in_scroll_area(panel)
    qtbot.addWidget(area)
    area.resize(500, 150)
    area.show()
    tables = (panel.counts, panel.models, panel.classes)
    wait(qtbot, lambda: panel.counts.y() < panel.models.y())
    for table in tables:
        wait(qtbot, lambda table=table: table.verticalScrollBar().maximum() == 0)
    assert area.verticalScrollBar().maximum() > 0
    area.resize(1100, 250)
    wait(qtbot, lambda: panel.counts.y() == panel.models.y())
    wait(qtbot, lambda: panel.height() <= area.viewport().height())
    area.takeWidget()


def test_narrow_the_tables_stand_one_above_the_other(panel: ComparisonPanel) -> None:
    assert panel.counts.y() == panel.models.y()
    panel.resize(320, 700)
    layout = panel.layout()
    assert layout is not None
    layout.activate()
    assert panel.counts.x() == panel.models.x()

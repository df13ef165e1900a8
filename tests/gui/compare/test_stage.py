"""The compare mode: its states, its marks, its legend."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QSlider, QWidget
from pytestqt.qtbot import QtBot

from detector.data.frame_truth import FrameTruth
from detector.pipeline.results import FrameTimes
from detector.registry import SHIPPED
from gui.canvas.marking import DASH_DOT, DASHED, SOLID
from gui.settings import SECOND_MODEL, SECOND_SIZE
from gui.values import ModelChoice
from tests.e2e.hands import click, wait
from tests.gui.compare.conftest import Desk
from tests.gui.compare.made import (
    BOTH,
    DIFFERENT,
    FIRST,
    ONLY_SECOND,
    SECOND,
    apart,
    made_compared,
)


def tags(desk: Desk) -> tuple[list[str], list[str]]:
    """The marks on both canvases, by their names."""
    found = []
    for canvas in (desk.canvas, desk.second):
        scene = canvas.scene()
        assert scene is not None
        found.append([mark.name for mark in scene.marking.marks] if scene.marking else [])
    return found[0], found[1]


def legend(desk: Desk) -> list[str]:
    return [entry.text.text() for entry in desk.stage.legend.entries]


def button(desk: Desk, text: str) -> QAbstractButton:
    (found,) = [it for it in desk.pane.waiting.buttons if it.text() == text]
    return found


def test_the_way_to_the_table_looks_like_a_button_before_it_is_pointed_at(desk: Desk) -> None:
    desk.compare()
    assert desk.stage.table.isVisible()
    assert desk.stage.table.text() == "Comparison"
    assert not desk.stage.table.autoRaise()


# One model


def test_alone_there_is_one_canvas_and_nothing_around_it(desk: Desk, qtbot: QtBot) -> None:
    assert desk.stage.pane is None
    wait(qtbot, lambda: desk.canvas.size() == desk.stage.size())
    assert not desk.stage.timer.isActive()


def test_the_number_of_proposals_can_be_set_where_a_model_has_them(desk: Desk) -> None:
    desk.actions["proposals"].setChecked(True)
    assert not desk.stage.foot.isVisible(), "the model looks once"
    desk.session.model = SECOND
    desk.session.model_changed.emit(SECOND)
    assert desk.stage.foot.isVisible()
    desk.stage.slider.slider.setValue(42)
    assert desk.options.view.most_proposals == 42
    assert desk.stage.slider.number.text() == "42"
    assert not desk.stage.legend.isVisible()


# Its states


def test_without_a_second_model_one_can_be_chosen(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gui.compare.mode.SHIPPED", ("vgg-yolo-voc20",))
    desk.actions["compare"].setChecked(True)
    assert not desk.comparing.active
    assert desk.pane.pages.currentWidget() is desk.pane.waiting
    assert desk.pane.waiting.heading.text() == "Which model shall look at the same frames?"
    assert desk.pane.chooser.models.currentIndex() == -1


def test_a_choice_in_the_boxes_is_made_soon(desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gui.compare.mode.SHIPPED", ("vgg-yolo-voc20",))
    desk.actions["compare"].setChecked(True)
    chooser = desk.pane.chooser
    for box, place in ((chooser.models, 0), (chooser.sizes, 2)):
        box.setCurrentIndex(place)
        box.activated.emit(place)
    wait(qtbot, lambda: desk.comparing.active)
    assert desk.comparing.choice == ModelChoice(SHIPPED[0], 256)
    assert (desk.settings.get(SECOND_MODEL), desk.settings.get(SECOND_SIZE)) == (SHIPPED[0], 256)
    assert chooser.models.currentData() == SHIPPED[0]


def test_the_line_between_the_rows_is_no_model(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gui.compare.mode.SHIPPED", ("vgg-yolo-voc20",))
    desk.actions["compare"].setChecked(True)
    chooser = desk.pane.chooser
    line = chooser.models.count() - 2
    assert chooser.models.itemData(line) is None
    for place in (line, -1):
        chooser.models.setCurrentIndex(place)
        chooser.sizes.activated.emit(1)
        assert not chooser.waits


def test_a_choice_taken_back_before_it_was_told_is_none(desk: Desk, qtbot: QtBot) -> None:
    desk.actions["compare"].setChecked(True)
    desk.mode.choose(ModelChoice("two-looks"))
    chooser = desk.pane.chooser
    told: list[object] = []
    chooser.chosen.connect(told.append)
    for place in (0, chooser.models.count() - 2):
        chooser.models.setCurrentIndex(place)
        chooser.models.activated.emit(place)
    wait(qtbot, lambda: not chooser.waits)
    assert told == []
    assert chooser.models.currentText() == "two-looks"


def test_a_model_offered_by_a_button_is_taken(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gui.compare.mode.SHIPPED", ("vgg-yolo-voc20",))
    monkeypatch.setattr("gui.compare.second_pane.offered_models", lambda _settings: ["vgg-yolo-voc20", "/b/other.onnx"])
    desk.actions["compare"].setChecked(True)
    assert [it.text() for it in desk.pane.waiting.buttons] == ["other.onnx", "Open weights..."]
    click(button(desk, "other.onnx"))
    assert desk.comparing.choice == ModelChoice("/b/other.onnx")


def test_a_shipped_model_begins_by_itself(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gui.compare.mode.SHIPPED", ("vgg-yolo-voc20", "another"))
    desk.actions["compare"].setChecked(True)
    assert desk.comparing.choice == ModelChoice("another")


def test_the_model_of_the_last_time_begins(desk: Desk) -> None:
    desk.settings.put(SECOND_MODEL, "/a/b.onnx")
    desk.settings.put(SECOND_SIZE, 416)
    desk.actions["compare"].setChecked(True)
    assert desk.comparing.choice == ModelChoice("/a/b.onnx", 416)
    assert desk.pane.chooser.models.currentText() == "b.onnx"
    assert desk.pane.chooser.sizes.currentText() == "416"


def test_loading_is_told_and_can_be_given_up(desk: Desk) -> None:
    desk.actions["compare"].setChecked(True)
    desk.mode.choose(ModelChoice("two-looks"))
    assert desk.pane.waiting.heading.text() == "Loading two-looks"
    assert desk.pane.waiting.busy.isVisible()
    click(button(desk, "Compare no more"))
    assert not desk.comparing.active
    assert not desk.pane.isVisible()
    assert not desk.actions["compare"].isChecked()


def test_weights_that_are_fetched_show_how_far_they_are(desk: Desk) -> None:
    desk.actions["compare"].setChecked(True)
    desk.mode.choose(ModelChoice("two-looks"))
    bar = desk.pane.waiting.busy
    assert (bar.minimum(), bar.maximum()) == (0, 0), "it takes its time, nobody knows how long"
    desk.comparing.fetches.under_way = (40_000_000, 160_000_000)
    desk.stage.timer.timeout.emit()
    assert (bar.value(), bar.text()) == (25, "40 of 160 MB")
    desk.comparing.fetches.under_way = None
    desk.stage.timer.timeout.emit()
    assert bar.maximum() == 0


def test_a_failure_is_told_with_ways_out(desk: Desk) -> None:
    desk.actions["compare"].setChecked(True)
    desk.mode.choose(ModelChoice("two-looks"))
    desk.comparing.fail()
    desk.session.trouble.emit("second model", "It does not fit into memory; take a smaller one.")
    assert desk.pane.waiting.heading.text() == "two-looks does not answer"
    assert desk.pane.waiting.sentence.text() == "It does not fit into memory; take a smaller one."
    assert not desk.pane.waiting.busy.isVisible()
    click(button(desk, "Try again"))
    assert desk.comparing.loading
    assert desk.pane.waiting.heading.text() == "Loading two-looks"
    desk.comparing.load()
    assert desk.pane.pages.currentWidget() is desk.second


def test_other_troubles_are_none_of_its_business(desk: Desk) -> None:
    desk.actions["compare"].setChecked(True)
    desk.mode.choose(ModelChoice("two-looks"))
    desk.session.trouble.emit("source", "The cable is out.")
    assert desk.pane.waiting.heading.text() == "Loading two-looks"


def test_a_model_that_runs_and_fails_leaves_no_boxes_behind(desk: Desk) -> None:
    desk.compare()
    desk.comparing.current = None
    desk.comparing.fail()
    assert desk.second.shown is None
    assert desk.canvas.marking is None
    assert desk.canvas.shown is not None, "the first goes on"
    assert legend(desk) == ["= both agree", "only one-look", "only second", "\N{NOT EQUAL TO} labels differ"]


# What is drawn


def test_each_box_is_marked_by_what_the_other_model_says(desk: Desk) -> None:
    desk.compare()
    assert tags(desk) == (["agree", "differs", "only"], ["differs", "only", "agree"])
    assert desk.canvas.marking is not None
    assert [mark.dash for mark in desk.canvas.marking.marks] == [SOLID, DASH_DOT, DASHED]
    assert len({mark.tag for mark in desk.canvas.marking.marks}) == 3
    assert len({mark.colour.name() for mark in desk.canvas.marking.marks}) == 3
    assert [desk.canvas.marking.note(row) for row in range(3)] == [
        "two-looks: person 0.500, IoU 1.00",
        "two-looks says cat 0.950, IoU 0.83",
        "two-looks has no box here",
    ]


def test_the_legend_explains_and_counts(desk: Desk) -> None:
    desk.compare()
    assert legend(desk) == [
        "= both agree: 1",
        "only one-look: 1",
        "only two-looks: 1",
        "\N{NOT EQUAL TO} labels differ: 1",
    ]
    assert desk.stage.legend.isVisible()
    assert desk.stage.legend.entries[0].accessibleName() == "= both agree: 1"


def test_two_sizes_of_one_model_are_told_apart(desk: Desk) -> None:
    desk.actions["compare"].setChecked(True)
    desk.mode.choose(ModelChoice("one-look", 96))
    desk.comparing.load(replace(SECOND, info=FIRST.info))
    desk.comparing.show(made_compared())
    assert legend(desk)[1:3] == ["only one-look at 64: 1", "only one-look at 96: 1"]


def test_different_frames_are_not_compared_and_that_is_said(desk: Desk) -> None:
    desk.compare()
    assert not desk.pane.frame_tag.isVisible()
    desk.comparing.show(apart(made_compared(1)))
    assert tags(desk) == ([], [])
    assert desk.pane.frame_tag.isVisible()
    assert desk.pane.frame_tag.text() == "not the same frame"
    assert legend(desk)[0] == "= both agree"
    desk.comparing.show(made_compared(2))
    assert not desk.pane.frame_tag.isVisible()
    assert tags(desk)[0]


def test_speed_and_names_stand_above(desk: Desk) -> None:
    desk.compare()
    desk.session.bridge.meter.add(FrameTimes(0, 0.001, 0.02, 0.001))
    desk.stage.timer.timeout.emit()
    assert desk.stage.header.name.text() == "one-look at 64"
    assert desk.stage.header.speed.text() == "22.0 ms"
    assert desk.pane.header.speed.text().startswith("32.0 ms")
    assert desk.pane.header.accessibleName().startswith("Second model: two-looks at 96 32.0 ms")
    assert desk.stage.header.height() == desk.pane.header.height()


def test_a_note_is_shown(desk: Desk) -> None:
    desk.compare()
    assert not desk.stage.note.isVisible()
    desk.comparing.note = "The two models have no class in common."
    desk.comparing.changed.emit()
    assert desk.stage.note.isVisible()
    assert desk.stage.note.text() == "The two models have no class in common."


def test_where_it_is_high_the_canvases_stand_one_above_the_other(desk: Desk) -> None:
    desk.compare()
    assert desk.stage.splitter.orientation() == Qt.Orientation.Horizontal
    assert abs(desk.canvas.width() - desk.second.width()) <= 2
    for size, orientation in (
        ((500, 700), Qt.Orientation.Vertical),
        ((1000, 500), Qt.Orientation.Horizontal),
        ((700, 900), Qt.Orientation.Vertical),
    ):
        desk.stage.resize(*size)
        QApplication.sendPostedEvents()
        assert desk.stage.splitter.orientation() == orientation


def test_in_a_small_window_both_frames_are_equally_wide_and_stay_so(desk: Desk, qtbot: QtBot) -> None:
    desk.compare()
    desk.comparing.meter.add(FrameTimes(0, 0.001, 1.9, 0.001))
    desk.stage.timer.timeout.emit()

    def even() -> bool:
        QApplication.sendPostedEvents()
        return abs(desk.canvas.width() - desk.second.width()) <= 2

    for width, height in ((520, 250), (480, 250), (480, 230), (520, 330), (1000, 500)):
        desk.stage.resize(width, height)
        wait(qtbot, lambda width=width: desk.stage.width() == width and even())
        assert desk.stage.splitter.orientation() == Qt.Orientation.Horizontal
    assert desk.pane.header.speed.isVisible()


def test_halves_made_unequal_by_hand_stay_unequal(desk: Desk) -> None:
    desk.compare()
    desk.stage.splitter.setSizes([600, 400])
    # As after a drag, which no test can do without the platform's cursor.
    desk.stage.splitter.splitterMoved.emit(600, 1)
    desk.stage.resize(980, 500)
    QApplication.sendPostedEvents()
    assert desk.canvas.width() > desk.second.width() + 100
    desk.actions["compare"].setChecked(False)
    desk.compare()
    assert abs(desk.canvas.width() - desk.second.width()) <= 2


def test_a_closed_source_leaves_nothing(desk: Desk) -> None:
    desk.compare()
    desk.session.source_closed.emit()
    assert desk.second.shown is None
    assert legend(desk)[0] == "= both agree"


def test_comparing_no_more_gives_the_canvas_back(desk: Desk, qtbot: QtBot) -> None:
    desk.compare()
    click(desk.pane.shut)
    assert not desk.comparing.active
    assert not desk.stage.timer.isActive()
    wait(qtbot, lambda: desk.canvas.size() == desk.stage.size())
    assert desk.canvas.marking is None
    desk.comparing.shown.emit(made_compared(3))
    assert desk.second.shown is None


def test_a_click_on_a_frame_of_the_first_canvas_alone_after_it_works_on(desk: Desk) -> None:
    desk.compare()
    desk.actions["compare"].setChecked(False)
    desk.actions["compare"].setChecked(True)
    desk.comparing.load()
    desk.comparing.show(made_compared(4))
    assert tags(desk) == (["agree", "differs", "only"], ["differs", "only", "agree"])


# The truth


def truth(*boxes: tuple[float, float, float, float], names: tuple[str, ...]) -> FrameTruth:
    annotated = frozenset(("person", "dog", "cat"))
    corners = np.array(boxes, np.float32).reshape(-1, 4)
    return FrameTruth(corners, names, np.zeros(len(names), np.bool_), annotated, declared=True)


def test_the_truth_tells_hits_false_alarms_and_misses_of_both(desk: Desk) -> None:
    assert not desk.actions["truth"].isEnabled(), "nothing is annotated"
    desk.comparing.truths = object()
    desk.compare()
    assert desk.actions["truth"].isEnabled()
    known = truth(BOTH, DIFFERENT, ONLY_SECOND, names=("person", "dog", "dog"))
    desk.comparing.show(replace(made_compared(1), truth=known))
    assert tags(desk)[0] == ["agree", "differs", "only"]
    desk.actions["truth"].setChecked(True)
    assert tags(desk) == (["hit", "hit", "false"], ["false", "hit", "hit"])
    for canvas, box in ((desk.canvas, ONLY_SECOND), (desk.second, DIFFERENT)):
        assert canvas.marking is not None
        assert canvas.marking.missed is not None
        assert canvas.marking.missed.boxes_xyxy.tolist() == [list(box)]
        assert canvas.marking.missed.class_names == ("dog",)
    assert legend(desk) == [
        "hit, a true positive: 2 / 2",
        "false positive: 1 / 1",
        "missed: 1 / 1",
        "not judged: 0 / 0",
    ]
    desk.actions["truth"].setChecked(False)
    assert tags(desk)[0] == ["agree", "differs", "only"]


def test_a_frame_of_which_nothing_is_known_is_told_by_the_other_model(desk: Desk) -> None:
    desk.comparing.truths = object()
    desk.compare()
    desk.actions["truth"].setChecked(True)
    desk.comparing.show(made_compared(1))
    assert tags(desk)[0] == ["agree", "differs", "only"]


# Whoever cannot see or point


def test_everything_has_a_name_and_a_tip(desk: Desk) -> None:
    desk.compare()
    desk.actions["proposals"].setChecked(True)
    controls: list[QWidget] = [
        it
        for kind in (QAbstractButton, QComboBox, QSlider)
        for it in desk.stage.findChildren(kind)
        if it.isVisibleTo(desk.stage)
    ]
    assert len(controls) >= 5
    for control in controls:
        name = control.accessibleName() or (control.text() if isinstance(control, QAbstractButton) else "")
        assert name, control
        assert control.toolTip(), name


def test_both_frames_have_names_of_their_own(desk: Desk) -> None:
    desk.compare()
    assert desk.canvas.accessibleName() != desk.second.accessibleName()
    assert desk.second.accessibleDescription() == "1 cat, 1 dog, 1 person"

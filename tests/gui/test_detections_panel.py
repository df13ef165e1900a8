"""The detections panel acts on the selection and tells what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from gui.actions import build_actions
from gui.panels.detections import DetectionsPanel, summary
from gui.panels.detections_classes import CHECK_ROLE, COUNT_ROLE, OWN_ROLE, is_checked
from gui.presets import Preset
from gui.selection import SelectionState
from gui.settings import MemoryStore, SettingsStore
from gui.values import ModelChoice
from tests.e2e.hands import click, key, wait
from tests.gui.choosing import NAMES, Chosen, double_click, give_frame, give_model, running_model

PERSON, DOG, CAT, CAR = range(4)


@pytest.fixture
def session() -> Iterator[Chosen]:
    session = Chosen()
    yield session
    session.close()


@pytest.fixture
def actions(qtbot: QtBot) -> Iterator[dict[str, QAction]]:
    owner = QWidget()
    yield build_actions(owner)
    owner.deleteLater()


@pytest.fixture
def panel(qtbot: QtBot, session: Chosen, actions: dict[str, QAction]) -> DetectionsPanel:
    """Seen, with a model and a paused frame of two people and a dog, another dog being unsure."""
    panel = DetectionsPanel(session, actions, SettingsStore(MemoryStore()))
    qtbot.addWidget(panel)
    panel.resize(270, 640)
    panel.show()
    give_model(session)
    give_frame(session, (PERSON, 0.9), (PERSON, 0.6), (DOG, 0.5), (DOG, 0.3))
    return panel


def counts(panel: DetectionsPanel) -> dict[str, int]:
    return {name: panel.classes.index_of(name).data(COUNT_ROLE) for name in panel.classes.listed()}


def double_click_name(panel: DetectionsPanel, name: str) -> None:
    rect = panel.classes.visualRect(panel.classes.index_of(name))
    double_click(panel.classes.viewport(), QPointF(rect.center()))


def shown(session: Chosen) -> list[str]:
    return [name for name in NAMES if session.selection.shows(name)]


def test_sliders_and_boxes_for_values_say_the_same(panel: DetectionsPanel, session: Chosen) -> None:
    assert panel.score.value == pytest.approx(0.4), "the model's own score"
    assert panel.summary.text() == "3 detections, 2 classes"
    panel.score.slider.setValue(20)
    assert (session.selection.score, panel.score.spin.value()) == (0.2, 0.2)
    assert panel.summary.text() == "4 detections, 2 classes"
    panel.score.spin.setValue(0.7)
    assert (session.selection.score, panel.score.slider.value()) == (0.7, 70)
    assert panel.summary.text() == "1 detection"
    panel.nms.spin.setValue(0.3)
    assert session.selection.nms_iou == pytest.approx(0.3)


def test_a_threshold_goes_back_by_button_and_double_click(panel: DetectionsPanel, session: Chosen) -> None:
    assert not panel.score.reset_button.isEnabled()
    panel.score.slider.setValue(70)
    panel.score.reset_button.click()
    assert session.selection.default_score
    assert panel.score.value == pytest.approx(0.4)
    panel.nms.slider.setValue(80)
    double_click(panel.nms.slider)
    assert session.selection.nms_iou == 0.5
    assert not panel.nms.reset_button.isEnabled()


def test_a_drag_is_one_step_to_take_back(panel: DetectionsPanel, session: Chosen, actions: dict[str, QAction]) -> None:
    slider = panel.score.slider
    for values in ((50, 60, 70), (71, 80)):
        slider.setSliderDown(True)
        for value in values:
            slider.setSliderPosition(value)
        slider.setSliderDown(False)
    actions["undo"].trigger()
    assert session.selection.score == pytest.approx(0.7)
    actions["undo"].trigger()
    assert session.selection.default_score
    assert not actions["undo"].isEnabled()
    actions["redo"].trigger()
    assert panel.score.value == pytest.approx(0.7)


def test_what_is_below_the_threshold_is_told_and_shown(
    panel: DetectionsPanel, session: Chosen, actions: dict[str, QAction]
) -> None:
    assert panel.show_below.isHidden()
    panel.score.slider.setValue(95)
    # At the model's own 0.4 the second dog is not shown either.
    assert panel.summary.text() == "No detections above 0.95; 3 below it"
    assert not panel.show_below.isHidden()
    panel.show_below.click()
    assert session.selection.default_score
    assert panel.summary.text() == "3 detections, 2 classes"
    assert panel.show_below.isHidden()
    actions["undo"].trigger()
    assert session.selection.score == pytest.approx(0.95)
    session.set_classes_shown({"cat"})
    assert panel.summary.text() == "No detections above 0.95"
    assert panel.show_below.isHidden(), "the threshold hides none of these"


def test_below_the_models_own_threshold_nothing_is_promised(panel: DetectionsPanel, session: Chosen) -> None:
    give_frame(session, (DOG, 0.1))
    assert panel.summary.text() == "No detections above 0.40"
    panel.score.slider.setValue(95)
    assert panel.summary.text() == "No detections above 0.95"
    assert panel.show_below.isHidden()


def test_the_button_leaves_its_keys_to_the_slider(panel: DetectionsPanel, qtbot: QtBot) -> None:
    panel.activateWindow()
    panel.score.slider.setValue(95)
    panel.show_below.setFocus()
    wait(qtbot, panel.show_below.hasFocus)
    key(panel.show_below, Qt.Key.Key_Space, text=" ")
    assert panel.focusWidget() is panel.score.slider


def test_the_words_beside_the_sliders_explain_them_too(panel: DetectionsPanel) -> None:
    labels = {label.text(): label for label in panel.findChildren(QLabel)}
    assert "how sure the model is" in labels["Score"].toolTip()
    assert "non-maximum suppression" in labels["NMS"].toolTip()
    assert labels["NMS"].buddy() is panel.nms.slider


def test_another_model_that_moves_the_score_is_named_below_it(panel: DetectionsPanel, session: Chosen) -> None:
    assert panel.suggested.whole == "as fake suggests"
    other = running_model(default_score=0.62)
    give_model(session, replace(other, info=replace(other.info, name="another")))
    assert panel.score.value == 0.62
    assert panel.suggested.whole == panel.suggested.accessibleName() == "as another suggests"
    assert panel.presets.button.text() == "Preset: Balanced"
    assert "the score that each model suggests" in panel.presets.button.toolTip()
    panel.score.slider.setValue(30)
    assert panel.suggested.whole == "your own; another suggests 0.62"
    assert "that each model suggests" not in panel.presets.button.toolTip()
    give_model(session)
    assert panel.score.value == 0.3
    assert panel.suggested.whole == "your own; fake suggests 0.40"


def test_the_filter_hides_and_tells_what_it_hides(panel: DetectionsPanel, session: Chosen) -> None:
    panel.classes.order.setData(panel.classes.index_of("dog"), Qt.CheckState.Unchecked, CHECK_ROLE)
    assert shown(session) == ["person", "cat", "car"]
    assert panel.summary.text() == "2 detections, 1 class; 1 hidden by the filter"
    assert counts(panel) == {"car": 0, "cat": 0, "dog": 1, "person": 2}
    assert not is_checked(panel.classes.index_of("dog"))


def test_a_filter_says_that_other_names_may_come(panel: DetectionsPanel, session: Chosen) -> None:
    first = panel.classes.visualRect(panel.classes.index_of("car"))
    assert not panel.filtered.isVisible()
    panel.classes.order.setData(panel.classes.index_of("dog"), Qt.CheckState.Unchecked, CHECK_ROLE)
    assert panel.filtered.isVisible()
    assert "best of the classes left" in panel.filtered.text()
    QApplication.processEvents()
    assert panel.classes.visualRect(panel.classes.index_of("car")) == first, "the row to click next has moved"
    click(panel.none_button)
    assert not panel.filtered.isVisible(), "no class is left"
    click(panel.invert_button)
    assert not panel.filtered.isVisible(), "all classes are shown"
    session.set_classes_shown({"person"})
    assert panel.filtered.isVisible()
    give_model(session, running_model(("person",)))
    assert not panel.filtered.isVisible(), "of this model's classes none is hidden"


def test_space_ticks_the_current_class(panel: DetectionsPanel, session: Chosen) -> None:
    panel.classes.setCurrentIndex(panel.classes.index_of("cat"))
    key(panel.classes, Qt.Key.Key_Space, text=" ")
    assert shown(session) == ["person", "dog", "car"]


def test_all_none_and_invert_act_on_what_is_listed_in_one_step(
    panel: DetectionsPanel, session: Chosen, actions: dict[str, QAction]
) -> None:
    panel.none_button.click()
    assert shown(session) == []
    panel.search.setText("CA")
    panel.all_button.click()
    assert shown(session) == ["cat", "car"]
    panel.search.clear()
    panel.invert_button.click()
    assert shown(session) == ["person", "dog"]
    panel.all_button.click()
    assert not session.selection.filters
    for expected in (["person", "dog"], ["cat", "car"], [], list(NAMES)):
        actions["undo"].trigger()
        assert shown(session) == expected


def test_double_click_and_enter_show_one_class_alone_and_all_again(panel: DetectionsPanel, session: Chosen) -> None:
    double_click_name(panel, "dog")
    assert shown(session) == ["dog"]
    double_click_name(panel, "dog")
    assert shown(session) == list(NAMES)
    panel.classes.setCurrentIndex(panel.classes.index_of("person"))
    key(panel.classes, Qt.Key.Key_Return)
    assert shown(session) == ["person"]


def test_a_double_click_on_the_check_box_is_two_ticks(panel: DetectionsPanel, session: Chosen) -> None:
    rect = panel.classes.visualRect(panel.classes.index_of("dog"))
    at, viewport = QPointF(rect.left() + 10, rect.center().y()), panel.classes.viewport()
    click(viewport, at)
    assert shown(session) == ["person", "cat", "car"]
    click(viewport, at)
    assert shown(session) == list(NAMES)
    double_click(viewport, at)
    assert shown(session) == list(NAMES), "a double click on the box showed the class alone"


def test_a_class_gets_a_threshold_of_its_own_and_loses_it(panel: DetectionsPanel, session: Chosen) -> None:
    assert not panel.own.isEnabled()
    panel.classes.setCurrentIndex(panel.classes.index_of("person"))
    assert "same" in panel.own_label.text()
    panel.own.slider.setValue(80)
    assert session.selection.class_scores == {"person": 0.8}
    assert counts(panel)["person"] == 1
    assert panel.classes.index_of("person").data(OWN_ROLE) == 0.8
    assert "0.80" in panel.classes.index_of("person").data(Qt.ItemDataRole.AccessibleTextRole)
    assert panel.own_label.text() == "person: own score threshold"
    panel.own.reset_button.click()
    assert session.selection.class_scores == {}
    assert counts(panel)["person"] == 2


def test_defaults_take_everything_back_and_can_be_taken_back(
    panel: DetectionsPanel, session: Chosen, actions: dict[str, QAction]
) -> None:
    actions["reset_view"].triggered.connect(session.reset_selection)
    panel.score.slider.setValue(20)
    panel.classes.setCurrentIndex(panel.classes.index_of("person"))
    panel.own.slider.setValue(80)
    panel.none_button.click()
    chosen = session.selection.state
    actions["reset_view"].trigger()
    assert counts(panel) == {"car": 0, "cat": 0, "dog": 1, "person": 2}
    assert panel.score.value == pytest.approx(0.4)
    actions["undo"].trigger()
    assert session.selection.state == chosen


def test_order_by_name_and_by_count(panel: DetectionsPanel, session: Chosen, qtbot: QtBot) -> None:
    assert panel.classes.listed() == sorted(NAMES)
    panel.sorting.setCurrentIndex(1)
    panel.sorting.activated.emit(1)
    assert panel.classes.listed() == ["person", "dog", "car", "cat"]
    give_frame(session, (CAT, 0.9))
    wait(qtbot, lambda: panel.classes.listed()[0] == "cat")


def test_empty_states_say_why(panel: DetectionsPanel, session: Chosen, qtbot: QtBot, actions: dict) -> None:
    panel.search.setText("zebra")
    assert panel.pages.currentWidget() is panel.empty
    assert "zebra" in panel.empty.text()
    assert not panel.all_button.isEnabled()
    panel.search.clear()
    assert panel.pages.currentWidget() is panel.classes
    without = DetectionsPanel(Chosen(), actions, SettingsStore(MemoryStore()))
    qtbot.addWidget(without)
    assert "model" in without.empty.text()
    without.session.close()


def test_only_rows_that_changed_are_painted_again(panel: DetectionsPanel, session: Chosen) -> None:
    changed: list[str] = []
    panel.model.dataChanged.connect(lambda first, last: changed.extend((first.data(), last.data())))
    give_frame(session, (PERSON, 0.9), (PERSON, 0.6), (DOG, 0.5))
    assert changed == []
    give_frame(session, (PERSON, 0.9), (DOG, 0.5))
    assert set(changed) == {"person"}


def test_unseen_it_does_nothing_and_seen_again_it_is_right(panel: DetectionsPanel, session: Chosen) -> None:
    panel.hide()
    give_frame(session, (CAR, 0.9))
    assert counts(panel)["car"] == 0
    panel.show()
    assert counts(panel) == {"car": 1, "cat": 0, "dog": 0, "person": 0}


def test_another_model_brings_its_classes(panel: DetectionsPanel, session: Chosen) -> None:
    session.set_class_shown("dog", False)
    panel.classes.setCurrentIndex(panel.classes.index_of("dog"))
    give_model(session, running_model(("dog", "horse")))
    assert panel.classes.listed() == ["dog", "horse"]
    assert not is_checked(panel.classes.index_of("dog"))
    assert not panel.own.isEnabled()


def test_the_search_gets_the_focus(panel: DetectionsPanel, actions: dict[str, QAction], qtbot: QtBot) -> None:
    panel.activateWindow()
    actions["focus_search"].trigger()
    assert actions["panel"].isChecked()
    wait(qtbot, panel.search.hasFocus)


def test_score_by_key(panel: DetectionsPanel, session: Chosen, actions: dict[str, QAction]) -> None:
    actions["score_up"].trigger()
    assert session.selection.score == pytest.approx(0.45)
    for _ in range(20):
        actions["score_down"].trigger()
    assert session.selection.score == 0.01


def test_presets_by_key_and_by_menu(panel: DetectionsPanel, session: Chosen, actions: dict[str, QAction]) -> None:
    assert panel.presets.button.text() == "Preset: Balanced"
    actions["preset_4"].trigger()
    assert shown(session) == ["person"]
    assert panel.presets.button.text() == "Preset: People only"
    actions["undo"].trigger()
    assert shown(session) == list(NAMES)
    panel.presets.fill_menu()
    assert [it.text() for it in panel.presets.menu.actions()][:2] == ["Balanced", "See more"]


def test_a_preset_of_ones_own_is_kept_renamed_deleted_and_brought_back(
    panel: DetectionsPanel, session: Chosen, actions: dict[str, QAction]
) -> None:
    presets = panel.presets
    session.set_score(0.77)
    assert presets.button.text() == "Preset: your own"
    presets.begin_saving()
    presets.take.click()
    assert "no name" in presets.said.text()
    presets.name.setText("Strict & sure")
    key(presets.name, Qt.Key.Key_Return)
    assert presets.naming.isHidden()
    assert presets.button.text() == "Preset: Strict & sure"
    presets.begin_renaming()
    presets.name.setText("Strict")
    presets.take.click()
    assert presets.button.text() == "Preset: Strict"
    actions["preset_1"].trigger()
    presets.fill_menu()
    next(it for it in presets.menu.actions() if it.data() == "Strict").trigger()
    assert session.selection.score == pytest.approx(0.77)
    presets.delete()
    assert presets.said.text() == "Deleted Strict."
    assert presets.choosing.presets.own == ()
    presets.undo.click()
    assert presets.button.text() == "Preset: Strict"


def test_a_name_can_be_left(panel: DetectionsPanel) -> None:
    presets = panel.presets
    presets.begin_saving()
    presets.name.setText("never")
    key(presets.name, Qt.Key.Key_Escape)
    assert presets.naming.isHidden()
    assert presets.choosing.presets.own == ()
    presets.begin_renaming()
    presets.delete()
    assert presets.naming.isHidden(), "built-in presets stay as they are"


def test_a_preset_brings_its_input_size_and_undo_takes_it_back(panel: DetectionsPanel, session: Chosen) -> None:
    session.choice = ModelChoice("fake", None, "f32")
    panel.choosing.apply(Preset("Small", SelectionState(score=0.3), 192))
    assert session.asked_for == [ModelChoice("fake", 192, "f32")]
    session.undo_selection()
    assert session.choice == ModelChoice("fake", None, "f32")
    session.redo_selection()
    assert session.choice == ModelChoice("fake", 192, "f32")
    panel.choosing.apply(Preset("Auto", SelectionState(), 0))
    assert session.choice.size is None
    panel.choosing.apply(Preset("As it is", SelectionState(score=0.9)))
    assert len(session.asked_for) == 4


@pytest.mark.parametrize(
    ("figures", "words"),
    [
        ((0, 0, 0, 0.45), "No detections above 0.45"),
        ((0, 0, 0, 0.89, 1), "No detections above 0.89; 1 below it"),
        ((0, 0, 2, 0.89, 3), "No detections above 0.89; 3 below it; 2 hidden by the filter"),
        ((1, 1, 0), "1 detection"),
        ((3, 1, 0), "3 detections, 1 class"),
        ((3, 2, 1), "3 detections, 2 classes; 1 hidden by the filter"),
        ((0, 0, 4, 0.4), "No detections above 0.40; 4 hidden by the filter"),
    ],
)
def test_the_summary(figures: tuple[Any, ...], words: str) -> None:
    assert summary(*figures) == words

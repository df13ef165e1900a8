"""Choosing in the real window: what is shown of the candidates, and which model gives them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

import weights
from detector.detector import Detector
from detector.registry import load_detector
from gui import session as session_module
from gui.main_window import MainWindow
from gui.model_facts import weights_files
from gui.panels.detections import DetectionsPanel
from gui.panels.detections_classes import CHECK_ROLE, COUNT_ROLE
from gui.panels.models import ModelBar
from gui.panels.thresholds import ResettableSlider
from gui.settings import SettingsStore
from tests.e2e.hands import click, key, stand_on, wait

NAME = "vgg-yolo-voc20"
FRAME = 30
"""A frame of the sample with a person on it."""


@pytest.fixture
def paused(running: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    """Paused on a frame with a person and other things; from here on the network must not run."""
    stand_on(qtbot, running, FRAME)
    assert "person" in found(running)

    def refuse(*_: object) -> None:
        raise AssertionError("the network ran for a choice of what is shown")

    monkeypatch.setattr(Detector, "predict", refuse)
    return running


def panel_of(window: MainWindow) -> DetectionsPanel:
    window.commands["panel"].setChecked(True)
    panel = window.findChild(DetectionsPanel)
    assert isinstance(panel, DetectionsPanel)
    return panel


def bar_of(window: MainWindow) -> ModelBar:
    bar = window.findChild(ModelBar)
    assert isinstance(bar, ModelBar)
    return bar


def found(window: MainWindow) -> list[str]:
    """Class names of the detections on the frame, best first."""
    shown = window.session.current
    return [shown.class_names[label] for label in shown.detections.labels] if shown else []


def pick(box: QComboBox, data: object) -> None:
    box.setCurrentIndex(box.findData(data))
    box.activated.emit(box.currentIndex())


def test_thresholds_act_on_a_paused_frame(paused: MainWindow) -> None:
    panel, before = panel_of(paused), found(paused)
    panel.score.slider.setValue(3)
    many = len(found(paused))
    panel.nms.slider.setValue(100)
    unmerged = len(found(paused))
    assert len(before) < many < unmerged
    panel.score.spin.setValue(1.0)
    assert found(paused) == []
    told = panel.summary.text()
    panel.show_below.click()
    assert told == f"No detections above 1.00; {len(found(paused))} below it"
    paused.commands["undo"].trigger()
    assert found(paused) == []
    paused.commands["reset_view"].trigger()
    assert found(paused) == before
    for _ in range(2):
        paused.commands["undo"].trigger()
    assert len(found(paused)) == unmerged
    assert paused.session.current.frame.index == FRAME


def test_a_class_alone_has_its_threshold(paused: MainWindow) -> None:
    panel, before = panel_of(paused), found(paused)
    others = [name for name in before if name != "person"]
    panel.search.setText("pers")
    assert panel.classes.listed() == ["person"]
    panel.classes.setCurrentIndex(panel.classes.index_of("person"))
    panel.own.slider.setValue(100)
    assert found(paused) == others
    panel.score.slider.setValue(3)
    assert "person" not in found(paused)
    panel.own.reset_button.click()
    assert "person" in found(paused)
    paused.commands["reset_view"].trigger()
    assert found(paused) == before


def test_the_class_filter_hides_and_counts(paused: MainWindow) -> None:
    panel, people = panel_of(paused), found(paused).count("person")
    place = panel.classes.index_of("person")
    assert place.data(COUNT_ROLE) == people
    panel.classes.order.setData(place, Qt.CheckState.Unchecked, CHECK_ROLE)
    assert "person" not in found(paused)
    assert f"{people} hidden by the filter" in panel.summary.text()
    panel.none_button.click()
    assert found(paused) == []
    panel.all_button.click()
    assert found(paused).count("person") == people


def test_presets_act_at_once_and_are_taken_back(paused: MainWindow) -> None:
    panel, before = panel_of(paused), found(paused)
    paused.commands["preset_2"].trigger()
    assert paused.session.selection.score == pytest.approx(0.2)
    assert len(found(paused)) >= len(before)
    paused.commands["preset_4"].trigger()
    assert set(found(paused)) == {"person"}
    paused.commands["preset_6"].trigger()
    assert "person" not in found(paused)
    session = paused.session
    session.set_score(0.55)
    panel.presets.begin_saving()
    panel.presets.name.setText("Mine")
    key(panel.presets.name, Qt.Key.Key_Return)
    assert panel.presets.button.text() == "Preset: Mine"
    while paused.commands["undo"].isEnabled():
        paused.commands["undo"].trigger()
    assert found(paused) == before
    assert panel.presets.button.text() == "Preset: Balanced"


def test_only_the_last_of_many_quick_changes_is_loaded(
    running: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[tuple[int | None, str]] = []

    def load(name: str, size: int | None, precision: str, engine: str) -> Detector:
        loaded.append((size, precision))
        return load_detector(name, size, precision, engine=engine)

    monkeypatch.setattr(session_module, "load_detector", load)
    bar, session = bar_of(running), running.session
    answered = session.bridge.answered
    for size in (192, 320, 416, 512, 640, 256):
        pick(bar.sizes, size)
    pick(bar.precisions, "f32")
    wait(qtbot, lambda: session.current.model is not None and session.current.model.size == 256)
    assert loaded == [(256, "f32")]
    assert session.model.precision == "f32"
    assert session.bridge.answered > answered
    assert not running.banner.isVisible()


def test_another_weights_file_answers_while_running_and_is_offered_again(
    running: MainWindow, qtbot: QtBot, settings: SettingsStore, tmp_path: Path
) -> None:
    path = tmp_path / "my weights.safetensors"
    path.write_bytes(weights.path(f"{NAME}.safetensors").read_bytes())
    bar, session = bar_of(running), running.session
    bar._file_chosen(path)
    wait(qtbot, lambda: session.model is not None and session.model.info.file == path)
    assert bar.models.currentText() == "my weights.safetensors"
    assert weights_files(settings) == [str(path)]
    pick(bar.models, NAME)
    wait(qtbot, lambda: session.model is not None and session.model.info.file != path)
    assert bar.models.findData(str(path)) >= 0
    wait(qtbot, lambda: session.current.model is session.model)


def test_rubbish_weights_are_told_and_the_old_model_answers_on(
    running: MainWindow, qtbot: QtBot, settings: SettingsStore, tmp_path: Path
) -> None:
    path = tmp_path / "rubbish.safetensors"
    path.write_bytes(os.urandom(5000))
    bar, session = bar_of(running), running.session
    choice = session.choice
    bar._file_chosen(path)
    wait(qtbot, running.banner.isVisible)
    answered = session.bridge.answered
    wait(qtbot, lambda: session.bridge.answered > answered + 2)
    assert session.model.info.name == NAME
    assert bar.choice == choice
    assert bar.models.findData(str(path)) < 0
    assert weights_files(settings) == []


def test_a_preset_with_an_input_size_loads_it_and_undo_brings_the_old_one_back(
    running: MainWindow, qtbot: QtBot
) -> None:
    session = running.session
    session.apply_selection(session.selection.state, 256)
    wait(qtbot, lambda: session.model is not None and session.model.size == 256)
    assert bar_of(running).choice.size == 256
    running.commands["undo"].trigger()
    wait(qtbot, lambda: session.model is not None and session.model.size == 320)
    assert bar_of(running).choice.size is None


def test_a_slider_that_was_dragged_leaves_the_arrow_keys_to_the_film(paused: MainWindow) -> None:
    sliders = paused.findChildren(ResettableSlider)
    assert len(sliders) >= 2
    paused.canvas.setFocus()
    for slider in sliders:
        click(slider)
        assert not slider.hasFocus()
        assert slider.focusPolicy() == Qt.FocusPolicy.TabFocus

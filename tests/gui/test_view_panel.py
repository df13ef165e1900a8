from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QSlider, QWidget
from pytestqt.qtbot import QtBot

from gui.canvas.view_options import View, ViewOptions
from gui.panels.view import ViewPanel
from tests.gui.canvas.made import MODEL, MadeSession


@pytest.fixture
def session() -> MadeSession:
    return MadeSession()


@pytest.fixture
def panel(qtbot: QtBot, session: MadeSession) -> Iterator[ViewPanel]:
    panel = ViewPanel(ViewOptions(), session)
    panel.resize(280, 420)
    yield panel
    panel.deleteLater()


def choose(box: QComboBox, index: int) -> None:
    box.setCurrentIndex(index)
    box.activated.emit(index)


def test_every_choice_acts_at_once(panel: ViewPanel) -> None:
    before = panel.preview.grab().toImage()
    choose(panel.box_style, 2)
    panel.line_px.setValue(5)
    choose(panel.labels, 1)
    panel.label_px.setValue(22)
    choose(panel.colours, 1)
    panel.raw_boxes.click()
    panel.grid.click()
    choose(panel.stride, 2)
    panel.proposals.click()
    panel.most_proposals.slider.setValue(250)
    panel.origins.click()
    assert panel.options.view == View("filled", 5, 22, "name", "score", True, True, 16, True, 250, True)
    assert (panel.line_text.text(), panel.label_text.text()) == ("5 px", "22 px")
    assert panel.most_proposals.number.text() == "250"
    assert panel.preview.grab().toImage() != before


def test_the_panel_follows_changes_made_elsewhere_and_goes_back_to_the_defaults(panel: ViewPanel) -> None:
    panel.options.set(box_style="corners", line_px=3, grid=True, grid_stride=32, labels="none", most_proposals=7)
    assert panel.box_style.currentData() == "corners"
    assert panel.line_px.value() == 3
    assert panel.grid.isChecked()
    assert panel.stride.currentData() == 32
    assert (panel.most_proposals.slider.value(), panel.proposals.isChecked()) == (7, False)
    assert panel.labels.currentData() == "none"
    panel.defaults.click()
    assert panel.options.view == View()
    assert panel.box_style.currentData() == "outline"
    assert not panel.grid.isChecked()


def test_the_strides_are_those_of_the_model(panel: ViewPanel, session: MadeSession) -> None:
    def strides() -> list[int]:
        return [panel.stride.itemData(row) for row in range(panel.stride.count())]

    assert strides() == [0, 8, 16, 32]
    session.model_changed.emit(replace(MODEL, grid_strides=(4, 64)))
    assert strides() == [0, 4, 64]
    session.model_changed.emit(None)
    assert strides() == [0]
    assert not panel.stride.isEnabled()


def test_everything_has_a_name_and_a_tip(panel: ViewPanel) -> None:
    controls: list[QWidget] = [*panel.findChildren(QComboBox), *panel.findChildren(QSlider)]
    controls += panel.findChildren(QAbstractButton)
    assert len(controls) == 15
    for control in controls:
        name = control.accessibleName() or (control.text() if isinstance(control, QAbstractButton) else "")
        assert name
        assert control.toolTip(), name

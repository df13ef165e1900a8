"""Two models on the same frames, in the real window with the shipped weights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPointF
from pytestqt.qtbot import QtBot

from gui.main_window import MainWindow
from gui.panels.compare import ComparisonPanel
from gui.settings import SECOND_MODEL, SECOND_SIZE
from gui.values import ModelChoice
from tests.e2e.hands import click, leave, move, wait

FIRST, SECOND = ModelChoice("vgg-yolo-voc20", 224), ModelChoice("vgg-yolo-voc20", 128)


@pytest.fixture
def comparing(window: MainWindow, qtbot: QtBot) -> MainWindow:
    """A window in which one model at two sizes stands still on a frame with boxes that have partners."""
    window.session.open("sample")
    window.session.choose_model(FIRST)
    window.settings.put(SECOND_MODEL, SECOND.name)
    window.settings.put(SECOND_SIZE, SECOND.size or 0)
    window.commands["compare"].setChecked(True)
    wait(qtbot, lambda: paired(window))
    window.session.set_playing(False)
    wait(qtbot, lambda: settled(window) and paired(window))
    return window


def paired(window: MainWindow) -> bool:
    """Whether boxes on show have partners."""
    current = window.comparing.current
    return current is not None and current.comparison is not None and len(current.comparison.pairs) > 0


def settled(window: MainWindow) -> bool:
    """Whether both canvases stand on the same frame, and it is the one that is compared."""
    current, pane = window.comparing.current, window.stage.pane
    if current is None or pane is None or current.comparison is None or window.canvas.shown is None:
        return False
    shown = pane.canvas.shown
    same = shown is not None and shown.frame.index == window.canvas.shown.frame.index == current.first.frame.index
    return same and window.session.playback.index == current.first.frame.index


def test_both_models_answer_on_the_same_frame_and_boxes_are_marked(comparing: MainWindow) -> None:
    pane = comparing.stage.pane
    assert pane is not None
    assert comparing.session.model is not None
    assert comparing.comparing.model is not None
    assert (comparing.session.model.size, comparing.comparing.model.size) == (224, 128)
    for canvas in (comparing.canvas, pane.canvas):
        scene = canvas.scene()
        assert scene is not None
        assert scene.marking is not None
        assert len(scene.marking.marks) == len(scene.shown.detections)
    assert comparing.stage.legend.entries[0].text.text().startswith("= both agree: ")


def test_zoom_selection_and_pointer_go_over(comparing: MainWindow) -> None:
    pane, current = comparing.stage.pane, comparing.comparing.current
    assert pane is not None
    assert current is not None
    assert current.comparison is not None
    comparing.commands["zoom_in"].trigger()
    assert pane.canvas.transform.scale == comparing.canvas.transform.scale
    comparing.commands["zoom_fit"].trigger()
    assert pane.canvas.fitted
    first, second = current.comparison.pairs[0].tolist()
    comparing.canvas.select_row(first)
    assert pane.canvas.held.row == second
    comparing.commands["unselect"].trigger()
    assert pane.canvas.selection is None
    box = current.first.detections.boxes_xyxy[first].tolist()
    move(comparing.canvas, QPointF(*comparing.canvas.transform.to_view((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)))
    assert pane.canvas.lit is not None
    leave(comparing.canvas)
    assert pane.canvas.lit is None


def test_a_threshold_acts_on_both_at_once(comparing: MainWindow, qtbot: QtBot) -> None:
    pane = comparing.stage.pane
    assert pane is not None
    comparing.session.set_score(0.99)
    wait(qtbot, lambda: comparing.stage.legend.entries[0].text.text() == "= both agree: 0")
    assert comparing.canvas.shown is not None
    assert pane.canvas.shown is not None
    assert (len(comparing.canvas.shown.detections), len(pane.canvas.shown.detections)) == (0, 0)


def test_the_panel_counts_and_begins_anew(comparing: MainWindow, qtbot: QtBot) -> None:
    comparing.commands["comparison"].setChecked(True)
    panel = comparing.docks["comparison"].make_panel()
    assert isinstance(panel, ComparisonPanel)
    panel.refresh()
    assert comparing.comparing.totals.frames > 0
    assert panel.as_tsv().count("\t") > 40
    click(panel.reset)
    wait(qtbot, lambda: comparing.comparing.totals.frames == 0)


def test_comparing_no_more_leaves_the_first_model_alone(comparing: MainWindow, qtbot: QtBot) -> None:
    comparing.commands["compare"].setChecked(False)
    wait(qtbot, lambda: not comparing.comparing.active)
    assert comparing.stage.pane is not None
    assert not comparing.stage.pane.isVisible()
    before = comparing.session.playback.index
    comparing.commands["step"].trigger()
    wait(qtbot, lambda: comparing.session.playback.index != before)
    assert comparing.canvas.marking is None
    scene = comparing.canvas.scene()
    assert scene is not None
    assert scene.marking is None


def test_a_second_model_that_cannot_be_had_is_told_with_ways_out(
    running: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    running.settings.put(SECOND_MODEL, str(tmp_path / "gone.safetensors"))
    running.commands["compare"].setChecked(True)
    pane = running.stage.pane
    assert pane is not None
    wait(qtbot, lambda: pane.waiting.heading.text() == "gone.safetensors does not answer")
    assert "gone.safetensors" in pane.waiting.sentence.text()
    (leave_it,) = [it for it in pane.waiting.buttons if it.text() == "Compare no more"]
    shown = running.session.current
    wait(qtbot, lambda: running.session.current is not shown)
    click(leave_it)
    assert not running.commands["compare"].isChecked()


def test_a_film_is_seen_whole_by_both(window: MainWindow, qtbot: QtBot, make_video: Callable[..., Path]) -> None:
    window.session.choose_model(ModelChoice("vgg-yolo-voc20", 64))
    wait(qtbot, lambda: window.session.model is not None)
    window.settings.put(SECOND_MODEL, "vgg-yolo-voc20")
    window.settings.put(SECOND_SIZE, 96)
    window.commands["compare"].setChecked(True)
    wait(qtbot, lambda: window.comparing.model is not None)
    window.session.set_speed(0)
    window.session.open(str(make_video(frames=12)))
    wait(qtbot, lambda: window.session.playback.ended)
    wait(qtbot, lambda: window.comparing.totals.frames == 12)


def test_closing_in_the_midst_of_comparing(comparing: MainWindow) -> None:
    comparing.session.set_playing(True)
    comparing.close()

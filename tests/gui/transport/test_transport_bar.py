from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from detector.frames import SourceInfo
from gui.actions import PLAYBACK
from gui.transport.speeds import FASTEST
from tests.e2e import hands
from tests.gui.transport.conftest import CAMERA, CLIP, FOLDER, PHOTOGRAPH, Stage

OpenStage = Callable[[SourceInfo], Stage]


def test_actions_command_the_session(open_stage: OpenStage) -> None:
    stage = open_stage(CLIP)
    stage.session.shows(400, 16.0)
    names = ("play", "play", "step", "step_back", "jump", "jump_back", "to_start", "to_end", "loop", "stop")
    for name in names:
        stage.actions[name].trigger()
    assert stage.told == [
        ("playing", False), ("playing", True), ("step", 1), ("step", -1), ("seek", 525), ("seek", 400),
        ("seek", 0), ("seek", 999), ("loop", True), ("stop",),
    ]  # fmt: skip


def test_every_action_of_playing_is_connected(open_stage: OpenStage) -> None:
    stage = open_stage(CLIP)
    stage.session.set_range(3, 900)
    for spec in PLAYBACK:
        stage.session.told.clear()
        stage.actions[spec.name].trigger()
        assert stage.session.told or stage.bar.position.editing, f"{spec.name} does nothing"


def test_speed_goes_by_keys_and_by_menu(open_stage: OpenStage) -> None:
    stage = open_stage(CLIP)
    for name in ("faster", "faster", "slower", "normal_speed"):
        stage.actions[name].trigger()
    stage.bar.speed.choices[FASTEST].trigger()
    assert stage.told == [("speed", speed) for speed in (1.5, 2.0, 1.5, 1.0, FASTEST)]
    assert stage.bar.speed.text() == "max"
    assert "As fast as possible" in stage.bar.speed.accessibleName()
    stage.session.set_speed(0.25)
    assert stage.bar.speed.text() == "0.25x"
    assert stage.bar.speed.choices[0.25].isChecked()


def test_marks_are_set_at_the_frame_shown(open_stage: OpenStage) -> None:
    stage = open_stage(CLIP)
    assert not stage.actions["clear_marks"].isEnabled()
    stage.session.shows(100)
    stage.actions["mark_in"].trigger()
    stage.session.shows(300)
    stage.actions["mark_out"].trigger()
    assert stage.told == [("range", 100, None), ("range", 100, 300)]
    assert (stage.bar.slider.first, stage.bar.slider.last) == (100, 300)
    stage.session.shows(50)
    stage.actions["mark_out"].trigger()
    stage.session.shows(200)
    stage.actions["mark_in"].trigger()
    assert stage.told == [("range", None, 50), ("range", 200, None)]
    stage.actions["clear_marks"].trigger()
    assert stage.told == [("range", None, None)]
    assert not stage.actions["clear_marks"].isEnabled()


def test_a_mark_out_while_looping_goes_back_into_the_range(open_stage: OpenStage) -> None:
    stage = open_stage(CLIP)
    stage.session.set_loop(True)
    stage.session.set_range(40, None)
    stage.session.shows(90)
    assert stage.told
    stage.actions["mark_out"].trigger()
    assert stage.told == [("range", 40, 90), ("seek", 40)]


def test_the_timeline_commands_the_session(open_stage: OpenStage) -> None:
    stage = open_stage(CLIP)
    slider = stage.bar.slider
    hands.click(slider, QPointF(slider.x_of(640), 17))
    expected = slider.index_at(slider.x_of(640))
    hands.key(slider, Qt.Key.Key_Right)
    hands.key(slider, Qt.Key.Key_PageUp)
    assert stage.told == [("seek", expected), ("step", 1), ("seek", expected + 25)]


def test_play_says_what_it_will_do(open_stage: OpenStage) -> None:
    stage = open_stage(CLIP)
    play = stage.actions["play"]
    assert (play.text(), play.isChecked()) == ("Pause", True)
    stage.session.set_playing(False)
    assert (play.text(), play.isChecked()) == ("Play", False)
    stage.session.playback.ended = True
    stage.session.playback_changed.emit()
    assert play.text() == "Play again"
    stage.session.opens(CAMERA, "camera")
    assert play.text() == "Freeze"
    stage.session.set_playing(False)
    assert play.text() == "Go on"


def test_nothing_can_be_done_without_a_source(stage: Stage) -> None:
    for name in ("play", "stop", "step", "step_back", "to_start", "to_end", "goto", "mark_in", "mark_out", "jump"):
        assert not stage.actions[name].isEnabled(), name
    assert not stage.bar.slider.isEnabled()


def test_a_live_source_has_a_badge_with_its_delay_instead_of_a_timeline(open_stage: OpenStage) -> None:
    stage = open_stage(CAMERA)
    bar = stage.bar
    assert bar.live.isVisible()
    assert not bar.slider.isVisible()
    assert not bar.speed.isVisible()
    assert "LIVE" in bar.live.state.text()
    bar.live._told_s = 0.0
    stage.session.delay_s = 0.142
    stage.session.shows(7, 0.3)
    assert bar.live.delay.text() == "142 ms late"
    stage.session.delay_s = 0.150
    bar.live._told_s = float("inf")
    stage.session.shows(8, 0.3)
    assert bar.live.delay.text() == "142 ms late", "the figure flickers"
    stage.session.source_waiting.emit("The camera is unplugged.")
    assert "WAITING" in bar.live.state.text()
    assert bar.live.state.toolTip() == "The camera is unplugged."
    assert bar.live.delay.text() == ""
    stage.session.source_waiting.emit("")
    assert "LIVE" in bar.live.state.text()
    stage.actions["play"].trigger()
    assert "FROZEN" in bar.live.state.text()
    stage.session.opens(CLIP)
    assert bar.slider.isVisible()
    assert not bar.live.isVisible()


def test_one_photograph_needs_no_timeline_position(open_stage: OpenStage) -> None:
    stage = open_stage(PHOTOGRAPH)
    assert not stage.bar.slider.isEnabled()
    assert stage.bar.position.text() == "frame 1/1"


@pytest.mark.parametrize("info", [CLIP, CAMERA, FOLDER])
@pytest.mark.parametrize("width", [1200, 800, 560, 420])
def test_all_that_is_shown_fits(open_stage: OpenStage, qtbot: QtBot, info: SourceInfo, width: int) -> None:
    stage = open_stage(info)
    stage.session.shows(3, 0.12, "name.jpg" if info is FOLDER else "")
    stage.window.resize(width, 200)
    hands.wait(qtbot, lambda: stage.bar.width() == width)
    layout = stage.bar.layout()
    assert layout is not None
    layout.activate()
    shown = [w for w in stage.bar.findChildren(QWidget) if w.parent() is stage.bar and w.isVisible()]
    row = sorted((w for w in shown if w is not stage.bar.slider), key=lambda w: w.x())
    assert all(a.geometry().right() < b.x() for a, b in pairwise(row)), "parts overlap"
    assert row[-1].geometry().right() < width
    needed = ("play", "step", "stop") if info is CAMERA else ("play", "step", "step_back", "stop", "loop")
    assert all(stage.bar.buttons[name].isVisible() for name in needed)
    if width == 1200 and info is not CAMERA:
        assert all(button.isVisible() for button in stage.bar.buttons.values())


def test_the_bar_does_not_hold_the_window_wide(open_stage: OpenStage) -> None:
    assert open_stage(CLIP).window.minimumSizeHint().width() <= 560


def test_every_control_has_a_name_and_a_tip(open_stage: OpenStage) -> None:
    stage = open_stage(CLIP)
    for button in stage.bar.findChildren(QToolButton):
        if button.parent() is not stage.bar.position.line:
            assert button.accessibleName() or button.text(), button
            assert button.toolTip(), button
    assert stage.bar.slider.accessibleName()
    assert stage.bar.position.line.accessibleName()
    for name, button in stage.bar.buttons.items():
        assert stage.actions[name].shortcut().toString() in button.toolTip(), name


class Layouts(QObject):
    """Counts how often a widget is asked to lay itself out."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.LayoutRequest
        return super().eventFilter(watched, event)


@pytest.mark.parametrize("info", [CLIP, FOLDER, CAMERA])
def test_frames_going_by_lay_nothing_out(open_stage: OpenStage, info: SourceInfo) -> None:
    stage = open_stage(info)
    stage.session.shows(0, 0.0, "first.jpg" if info is FOLDER else "")
    QApplication.processEvents()
    QApplication.sendPostedEvents()
    layouts = Layouts()
    stage.bar.installEventFilter(layouts)
    for index in range(1, 12):
        stage.session.delay_s = index / 10
        stage.bar.live._told_s = 0.0
        stage.session.shows(index, index / 25, f"{index}.jpg" if info is FOLDER else "")
        QApplication.sendPostedEvents()
    assert layouts.count == 0
    stage.session.opens(CAMERA if info is not CAMERA else CLIP)
    QApplication.sendPostedEvents()
    assert layouts.count > 0, "the counter counts nothing"


class Gallery:
    """Previews that arrive when the test says so."""

    def __init__(self, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        self.previews = stage.bar.previews
        self.wished: list[int] = []
        monkeypatch.setattr(self.previews, "wish", self.wished.append)

    def arrive(self, index: int) -> None:
        image = QImage(16, 9, QImage.Format.Format_RGB888)
        image.fill(Qt.GlobalColor.red)
        self.previews._pictures[index] = image
        self.previews.arrived.emit(index)


def test_the_preview_shows_the_frame_under_the_pointer(open_stage: OpenStage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = open_stage(CLIP)
    gallery, slider = Gallery(stage, monkeypatch), stage.bar.slider
    hands.move(slider, QPointF(500, 15))
    index = slider.index_at(500)
    tip = stage.bar.hover.tip
    assert tip is not None
    assert tip.isVisible()
    assert gallery.wished[-1] == index
    assert f"frame {index + 1}" in tip.text.text()
    assert tip.focusPolicy() == Qt.FocusPolicy.NoFocus
    assert tip.geometry().bottom() < slider.mapTo(stage.window, slider.rect().topLeft()).y()
    gallery.arrive(index + 40)
    assert tip.picture.pixmap().isNull(), "another frame's picture is shown"
    gallery.arrive(index)
    assert tip.picture.pixmap().size().width() == 16
    hands.leave(slider)
    assert not tip.isVisible()


def test_a_picture_that_comes_late_does_not_show_the_tip(
    open_stage: OpenStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = open_stage(CLIP)
    gallery, slider = Gallery(stage, monkeypatch), stage.bar.slider
    hands.move(slider, QPointF(500, 15))
    index = slider.index_at(500)
    hands.leave(slider)
    gallery.arrive(index)
    tip = stage.bar.hover.tip
    assert tip is not None
    assert not tip.isVisible()
    stage.session.shows(index)
    assert not tip.isVisible()


def test_the_tip_goes_with_the_timeline(open_stage: OpenStage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = open_stage(CLIP)
    Gallery(stage, monkeypatch)
    hands.move(stage.bar.slider, QPointF(500, 15))
    tip = stage.bar.hover.tip
    assert tip is not None
    assert tip.isVisible()
    stage.session.opens(CAMERA, "camera")
    assert not tip.isVisible()


@pytest.mark.parametrize("x", [12.0, 980.0])
def test_the_tip_stays_inside_the_window(open_stage: OpenStage, monkeypatch: pytest.MonkeyPatch, x: float) -> None:
    stage = open_stage(CLIP)
    Gallery(stage, monkeypatch)
    hands.move(stage.bar.slider, QPointF(x, 15))
    tip = stage.bar.hover.tip
    assert tip is not None
    assert stage.window.rect().contains(tip.geometry())


def test_scrubbing_asks_for_no_previews(open_stage: OpenStage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = open_stage(CLIP)
    gallery, slider = Gallery(stage, monkeypatch), stage.bar.slider
    hands.press(slider, QPointF(300, 17))
    hands.move(slider, QPointF(500, 17), Qt.MouseButton.LeftButton)
    asked = len(gallery.wished)
    hands.move(slider, QPointF(600, 17), Qt.MouseButton.LeftButton)
    assert len(gallery.wished) == asked
    hands.release(slider, QPointF(600, 17))


def test_a_film_shown_slower_than_its_speed_says_so_beside_the_speed(open_stage: OpenStage) -> None:
    stage = open_stage(CLIP)
    bar, label = stage.bar, stage.bar.pace_label
    stage.plays(5.0, 1.0)
    assert label.text() == label.toolTip() == ""
    stage.plays(5.0, 0.5)
    assert label.text() == label.accessibleName() == "shown at 0.5x"
    assert "smaller input size" in label.toolTip()
    assert label.x() + label.width() <= bar.speed.x()
    assert bar.speed.x() - (label.x() + label.width()) < 10, "it does not stand beside the speed"
    stage.session.set_speed(0.5)
    stage.plays(5.0, 0.5)
    assert label.text() == "", "it is shown at the speed that is wanted"


def test_a_pause_a_live_source_and_another_film_take_the_words_away(open_stage: OpenStage) -> None:
    stage = open_stage(CLIP)
    label = stage.bar.pace_label
    for over in (
        lambda: stage.session.set_playing(False),
        lambda: stage.session.opens(CLIP, "another.mp4"),
    ):
        stage.session.set_playing(True)
        stage.plays(5.0, 0.5)
        assert label.text()
        over()
        assert not label.text()
    stage.plays(5.0, 0.5)
    assert label.isVisible()
    stage.session.opens(CAMERA, "camera")
    assert not label.isVisible()


def test_nothing_moves_when_the_words_come_and_where_it_is_narrow_they_have_room(open_stage: OpenStage) -> None:
    stage = open_stage(CLIP)
    bar = stage.bar
    stage.plays(5.0, 1.0)
    before = {name: button.geometry() for name, button in bar.buttons.items()}
    stage.plays(5.0, 0.5)
    assert bar.pace_label.text()
    assert {name: button.geometry() for name, button in bar.buttons.items()} == before
    stage.window.resize(480, 300)
    QApplication.sendPostedEvents()
    QApplication.processEvents()
    assert bar.pace_label.isVisible()
    parts = (*bar.buttons.values(), bar.position, bar.pace_label, bar.speed)
    shown = sorted((part.geometry().left(), part.geometry().right()) for part in parts if part.isVisible())
    assert all(one[1] < other[0] for one, other in pairwise(shown))
    assert shown[-1][1] < bar.width()
    stage.window.resize(340, 300)
    QApplication.sendPostedEvents()
    QApplication.processEvents()
    assert not bar.pace_label.isVisible()
    assert "smaller input size" in bar.speed.toolTip(), "there is no room for the words: the tip has to tell"

"""The transport bar in the real window: what is on the canvas is told by the gray of its frames."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from pytestqt.qtbot import QtBot

from gui import session as session_module
from gui.main_window import MainWindow
from gui.transport.speeds import FASTEST
from gui.values import ShownFrame
from tests.e2e.hands import click, key, leave, move, press, release, wait
from tests.pipeline.fakes import NumberedSource

LEFT = Qt.MouseButton.LeftButton
MakeVideo = Callable[..., Path]


class Player:
    """A window with a source in it, and what it shows."""

    def __init__(self, window: MainWindow, qtbot: QtBot) -> None:
        self.window, self.qtbot = window, qtbot
        self.session, self.bar, self.slider = window.session, window.transport, window.transport.slider
        self.seen: list[int] = []
        self.session.shown.connect(self._saw)

    def open(self, source: Path | str) -> None:
        with self.qtbot.waitSignal(self.session.source_opened, timeout=60_000):
            self.session.open(str(source))
        wait(self.qtbot, self._shows_what_is_open)

    def _shows_what_is_open(self) -> bool:
        # No source of these tests is as large as the sample that ran before.
        current, info = self.session.current, self.session.playback.info
        return current is not None and info is not None and current.frame.size_wh == info.size_wh

    def open_paused(self, source: Path | str) -> None:
        """Open a file and stand on its first frame."""
        self.open(source)
        self.session.set_playing(False)
        # From the end back to the start: the first frame may still be on the way from before.
        last = self.session.playback.last_index
        self.goes_to(lambda: self.session.seek(last), last)
        self.goes_to(lambda: self.session.seek(0), 0)

    def do(self, name: str) -> None:
        action = self.window.commands[name]
        assert action.isEnabled(), f"{name} cannot be used"
        action.trigger()

    @property
    def shown(self) -> int:
        return self.session.current.frame.index if self.session.current is not None else -1

    def goes_to(self, command: Callable[[], None], index: int) -> None:
        """Do it, and see exactly this frame of a gray clip."""
        command()
        wait(self.qtbot, lambda: self.shown == index and self.session.playback.index == index)
        assert self.session.current is not None
        # The codec is off by up to 5; frame numbers are exact, and the gray shows that they are those of the pictures.
        assert abs(float(self.session.current.frame.image.mean()) - min(4 * index, 255)) <= 6

    def at(self, index: int, y: float = 17) -> QPointF:
        return QPointF(self.slider.x_of(index), y)

    def _saw(self, shown: object) -> None:
        assert isinstance(shown, ShownFrame)
        self.seen.append(shown.frame.index)


@pytest.fixture
def player(running: MainWindow, qtbot: QtBot) -> Player:
    return Player(running, qtbot)


def test_play_pause_steps_and_ends_are_exact(player: Player, make_video: MakeVideo) -> None:
    player.open_paused(make_video(frames=50))
    player.goes_to(lambda: player.do("step"), 1)
    player.goes_to(lambda: player.do("step"), 2)
    player.goes_to(lambda: player.do("step_back"), 1)
    player.goes_to(lambda: player.do("to_end"), 49)
    player.goes_to(lambda: player.do("step_back"), 48)
    player.goes_to(lambda: player.do("to_start"), 0)
    assert not player.session.playback.playing
    player.do("play")
    assert player.session.playback.playing
    wait(player.qtbot, lambda: player.session.playback.ended)
    assert player.shown == 49
    assert player.slider.value() == 49
    assert "frame 50/50" in player.bar.position.text()
    player.seen.clear()
    player.do("play")
    wait(player.qtbot, lambda: bool(player.seen) and min(player.seen) < 49)


def test_a_click_on_the_timeline_goes_exactly_there(player: Player, make_video: MakeVideo) -> None:
    player.open_paused(make_video(frames=50))
    wait(player.qtbot, lambda: player.slider.maximum() == 49)
    for index in (30, 7, 49):
        player.goes_to(lambda i=index: click(player.slider, player.at(i)), index)


def test_scrubbing_shows_where_the_pointer_is(player: Player, make_video: MakeVideo) -> None:
    player.open_paused(make_video(frames=50))
    wait(player.qtbot, lambda: player.slider.maximum() == 49)
    player.seen.clear()
    player.goes_to(lambda: press(player.slider, player.at(10)), 10)
    for index in range(11, 40):
        move(player.slider, player.at(index), LEFT)
    player.goes_to(lambda: move(player.slider, player.at(40), LEFT), 40)
    player.goes_to(lambda: move(player.slider, player.at(20), LEFT), 20)
    release(player.slider, player.at(20))
    assert player.slider.value() == 20
    assert set(player.seen) <= {0, *range(10, 41)}


def test_keys_move_the_focused_timeline(player: Player, make_video: MakeVideo) -> None:
    player.open_paused(make_video(frames=50))
    player.goes_to(lambda: key(player.slider, Qt.Key.Key_Right), 1)
    player.goes_to(lambda: key(player.slider, Qt.Key.Key_PageUp), 31)
    player.goes_to(lambda: key(player.slider, Qt.Key.Key_PageDown), 1)
    player.goes_to(lambda: key(player.slider, Qt.Key.Key_End), 49)
    player.goes_to(lambda: key(player.slider, Qt.Key.Key_Home), 0)


def test_jumping_goes_five_seconds_and_stays_in_the_source(player: Player, make_video: MakeVideo) -> None:
    player.open_paused(make_video(frames=50))
    player.goes_to(lambda: player.do("jump"), 49)
    player.goes_to(lambda: player.do("jump_back"), 0)


def test_typing_a_frame_or_a_time_goes_there(player: Player, make_video: MakeVideo) -> None:
    player.open_paused(make_video(frames=50))
    line = player.bar.position.line

    def type_in(text: str) -> None:
        player.do("goto")
        line.selectAll()
        line.insert(text)
        key(line, Qt.Key.Key_Return)

    player.goes_to(lambda: type_in("32"), 31)
    player.goes_to(lambda: type_in("0.5s"), 15)
    type_in("nowhere")
    assert player.bar.position.editing
    assert "'nowhere' is no place" in line.toolTip()
    assert player.shown == 15
    line.selectAll()
    line.insert("3")
    player.goes_to(lambda: key(line, Qt.Key.Key_Return), 2)


def test_speed_reaches_the_pipeline_and_as_fast_as_possible_ends(
    player: Player, make_video: MakeVideo, monkeypatch: pytest.MonkeyPatch
) -> None:
    player.open_paused(make_video(frames=50))
    told: list[float] = []
    set_speed = player.session.runner.set_speed

    def tell(speed: float) -> None:
        told.append(speed)
        set_speed(speed)

    monkeypatch.setattr(player.session.runner, "set_speed", tell)
    player.do("faster")
    player.do("slower")
    player.do("slower")
    player.do("normal_speed")
    player.bar.speed.choices[FASTEST].trigger()
    assert told == [1.5, 1.0, 0.5, 1.0, FASTEST]
    assert player.bar.speed.text() == "max"
    player.do("play")
    wait(player.qtbot, lambda: player.session.playback.ended)
    assert player.shown == 49


def test_marks_bound_what_plays_and_loop_stays_between_them(player: Player, make_video: MakeVideo) -> None:
    player.open_paused(make_video(frames=50))
    player.goes_to(lambda: player.session.seek(20), 20)
    player.do("mark_in")
    player.goes_to(lambda: player.session.seek(26), 26)
    player.do("mark_out")
    assert (player.session.playback.first, player.session.playback.last) == (20, 26)
    player.goes_to(lambda: player.session.seek(20), 20)
    player.do("play")
    wait(player.qtbot, lambda: player.session.playback.ended)
    assert player.shown == 26

    player.do("loop")
    player.seen.clear()
    player.do("play")
    # Round at least twice: what is shown goes back twice.
    wait(player.qtbot, lambda: sum(b < a for a, b in pairwise(player.seen)) >= 2)
    assert set(player.seen) <= set(range(20, 27))
    assert player.session.playback.playing

    player.do("loop")
    wait(player.qtbot, lambda: player.session.playback.ended)
    player.do("clear_marks")
    # Slow, so that a busy window, which leaves frames out, sees one of the first.
    player.session.set_speed(0.1)
    player.seen.clear()
    player.do("play")
    assert player.session.playback.playing
    wait(player.qtbot, lambda: bool(player.seen) and min(player.seen) < 20)


def test_marks_are_dragged_on_the_timeline(player: Player, make_video: MakeVideo) -> None:
    player.open_paused(make_video(frames=50))
    player.goes_to(lambda: player.session.seek(20), 20)
    player.do("mark_out")
    press(player.slider, player.at(20, 5))
    move(player.slider, player.at(33, 5), LEFT)
    release(player.slider, player.at(33, 5))
    assert player.session.playback.last == 33
    assert player.shown == 20


def test_a_folder_of_photographs_uses_the_same_bar(player: Player, tmp_path: Path) -> None:
    folder = tmp_path / "trip"
    folder.mkdir()
    for index, name in enumerate(("a.png", "b & c.png", "d.png")):
        cv2.imwrite(str(folder / name), np.full((48, 64, 3), 4 * index, np.uint8))
    player.open_paused(folder)
    assert player.bar.position.text() == "frame 1/3   a.png"
    player.goes_to(lambda: player.do("step"), 1)
    assert player.bar.position.text() == "frame 2/3   b & c.png"
    player.goes_to(lambda: player.do("to_end"), 2)
    player.goes_to(lambda: click(player.slider, player.at(0)), 0)
    player.session.set_speed(FASTEST)
    player.do("play")
    wait(player.qtbot, lambda: player.session.playback.ended)
    assert player.shown == 2


def test_a_live_source_can_be_frozen_and_goes_on(player: Player, monkeypatch: pytest.MonkeyPatch) -> None:
    live = NumberedSource(None, live=True, wait_s=0.02)
    monkeypatch.setattr(session_module, "open_source", lambda *_args, **_more: live)
    player.open("camera:0")
    assert player.bar.live.isVisible()
    assert not player.slider.isVisible()
    assert "LIVE" in player.bar.live.state.text()
    player.do("play")
    assert "FROZEN" in player.bar.live.state.text()
    player.do("play")
    assert "LIVE" in player.bar.live.state.text()
    shown = player.shown
    wait(player.qtbot, lambda: player.shown > shown)
    player.do("stop")
    assert live.closed.wait(60)


def test_the_preview_is_the_frame_under_the_pointer_and_goes_with_it(player: Player, make_video: MakeVideo) -> None:
    player.open_paused(make_video(frames=50))
    wait(player.qtbot, lambda: player.slider.maximum() == 49)
    move(player.slider, player.at(30))
    tip = player.bar.hover.tip
    assert tip is not None
    assert tip.isVisible()
    wait(player.qtbot, lambda: player.bar.previews.picture(30) is not None)
    picture = tip.picture.pixmap().toImage()
    assert abs(picture.pixelColor(picture.width() // 2, picture.height() // 2).red() - 120) <= 6
    assert "frame 31" in tip.text.text()
    assert player.shown == 0, "looking ahead moved the source"

    move(player.slider, player.at(40))
    leave(player.slider)
    assert not tip.isVisible()
    wait(player.qtbot, lambda: player.bar.previews.picture(40) is not None)
    assert not tip.isVisible(), "a late preview came up again"

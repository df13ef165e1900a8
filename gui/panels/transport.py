"""The transport bar: the timeline, and beneath it play and pause, steps, position, marks, loop and speed."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QHideEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from detector.frames.protocol import SourceInfo
from gui.focus_keys import keep_keys
from gui.session import Session
from gui.themed_icons import icon
from gui.translation import tr
from gui.transport.commands import PlaybackCommands
from gui.transport.live_badge import LiveBadge
from gui.transport.pace import Pace
from gui.transport.pace_label import PaceLabel
from gui.transport.position_field import PositionField
from gui.transport.preview_hover import PreviewHover
from gui.transport.previews import Previews
from gui.transport.speed_button import SpeedButton
from gui.transport.timeline import Timeline

BUTTON = 30
NARROWEST = 320
LEFT = ("to_start", "step_back", "play", "step", "to_end", "stop")
RIGHT = ("mark_in", "mark_out", "clear_marks", "loop", "analyze")
FILES_ONLY = ("to_start", "step_back", "to_end", "mark_in", "mark_out", "clear_marks", "loop", "analyze")
ICONS = {"clear_marks": "close"}
# What goes, one after the other, where the bar is too narrow: buttons, or how brief the position is told.
GIVING_WAY: tuple[tuple[str, ...] | int, ...] = (
    1,
    ("clear_marks",),
    ("analyze",),
    ("mark_in", "mark_out"),
    ("to_start", "to_end"),
    2,
)


class TransportBar(QWidget):
    """Follows the session's playback and commands it. The actions of the Playback group are connected here.

    Args:
        clock: monotonic seconds, for tests.
    """

    def __init__(
        self,
        session: Session,
        actions: dict[str, QAction],
        parent: QWidget | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(parent)
        self.session, self.clock = session, clock
        self.commands = PlaybackCommands(session, actions, self)
        self.play_action, self.loop_action = actions["play"], actions["loop"]
        self.slider = Timeline()
        self.previews = Previews(self)
        self.hover = PreviewHover(self.slider, session.playback, self.previews)
        self.position = PositionField(session.playback)
        self.position.button.setToolTip(actions["goto"].toolTip())
        self.live = LiveBadge()
        self.speed = SpeedButton()
        self.pace, self.pace_label = Pace(), PaceLabel()
        self.buttons = {name: self._button(actions[name], name) for name in (*LEFT, *RIGHT)}
        self._play_tip = self.play_action.toolTip()
        self._waiting = ""
        self._state: tuple[object, ...] = ()
        self._lay_out()

        actions["goto"].triggered.connect(self.position.edit)
        self.position.chosen.connect(session.seek)
        self.slider.sought.connect(session.seek)
        self.slider.stepped.connect(session.step)
        self.slider.range_chosen.connect(self.commands.choose_range)
        self.speed.chosen.connect(session.set_speed)
        session.playback_changed.connect(self.follow)
        session.source_opened.connect(self._opened)
        session.source_closed.connect(self._closed)
        session.source_waiting.connect(self._source_waits)
        self.follow()

    def follow(self) -> None:
        """Show the playback as it is. Cheap while only the frame is another one."""
        playback = self.session.playback
        state = (
            playback.info, playback.playing, playback.ended, playback.loop, playback.speed,
            playback.first, playback.last, self._waiting,
        )  # fmt: skip
        if state != self._state:
            self._state = state
            self._show_state()
        if playback.live:
            self.live.follow(playback.playing, self._waiting, self.session.delay_s)
        else:
            self.slider.show_position(playback.index)
            self._follow_pace()
        self.position.follow()

    def _follow_pace(self) -> None:
        playback = self.session.playback
        if playback.playing and playback.info is not None and playback.info.fps:
            self.pace.follow(playback.time_s, self.clock(), playback.speed)
        else:
            self.pace.reset()
        if self.pace_label.tell(self.pace.slow):
            # Where the bar is too narrow for the words they stand here.
            self.speed.setToolTip(speed_tip(self.pace_label.toolTip()))
            self._fit()

    def shut(self) -> None:
        """Give back what previews are made from; for the window's end."""
        self.previews.close()

    def minimumSizeHint(self) -> QSize:
        # Parts give way, so the window may be narrower than all of them.
        return QSize(NARROWEST, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def hideEvent(self, event: QHideEvent) -> None:
        self.previews.forget()
        super().hideEvent(event)

    def _button(self, action: QAction, name: str) -> QToolButton:
        action.setIcon(icon(ICONS.get(name, name)))
        button = QToolButton()
        button.setDefaultAction(action)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        button.setAccessibleName(action.text())
        button.setAutoRaise(True)
        button.setFixedSize(BUTTON, BUTTON)
        button.setIconSize(QSize(18, 18))
        return button

    def _lay_out(self) -> None:
        whole = QVBoxLayout(self)
        whole.setContentsMargins(8, 2, 8, 4)
        whole.setSpacing(0)
        whole.addWidget(self.slider)
        row = QHBoxLayout()
        row.setSpacing(2)
        for name in LEFT:
            row.addWidget(self.buttons[name])
        row.addWidget(self.live)
        row.addWidget(self.position)
        row.addStretch(1)
        for name in RIGHT:
            row.addWidget(self.buttons[name])
        row.addWidget(self.pace_label)
        self.speed.setToolTip(speed_tip(""))
        self.speed.setFixedSize(self.speed.sizeHint().width() + 22, BUTTON)
        row.addWidget(self.speed)
        whole.addLayout(row)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        keep_keys(self.speed, self.position.button, *self.buttons.values())

    def _show_state(self) -> None:
        playback = self.session.playback
        pausing = tr("Freeze") if playback.live else tr("Pause")
        starting = tr("Play again") if playback.ended else tr("Go on") if playback.live else tr("Play")
        self.play_action.setText(pausing if playback.playing else starting)
        self.play_action.setIcon(icon("pause" if playback.playing else "play"))
        self.play_action.setChecked(playback.playing)
        self.buttons["play"].setAccessibleName(self.play_action.text())
        self.loop_action.setChecked(playback.loop)
        self.commands.follow()
        self.speed.show_speed(playback.speed)
        self.slider.show_range(playback.last_index, playback.first, playback.last, playback.loop)
        self.slider.setPageStep(playback.frames_in(1.0))
        self.slider.setEnabled(playback.seekable and playback.last_index > 0)
        self._fit()

    def _fit(self) -> None:
        """Show what there is room for, the most needed first."""
        live = self.session.playback.live
        shown = [name for name in self.buttons if not (live and name in FILES_ONLY)]
        # Where it fits beside everything its place is kept free, so that nothing moves when it comes.
        pace_px = self.pace_label.width() + 2
        room_px = self.width() - pace_px
        told = not live and self._width_of(shown, 0, live) <= room_px
        if not told and not live and self.pace.slow is not None:
            told = self._width_of(*self._given_way(shown, room_px, live), live) <= room_px
        shown, brief = self._given_way(shown, room_px if told else self.width(), live)
        for name, button in self.buttons.items():
            button.setVisible(name in shown)
        self.pace_label.setVisible(told)
        self.slider.setVisible(not live)
        self.speed.setVisible(not live)
        self.live.setVisible(live)
        self.position.settle(brief, BUTTON)

    def _given_way(self, shown: list[str], room_px: int, live: bool) -> tuple[list[str], int]:
        """The buttons, and the brevity of the position, that fit into this width as far as they can give way."""
        brief = 0
        for giving_way in GIVING_WAY:
            if self._width_of(shown, brief, live) <= room_px:
                break
            if isinstance(giving_way, int):
                brief = giving_way
            else:
                shown = [name for name in shown if name not in giving_way]
        return shown, brief

    def _width_of(self, shown: list[str], brief: int, live: bool) -> int:
        ends = self.live.sizeHint().width() if live else self.speed.width()
        return len(shown) * (BUTTON + 2) + self.position.width_for(brief) + ends + 24

    def _opened(self, _info: SourceInfo) -> None:
        self._waiting = ""
        self.pace.reset()
        playback = self.session.playback
        self.hover.use(playback.text if playback.seekable and playback.last_index > 0 else None)

    def _closed(self) -> None:
        self._waiting = ""
        self.hover.use(None)

    def _source_waits(self, sentence: str) -> None:
        self._waiting = sentence
        self.follow()


def speed_tip(why: str) -> str:
    """The tip of the speed button; `why` the film is slower, or ""."""
    tip = tr("Playing speed; < and > change it")
    return f"{tip}\n{why}" if why else tip

"""The timeline panel: a lane per class under the frame, what to see of them, and ways from appearance to appearance."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QAction, QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QToolButton, QVBoxLayout, QWidget

from gui.analysis.analysing import Analysing
from gui.analysis.lane_painting import GUTTER
from gui.analysis.lanes import Filter
from gui.analysis.lanes_view import LanesView, Spot
from gui.analysis.progress_view import left_text
from gui.canvas.gestures import ZOOM_STEP
from gui.focus_keys import keep_keys
from gui.panels.elided import ElidedLabel
from gui.panels.thresholds import ResettableSlider
from gui.playback import clock_text
from gui.session import Session
from gui.theme import SPACE_M, SPACE_S, tabular
from gui.themed_icons import icon
from gui.translation import tr
from gui.transport.previews import Previews
from gui.transport.tips import PreviewTip

USUAL_WH = (640, 190)
FILTER_MS = 150
"""A word is typed, and a slider moved, before the lanes are counted anew."""
FOLLOW_MS = 200
"""While results come, the lanes are counted no more often than this."""
WIDE_PX, NARROW_PX = 620, 480
ZOOM_BY = ZOOM_STEP**3


class Ranges(Protocol):
    """What sets in and out points."""

    def choose_range(self, first: int | None, last: int | None) -> None: ...


class TimelinePanel(QWidget):
    """The lanes with their controls. Unseen, it does no work.

    Args:
        ranges: sets the in and out points. previews: of the open source, shared with the transport bar.
    """

    def __init__(
        self,
        analysing: Analysing,
        session: Session,
        actions: Mapping[str, QAction],
        ranges: Ranges,
        previews: Previews,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.analysing, self.session, self.commands, self.previews = analysing, session, actions, previews
        self.view = LanesView()
        self.setFocusProxy(self.view)
        self.tip: PreviewTip | None = None
        self._spot: Spot | None = None
        self.words = QLineEdit()
        self.words.setPlaceholderText(tr("Class or #track"))
        self.words.setAccessibleName(tr("Show only this class or track"))
        self.words.setToolTip(tr("Show only classes with these letters, or one track by its number, such as #3"))
        self.words.setClearButtonEnabled(True)
        self.words.setMinimumWidth(70)
        self.words.setMaximumWidth(170)
        self.score = ResettableSlider(Qt.Orientation.Horizontal)
        self.score.setRange(0, 99)
        self.score.setPageStep(5)
        self.score.setMinimumWidth(50)
        self.score.setMaximumWidth(130)
        self.score.setAccessibleName(tr("Lowest score in the timeline"))
        self.score.setToolTip(tr("Show only what scored at least this; double click shows all"))
        self.score.reset.connect(lambda: self.score.setValue(0))
        self.score_text = QLabel()
        self.score_text.setFont(tabular(self.font()))
        self.score_text.setFixedWidth(self.score_text.fontMetrics().horizontalAdvance("0.00") + 4)
        self.analyze = self._button("analyze", words=True)
        self.before, self.next = self._button("previous_event"), self._button("next_event")
        self.zoom_in = self._tool("zoom_in", tr("Enlarge the timeline (+)"), lambda: self.view.zoom(ZOOM_BY))
        self.zoom_out = self._tool("zoom_out", tr("Shrink the timeline (-)"), lambda: self.view.zoom(1 / ZOOM_BY))
        self.fit = self._tool("fit", tr("Show the whole timeline (0)"), self.view.fit)
        self.told = ElidedLabel()
        self.told.setMinimumWidth(40)
        self._filter_timer = self._after(FILTER_MS, self._filter)
        self._follow_timer = self._after(FOLLOW_MS, self._follow_results)
        self._lay_out()
        self._connect(ranges)
        self._new_results()
        self._follow_playback()

    def step_event(self, step: int) -> None:
        """Go to the next (1) or previous (-1) appearance of the selected class."""
        results, lane = self.analysing.results, self.view.lane
        if results is None or lane is None:
            return
        from detector.analysis.events import next_appearance, previous_appearance

        spans = [(first, last) for first, last in results.appearances(lane.label, self.view.filter).tolist()]
        index = self.session.playback.index
        place = next_appearance(spans, index) if step > 0 else previous_appearance(spans, index)
        if place is None:
            words = tr("{name} does not appear any more") if step > 0 else tr("{name} does not appear before")
            self.told.tell(words.format(name=lane.name))
        else:
            self._go_to(place)
            number = 1 + [first for first, _last in spans].index(place)
            words = tr("{name}: appearance {n} of {all}")
            self.told.tell(words.format(name=lane.name, n=number, all=len(spans)))

    def step_lane(self, step: int) -> None:
        """Select the next or the previous lane."""
        self.view.step_lane(step)

    def sizeHint(self) -> QSize:
        return QSize(*USUAL_WH)

    def minimumSizeHint(self) -> QSize:
        return QSize(GUTTER + 140, 100)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._new_results()
        self._follow_playback()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # What wheel and keys do as well goes where there is no room.
        kinds = Qt.ToolButtonStyle
        wide = self.width() >= WIDE_PX
        self.analyze.setToolButtonStyle(kinds.ToolButtonTextBesideIcon if wide else kinds.ToolButtonIconOnly)
        for part in (self.zoom_out, self.zoom_in):
            part.setVisible(wide)
        self.told.setVisible(self.width() >= NARROW_PX)

    def hideEvent(self, event: QHideEvent) -> None:
        self._hover(None)
        super().hideEvent(event)

    # Parts

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(SPACE_M, SPACE_S, SPACE_M, SPACE_S)
        row.setSpacing(SPACE_S)
        for part in (self.analyze, self.before, self.next):
            row.addWidget(part)
        row.addWidget(self.told, 1)
        row.addWidget(self.words)
        row.addWidget(self.score)
        row.addWidget(self.score_text)
        for part in (self.zoom_out, self.zoom_in, self.fit):
            row.addWidget(part)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addLayout(row)
        rows.addWidget(self.view, 1)
        keep_keys(self.words, self.score, self.analyze, self.before, self.next)
        keep_keys(self.zoom_in, self.zoom_out, self.fit)

    def _connect(self, ranges: Ranges) -> None:
        analysing, session, view = self.analysing, self.session, self.view
        self.words.textChanged.connect(self._filter_timer.start)
        self.score.valueChanged.connect(self._score_moved)
        self._score_moved(0)
        view.sought.connect(self._go_to)
        view.range_chosen.connect(ranges.choose_range)
        view.hovered.connect(self._hover)
        view.lane_chosen.connect(self._tell_lane)
        view.event_wanted.connect(self.step_event)
        self.previews.arrived.connect(self._picture_came)
        analysing.results_changed.connect(self._new_results)
        analysing.run_changed.connect(self._tell_hint)
        analysing.grew.connect(self._grew)
        session.playback_changed.connect(self._follow_playback)
        session.source_opened.connect(self._tell_hint)
        session.source_closed.connect(self._tell_hint)

    def _button(self, name: str, words: bool = False) -> QToolButton:
        button = QToolButton()
        button.setDefaultAction(self.commands[name])
        kinds = Qt.ToolButtonStyle
        button.setToolButtonStyle(kinds.ToolButtonTextBesideIcon if words else kinds.ToolButtonIconOnly)
        button.setAutoRaise(True)
        button.setAccessibleName(self.commands[name].text())
        return button

    def _tool(self, picture: str, tip: str, deed: Callable[[], None]) -> QToolButton:
        button = QToolButton()
        button.setIcon(icon(picture))
        button.setAutoRaise(True)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.clicked.connect(lambda _checked: deed())
        return button

    # What is shown

    def _new_results(self) -> None:
        if self.view.results is not self.analysing.results and self.isVisible():
            self.view.show_results(self.analysing.results)
            self._tell_lane()
        elif self.analysing.results is None:
            self.view.show_results(None)
            self._tell_lane()
        self._tell_hint()

    def _grew(self) -> None:
        if self.isVisible() and not self._follow_timer.isActive():
            self._follow_timer.start()

    def _follow_results(self) -> None:
        self.view.follow()
        self._tell_hint()
        self._tell_lane()

    def _follow_playback(self) -> None:
        if self.isVisible():
            playback = self.session.playback
            self.view.show_position(playback.index)
            self.view.show_range(playback.first, playback.last)

    def _tell_lane(self) -> None:
        lane = self.view.lane
        found = lane is not None
        for name in ("next_event", "previous_event", "next_lane", "previous_lane"):
            self.commands[name].setEnabled(found)
        if lane is None:
            self.told.tell("")
            return
        results = self.analysing.results
        told = tr("{name}: on {n} frames").format(name=lane.name, n=f"{lane.frames:,}")
        if results is not None and results.head.source.kind != "images":
            seconds = lane.frames * results.presence.step / results.fps
            time = left_text(seconds) if seconds >= 1 else tr("less than a second")
            told = tr("{name}: on {n} frames, {time}").format(name=lane.name, n=f"{lane.frames:,}", time=time)
        self.told.tell(told)
        self.view.setAccessibleDescription(told)

    def _tell_hint(self, _info: object = None) -> None:
        analysing, playback = self.analysing, self.session.playback
        results = analysing.results
        if playback.info is None:
            hint = tr("Open a video or a folder of pictures: what was where, when, is shown here once it is analysed.")
        elif playback.live:
            hint = analysing.hindrance
        elif results is None and analysing.looking:
            hint = tr("Looking for results")
        elif results is None:
            hint = tr("Not analysed yet: Analyze goes through all of it and fills these lanes.")
        elif len(results.presence) == 0 or results.reading:
            hint = tr("Nothing found yet")
        elif self.view.filter != Filter():
            hint = tr("Nothing fits the filter; shorten the word or lower the score.")
        else:
            hint = tr("No object was found. Analyze again with a lower score.")
        self.view.set_hint(hint)

    def _score_moved(self, value: int) -> None:
        self.score_text.setText(f"{value / 100:.2f}")
        self._filter_timer.start()

    def _filter(self) -> None:
        self.view.set_filter(Filter(self.words.text(), self.score.value()))
        self._tell_hint()
        self._tell_lane()

    # The hand

    def _go_to(self, index: int) -> None:
        if self.session.playback.playing and not self.session.playback.live:
            # Who looks something up wants to look at it.
            self.session.set_playing(False)
        self.session.seek(index)

    def _hover(self, spot: Spot | None) -> None:
        self._spot = spot
        if spot is None:
            self.previews.forget()
            if self.tip is not None:
                self.tip.hide()
            return
        if self.tip is None:
            self.tip = PreviewTip(self.window())
        self.tip.text.setText(self._text(spot))
        self.tip.set_picture(self.previews.picture(spot.index))
        self.previews.wish(spot.index)
        self.tip.stand_above(self.view, spot.x)
        self.tip.show()

    def _picture_came(self, index: int) -> None:
        if self.tip is not None and self._spot is not None and self._spot.index == index and not self.tip.isHidden():
            self.tip.set_picture(self.previews.picture(index))

    def _text(self, spot: Spot) -> str:
        time_s = self.session.playback.time_of(spot.index)
        frame = tr("frame {n}").format(n=spot.index + 1)
        lines = [frame if time_s is None else f"{clock_text(time_s)}   {frame}"]
        results = self.analysing.results
        if results is not None and spot.label is not None:
            name = results.class_names[spot.label]
            rows = results.presence.within(*_one(spot.index))
            if rows[0, 0] == rows[0, 1]:
                lines.append(tr("not analysed"))
            else:
                count, best = results.presence.best_on(spot.label, int(rows[0, 0]))
                lines.append(f"{name} {count}   {best:.2f}" if count else tr("no {name}").format(name=name))
        return "\n".join(lines)

    def _after(self, milliseconds: int, deed: Callable[[], None]) -> QTimer:
        timer = QTimer(self, singleShot=True, interval=milliseconds)
        timer.timeout.connect(deed)
        return timer


def _one(index: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    frames = np.array([index], np.int64)
    return frames, frames

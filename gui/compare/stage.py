"""Where the frame is: the canvas alone, or two of them beside each other with a legend below."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from gui.canvas.frame_view import FrameView
from gui.canvas.proposal_slider import ProposalSlider
from gui.canvas.view_options import ViewOptions
from gui.compare.even_splitter import EvenSplitter
from gui.compare.facts import short_names, title_of
from gui.compare.header import PaneHeader
from gui.compare.legend import LegendStrip
from gui.compare.linking import LinkedViews
from gui.compare.second_pane import SecondPane
from gui.compare.telling import tell
from gui.comparing import ComparedFrame, Comparing
from gui.focus_keys import keep_keys
from gui.session import Session
from gui.settings import SettingsStore
from gui.theme import SPACE_L, SPACE_M, SPACE_S
from gui.translation import tr

SPEED_EVERY_MS = 500
SMALLEST_CANVAS = (160, 100)
ALONE = (240, 160)
FOOT_IN_ONE_ROW_PX = 860
STACKED_IF = 1.15
"""Two canvases stand one above the other where that makes the frame so many times larger."""
USUAL_WH = (16, 9)


class CompareStage(QWidget):
    """Holds the first canvas always, and the second model's half from the first `set_comparing(True)` on.

    While one model runs alone nothing here does any work. `wanted` comes with a ModelChoice to set beside the first,
    `unwanted` when somebody has seen enough.
    """

    wanted = Signal(object)
    unwanted = Signal()

    def __init__(
        self,
        canvas: FrameView,
        comparing: Comparing,
        session: Session,
        view_options: ViewOptions,
        settings: SettingsStore,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.canvas, self.comparing, self.session = canvas, comparing, session
        self.options, self.settings = view_options, settings
        self.comparing_on = self._by_truth = False
        self.pane: SecondPane | None = None
        self.link: LinkedViews | None = None
        self.header = PaneHeader(tr("First model"))
        self.header.hide()
        half = QWidget()
        column = QVBoxLayout(half)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(canvas, 1)
        self.splitter = EvenSplitter()
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setHandleWidth(4)
        self.splitter.addWidget(half)
        self.legend = LegendStrip()
        self.note = QLabel()
        self.note.setWordWrap(True)
        self.note.setObjectName("compare_note")
        self.note.hide()
        self.slider = ProposalSlider(view_options)
        self.slider.setMaximumWidth(260)
        self.foot = QWidget()
        self.foot.setObjectName("compare_foot")
        self._foot_rows = QBoxLayout(QBoxLayout.Direction.LeftToRight, self.foot)
        self._foot_rows.setContentsMargins(SPACE_M, SPACE_S, SPACE_M, SPACE_S)
        self._foot_rows.setSpacing(SPACE_S)
        right = QHBoxLayout()
        right.setSpacing(SPACE_L)
        right.addWidget(self.slider, 1)
        right.addStretch(0)
        self.table = QToolButton()
        self.table.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.table.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        keep_keys(self.table)
        right.addWidget(self.table)
        self._foot_rows.addWidget(self.legend, 1)
        self._foot_rows.addLayout(right)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.splitter, 1)
        layout.addWidget(self.note)
        layout.addWidget(self.foot)
        self.note.setContentsMargins(SPACE_M, SPACE_S, SPACE_M, 0)
        self.timer = QTimer(self)
        self.timer.setInterval(SPEED_EVERY_MS)
        self.timer.timeout.connect(self._tell_speed)
        view_options.changed.connect(self._options_changed)
        session.model_changed.connect(self._model_changed)
        session.source_closed.connect(self._source_closed)
        comparing.shown.connect(self._show)
        comparing.changed.connect(self._comparing_changed)
        self._show_foot()

    def set_comparing(self, on: bool) -> None:
        """Show both halves, or the first canvas alone."""
        if on == self.comparing_on:
            return
        self.comparing_on = on
        if on and self.pane is None:
            self._make_pane()
        if self.pane is not None:
            self.pane.setVisible(on)
            self.pane.show_frame(None)
        self.header.setVisible(on)
        self.canvas.setMinimumSize(*(SMALLEST_CANVAS if on else ALONE))
        if on:
            self._turn()
            self.splitter.even()
            self.timer.start()
        else:
            self.timer.stop()
            self.canvas.set_marking(None)
            self.canvas.light(None)
        self._comparing_changed()
        if on and self.comparing.current is not None:
            self._show(self.comparing.current)

    def _make_pane(self) -> None:
        self.pane = SecondPane(self.comparing, self.session, self.options, self.settings)
        self.pane.canvas.setMinimumSize(*SMALLEST_CANVAS)
        self.pane.canvas.actions_by_name = self.canvas.actions_by_name
        self.pane.wanted.connect(self.wanted)
        self.pane.unwanted.connect(self.unwanted)
        self.splitter.addWidget(self.pane)
        for place in (0, 1):
            self.splitter.setStretchFactor(place, 1)
        self.link = LinkedViews(self.canvas, self.pane.canvas, self)
        # Both frames begin at the same height.
        height = max(self.header.sizeHint().height(), self.pane.header.sizeHint().height())
        self.header.setFixedHeight(height)
        self.pane.header.setFixedHeight(height)

    # What is on the canvases

    def _show(self, compared: ComparedFrame) -> None:
        if not self.comparing_on or self.pane is None or self.link is None:
            return
        with self.link.showing():
            if self.canvas.shown is not compared.first:
                self.canvas.show_frame(compared.first)
            self.pane.show_frame(compared.second)
        self._tell(compared)
        self.link.compare(compared.comparison)

    def _tell(self, compared: ComparedFrame | None) -> None:
        """Mark the boxes on show and count them."""
        assert self.pane is not None
        self._by_truth = self.options.view.truth
        told = tell(compared, short_names(self.session.model, self.comparing.model), self.options.view.truth)
        self.canvas.set_marking(told.first)
        self.pane.canvas.set_marking(told.second)
        self.legend.show_marks(told.legend)
        self.legend.tell(told.counts)
        apart = compared is not None and compared.second is not None and compared.comparison is None
        # Where the first model does not answer there is nothing to compare, though the frame is the same.
        apart = apart and compared is not None and compared.first.candidates is not None
        self.pane.frame_tag.setVisible(apart)

    def _comparing_changed(self) -> None:
        if self.comparing_on:
            if self.comparing.model is None:
                self._forget()
            self._tell_speed()
        self.note.setText(self.comparing.note)
        self.note.setVisible(self.comparing_on and bool(self.comparing.note))
        self._show_foot()

    def _source_closed(self) -> None:
        if self.pane is not None:
            self.pane.show_frame(None)
            self._forget()

    def _forget(self) -> None:
        """Nothing is compared any more."""
        if self.link is not None:
            self._tell(None)
            self.link.compare(None)

    def _tell_speed(self) -> None:
        if self.pane is not None and self.isVisible():
            self.header.tell(self.session.model, title_of(self.session.model), self.session.bridge.meter.rates())
            self.pane.tell_speed()

    # What lies around them

    def _options_changed(self) -> None:
        self._show_foot()
        if self.comparing_on and self._by_truth != self.options.view.truth:
            self._tell(self.comparing.current)

    def _model_changed(self, _model: object) -> None:
        self._show_foot()
        if self.comparing_on:
            self._tell_speed()

    def _show_foot(self) -> None:
        # A model without a grid has two stages, as far as can be known before its first frame.
        models = (self.session.model, self.comparing.model if self.comparing_on else None)
        slides = self.options.view.proposals and any(it is not None and it.grid_strides is None for it in models)
        self.slider.setVisible(slides)
        self.legend.setVisible(self.comparing_on)
        self.table.setVisible(self.comparing_on)
        self.foot.setVisible(self.comparing_on or slides)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = event.size().width() >= FOOT_IN_ONE_ROW_PX
        self._foot_rows.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)
        if self.comparing_on:
            self._turn()

    def _turn(self) -> None:
        """Side by side, or one above the other where that shows more of the frame."""
        shown = self.canvas.shown
        frame_w, frame_h = shown.frame.size_wh if shown is not None else USUAL_WH
        head, foot = self.header.sizeHint().height(), self.foot.sizeHint().height()
        width, height = self.width(), self.height() - foot
        beside = min(width / 2 / frame_w, (height - head) / frame_h)
        above = min(width / frame_w, (height / 2 - head) / frame_h)
        self.splitter.turn(Qt.Orientation.Vertical if above > STACKED_IF * beside else Qt.Orientation.Horizontal)

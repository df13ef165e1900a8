"""The second model's half: its choice and speed above, its canvas, or what stands there while it has none."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QToolButton, QVBoxLayout, QWidget

from detector.selection import Thresholds
from gui.canvas.frame_view import FrameView
from gui.canvas.view_options import ViewOptions
from gui.compare.chooser import SecondModelChooser, offered_models
from gui.compare.facts import title_of
from gui.compare.frame_tag import FrameTag
from gui.compare.header import PaneHeader
from gui.compare.waiting_pane import WaitingPane, Way
from gui.comparing import TOPIC, Comparing
from gui.focus_keys import keep_keys
from gui.model_facts import key_of, name_of
from gui.session import Session
from gui.settings import SettingsStore
from gui.themed_icons import icon
from gui.translation import tr
from gui.values import ModelChoice, ShownFrame

OFFERED_AS_BUTTONS = 4


class SecondPane(QWidget):
    """Follows `comparing`. `wanted` comes with a ModelChoice to set beside the first, `unwanted` at the x."""

    wanted = Signal(object)
    unwanted = Signal()

    def __init__(
        self,
        comparing: Comparing,
        session: Session,
        view_options: ViewOptions,
        settings: SettingsStore,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.comparing, self.session, self.settings = comparing, session, settings
        self.canvas = FrameView(session, view_options)
        self.canvas.setObjectName("second_canvas")
        self.canvas.setAccessibleName(tr("Frame with detections of the second model"))
        self.canvas.set_hint(tr("Waiting for its first frame"))
        self.canvas.thresholds_of = self._thresholds
        self.frame_tag = FrameTag(self.canvas)
        self.chooser = SecondModelChooser(settings)
        self.shut = QToolButton()
        self.shut.setIcon(icon("close"))
        self.shut.setAutoRaise(True)
        self.shut.setAccessibleName(tr("Compare no more"))
        self.shut.setToolTip(tr("Go on with the first model alone ({key})").format(key="C"))
        keep_keys(self.shut)
        self.header = PaneHeader(tr("Second model"), self.chooser, [self.shut])
        self.waiting = WaitingPane()
        self.pages = QStackedWidget()
        self.pages.addWidget(self.waiting)
        self.pages.addWidget(self.canvas)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.pages, 1)
        self._failure = ""
        self.chooser.chosen.connect(self.wanted)
        self.shut.clicked.connect(self.unwanted)
        comparing.changed.connect(self.follow)
        session.trouble.connect(self._trouble)
        self.follow()

    def show_frame(self, shown: ShownFrame | None) -> None:
        """Put a frame onto the second canvas, or none."""
        if shown is None:
            if self.canvas.shown is not None:
                self.canvas.clear()
        elif self.canvas.shown is not shown:
            self.canvas.show_frame(shown)

    def tell_speed(self) -> None:
        """Say how fast it answers now."""
        self.header.tell(self.comparing.model, title_of(self.comparing.model), self.comparing.meter.rates())
        if self.comparing.loading:
            self.waiting.tell_progress(self.comparing.fetches.under_way)

    def follow(self) -> None:
        """Show what there is of the second model now."""
        comparing = self.comparing
        if comparing.model is not None or comparing.loading:
            self._failure = ""
        if comparing.choice != self.chooser.choice:
            self.chooser.show_choice(comparing.choice)
        self.tell_speed()
        self.pages.setCurrentWidget(self.canvas if comparing.model is not None else self.waiting)
        if comparing.model is not None:
            return
        self.show_frame(None)
        asked = name_of(comparing.choice.name) if comparing.choice is not None else ""
        leave: Way = (tr("Compare no more"), self.unwanted.emit)
        if comparing.loading:
            self.waiting.tell(tr("Loading {name}").format(name=asked), "", [leave], busy=True)
        elif self._failure:
            self.waiting.tell(
                tr("{name} does not answer").format(name=asked or tr("The second model")),
                self._failure,
                [*self._again(), *self._offers(), leave],
            )
        else:
            self.waiting.tell(
                tr("Which model shall look at the same frames?"),
                tr("Both then see every frame; boxes tell where they agree and where they differ."),
                [*self._offers(), (tr("Open weights..."), self.chooser.choose_file)],
            )

    def _offers(self) -> list[Way]:
        """A button for each model that does not answer already."""
        busy = {key_of(choice.name) for choice in (self.session.choice, self.comparing.choice) if choice is not None}
        names = [name for name in offered_models(self.settings) if key_of(name) not in busy]
        return [(name_of(name), self._wanting(ModelChoice(name))) for name in names[:OFFERED_AS_BUTTONS]]

    def _again(self) -> list[Way]:
        choice = self.comparing.choice
        return [(tr("Try again"), self._wanting(choice))] if choice is not None else []

    def _wanting(self, choice: ModelChoice) -> Callable[[], None]:
        return lambda: self.wanted.emit(choice)

    def _trouble(self, topic: str, sentence: str) -> None:
        if topic == TOPIC and self.comparing.model is None:
            self._failure = sentence
            self.follow()

    def _thresholds(self, shown: ShownFrame) -> Thresholds:
        """What the second model's raw boxes go by: its own score where the user set none."""
        score = shown.model.info.default_score if shown.model is not None else 0.0
        return self.comparing.thresholds(shown.class_names, score)

"""What is asked for before an analysis begins: which frames, what is made of them, and where it goes."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from gui import settings as keys
from gui.analysis.analysing import Analysing
from gui.analysis.running import Task
from gui.file_chooser import open_folder
from gui.focus_keys import keep_keys
from gui.panels.elided import ElidedLabel
from gui.playback import clock_text
from gui.session import Session
from gui.settings import SettingsStore
from gui.theme import CAPTION, SPACE_S, set_type
from gui.translation import tr
from gui.wording import told_path

EVERY = (1, 2, 5, 10, 30)
RATES = (10.0, 5.0, 1.0)
"""Frames a second."""


class Sheet(QWidget):
    """The choices; `task` makes an order of them. What the model answers with is taken over from the session."""

    def __init__(
        self, analysing: Analysing, session: Session, settings: SettingsStore, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.analysing, self.session, self.settings = analysing, session, settings
        self.model = ElidedLabel()
        self.selection = ElidedLabel()
        for line in (self.model, self.selection):
            set_type(line, CAPTION)
        self.frames = QComboBox()
        self.frames.setAccessibleName(tr("Frames"))
        self.frames.setToolTip(tr("Which frames are looked at; fewer are done sooner"))
        for every in EVERY:
            self.frames.addItem(every_text(every), (every, None))
        for rate in RATES:
            self.frames.addItem(rate_text(rate), (1, rate))
        self.between = QCheckBox()
        self.between.setToolTip(tr("Only what lies between the in and out points of the transport bar"))
        self.track = QCheckBox(tr("Follow objects"))
        self.track.setToolTip(tr("Tell by tracking which detections are one object, and count objects"))
        self.track.setChecked(settings.get(keys.ANALYSIS_TRACK))
        self.track.toggled.connect(lambda on: settings.put(keys.ANALYSIS_TRACK, on))
        self.film = QCheckBox(tr("Annotated video"))
        self.film.setToolTip(tr("Write the video once more, with the boxes drawn in; takes about as long again"))
        self.film.setChecked(settings.get(keys.ANALYSIS_FILM))
        self.film.toggled.connect(lambda on: settings.put(keys.ANALYSIS_FILM, on))
        self.folder = QLineEdit()
        self.folder.setReadOnly(True)
        set_type(self.folder, CAPTION)
        self.change = QPushButton(tr("Change..."))
        self.change.setToolTip(tr("Choose where results go; each source gets a folder of its own there"))
        self.change.clicked.connect(self.choose_folder)
        self._lay_out()
        keep_keys(self.frames, self.between, self.track, self.film, self.folder, self.change)
        analysing.options_changed.connect(self.follow)
        session.selection_changed.connect(self.follow)
        session.model_changed.connect(self.follow)
        self._marks: tuple[int | None, int | None] | None = None
        session.playback_changed.connect(self._follow_marks)
        self.follow()
        self._follow_marks()

    def task(self) -> Task:
        """What is asked for now, of the source that is open.

        Raises:
            OptionError: the marks hold no frame.
        """
        from detector.analysis.order import RunOrder

        session = self.session
        playback, choice, selection = session.playback, session.choice, session.selection
        assert playback.info is not None
        assert choice is not None
        assert session.model is not None
        every, fps = self.frames.currentData()
        names = session.model.info.class_names
        from_s, to_s = self.range_s()
        order = RunOrder(
            model=choice.name,
            size=choice.size,
            precision=choice.precision,
            engine=choice.engine,
            score=selection.score,
            nms_iou=selection.nms_iou,
            classes=tuple(name for name in names if selection.shows(name)) if selection.filters else None,
            every=every,
            fps=fps,
            from_s=from_s,
            to_s=to_s,
        )
        track, film = self.track.isChecked(), self.film.isChecked() and playback.info.kind != "images"
        scene = self.analysing.scene
        return Task(playback.text, playback.info.title, order, self.analysing.root, None, track, film, scene)

    def range_s(self) -> tuple[float, float | None]:
        """From which to which second frames are looked at; the latter one does not count any more."""
        playback = self.session.playback
        fps = (playback.info.fps if playback.info is not None else None) or 1.0
        if not (self.between.isEnabled() and self.between.isChecked()):
            return 0.0, None
        first, last = playback.first or 0, playback.last
        return round(first / fps, 6), None if last is None else round((last + 1) / fps, 6)

    def choose_folder(self) -> None:
        """Let the user choose where results go."""
        open_folder(self, tr("Folder for results"), str(self.analysing.root), self.analysing.set_root)

    def follow(self, _: object = None) -> None:
        """Show what the session would answer with, and where results go."""
        session, root = self.session, self.analysing.root
        model, selection = session.model, session.selection
        self.model.tell(
            tr("{model}, {n} px").format(model=model.info.name, n=model.size) if model is not None else tr("No model")
        )
        names = model.info.class_names if model is not None else ()
        shown = sum(selection.shows(name) for name in names)
        which = tr("all classes") if shown == len(names) else tr("{n} of {all} classes").format(n=shown, all=len(names))
        self.selection.tell(tr("score {score}, {classes}").format(score=f"{selection.score:.2f}", classes=which))
        self.folder.setText(told_path(root))
        self.folder.setCursorPosition(0)
        self.folder.setToolTip(str(root))
        self.folder.setAccessibleName(tr("Results go to {folder}").format(folder=root))
        info = session.playback.info
        self.film.setVisible(info is None or info.kind != "images")

    def _follow_marks(self) -> None:
        playback = self.session.playback
        marks = (playback.first, playback.last) if playback.info is not None else (None, None)
        if marks == self._marks:
            return
        self._marks = marks
        set_ = marks != (None, None)
        self.between.setEnabled(set_)
        self.between.setChecked(set_)
        first = tr("the start") if marks[0] is None else self._place(marks[0])
        last = tr("the end") if marks[1] is None else self._place(marks[1])
        told = tr("Only {first} to {last}").format(first=first, last=last)
        self.between.setText(told if set_ else tr("Only between the marks"))

    def _place(self, index: int) -> str:
        time_s = self.session.playback.time_of(index)
        return tr("frame {n}").format(n=index + 1) if time_s is None else clock_text(time_s)

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(SPACE_S)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow(tr("Model"), self.model)
        form.addRow(tr("Found"), self.selection)
        form.addRow(tr("Frames"), self.frames)
        self.frames.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        place = QHBoxLayout()
        place.setSpacing(SPACE_S)
        place.addWidget(self.folder, 1)
        place.addWidget(self.change)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(SPACE_S)
        rows.addLayout(form)
        for box in (self.between, self.track, self.film):
            rows.addWidget(box)
        rows.addLayout(place)


def every_text(every: int) -> str:
    """Which frames are looked at, by their count."""
    if every == 1:
        return tr("Every frame")
    return tr("Every 2nd frame") if every == 2 else tr("Every {n}th frame").format(n=every)


def rate_text(rate: float) -> str:
    """Which frames are looked at, by their times."""
    return tr("1 frame a second") if rate == 1 else tr("{n} frames a second").format(n=f"{rate:g}")

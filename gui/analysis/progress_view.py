"""How far the analysis is: a bar, the rate, the time that is left, what was found, and the ways to hold or end it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QToolButton, QVBoxLayout, QWidget

from gui.analysis.analysing import Analysing
from gui.focus_keys import keep_keys
from gui.panels.elided import ElidedLabel
from gui.theme import SPACE_S, tabular
from gui.translation import tr

if TYPE_CHECKING:
    from detector.analysis.progress import Progress

MOST_TOLD = 6
"""Classes; the rest is told as a number."""


class ProgressView(QWidget):
    """Hidden while nothing runs."""

    def __init__(self, analysing: Analysing, actions: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.analysing = analysing
        self.title = ElidedLabel()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(tr("Progress of the analysis"))
        self.figures = QLabel()
        self.figures.setFont(tabular(self.font()))
        self.figures.setWordWrap(True)
        self.found = QLabel()
        self.found.setWordWrap(True)
        self.found.setAccessibleName(tr("Found so far"))
        self.pause, self.cancel = QToolButton(), QToolButton()
        row = QHBoxLayout()
        row.setSpacing(SPACE_S)
        for button, name in ((self.pause, "pause_analysis"), (self.cancel, "cancel_analysis")):
            button.setDefaultAction(actions[name])
            row.addWidget(button)
        row.addStretch(1)
        keep_keys(self.pause, self.cancel)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(SPACE_S)
        for part in (self.title, self.bar, self.figures, self.found):
            rows.addWidget(part)
        rows.addLayout(row)
        analysing.run_changed.connect(self.follow)
        analysing.progressed.connect(self.follow)
        self.follow()

    def follow(self) -> None:
        """Show the run as it is."""
        run = self.analysing.run
        self.setVisible(run is not None)
        if run is None:
            return
        progress, making = run.progress, run.making
        name = run.task.title
        if run.stop.is_set():
            self.title.tell(tr("Ending the analysis of {name}").format(name=name))
        elif making is not None:
            self.title.tell(tr("Writing the results of {name}").format(name=name))
        elif run.pause.is_set():
            self.title.tell(tr("The analysis of {name} is held").format(name=name))
        else:
            self.title.tell(tr("Analysing {name}").format(name=name))
        if making is not None:
            self._show_bar(making.done, making.expected)
            self.figures.setText(making.step)
        elif progress is None:
            self._show_bar(0, None)
            self.figures.setText(tr("Looking at the source and loading the model"))
        else:
            self._show_bar(progress.frames, progress.expected)
            self.figures.setText(figures_text(progress, run.pause.is_set()))
        if progress is not None:
            self.found.setText(found_text(progress.counts))
        self.found.setVisible(progress is not None)

    def _show_bar(self, done: int, expected: int | None) -> None:
        # A bar of 0 to 0 tells that nobody knows how long it takes.
        self.bar.setRange(0, max(expected or 0, done if expected else 0))
        self.bar.setValue(done)


def figures_text(progress: Progress, held: bool = False) -> str:
    """`312 of 900 frames, 24.1 a second, 00:24 left`."""
    parts = [
        tr("{n} frames").format(n=f"{progress.frames:,}")
        if progress.expected is None
        else tr("{n} of {all} frames").format(n=f"{progress.frames:,}", all=f"{progress.expected:,}")
    ]
    if not held and progress.frames_per_s:
        parts.append(tr("{n} a second").format(n=f"{progress.frames_per_s:.1f}"))
    if not held and progress.left_s is not None:
        parts.append(tr("{time} left").format(time=left_text(progress.left_s)))
    return ", ".join(parts)


def found_text(counts: Mapping[str, int]) -> str:
    """The classes that were found most often, and how many other ones."""
    if not counts:
        return tr("Nothing found yet")
    most = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    told = [f"{name} {count:,}" for name, count in most[:MOST_TOLD]]
    if len(most) > MOST_TOLD:
        told.append(tr("{n} more classes").format(n=len(most) - MOST_TOLD))
    return ", ".join(told)


def left_text(left_s: float) -> str:
    """`00:24`, with hours in front once there are any."""
    minutes, seconds = divmod(round(left_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes:02d}:{seconds:02d}"

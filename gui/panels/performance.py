"""The performance panel: a live plot of the last minute, a table by part, and what the process uses."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QBoxLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from gui.panels.speed_plot import SpeedPlot
from gui.performance_history import PARTS, SAMPLE_MS, Drawing, PartFigures, PerformanceHistory
from gui.session import Session
from gui.theme import tabular
from gui.themed_icons import icon
from gui.translation import tr

FIGURES_EVERY = 4
"""The table changes once a second, so that it can be read."""
SIDE_BY_SIDE = 560
"""From this width on the figures stand beside the plot."""
LOW = 270
"""So high it opens, in pixels, to leave the frame its room."""


class PerformancePanel(QWidget):
    """Shows a history of speed; does nothing while it cannot be seen.

    Args:
        history: by default one that begins with the panel.
    """

    def __init__(
        self,
        session: Session,
        canvas: Drawing,
        history: PerformanceHistory | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.history = history if history is not None else PerformanceHistory(session, canvas, self)
        self.plot = SpeedPlot()
        self.table = _make_table()
        self.facts = QLabel()
        self.facts.setWordWrap(True)
        self.facts.setFont(tabular(self.font()))
        self.facts.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.facts.setAccessibleName(tr("Frames counted, drops, delay, memory, processor, threads"))
        self.busy = QLabel()
        self.busy.setWordWrap(True)
        self.busy.setAccessibleName(tr("Other programs"))
        self.busy.hide()
        self.copy = QPushButton(icon("copy"), tr("Copy as text"))
        self.copy.setToolTip(tr("Copy the table and the figures below it to the clipboard"))
        self.copy.clicked.connect(self._copy)
        buttons = QHBoxLayout()
        buttons.addWidget(self.copy)
        buttons.addStretch(1)
        figures = QVBoxLayout()
        figures.addWidget(self.table)
        figures.addWidget(self.facts)
        figures.addWidget(self.busy)
        figures.addLayout(buttons)
        figures.addStretch(1)
        self._halves = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._halves.addWidget(self.plot, 3)
        self._halves.addLayout(figures, 2)
        self._ticks = 0
        self.timer = QTimer(self)
        self.timer.timeout.connect(self._tick)
        self.timer.start(SAMPLE_MS)

    def refresh(self) -> None:
        """Show the history as it is now."""
        self.plot.show_samples(tuple(self.history.samples), self.history.clock())
        self._fill_table(self.history.figures())
        self.facts.setText("\n".join(self._facts()))
        self.busy.setText(self.history.busy)
        self.busy.setVisible(bool(self.history.busy))

    def as_text(self) -> str:
        """Table and figures as lines with tabs, to be pasted anywhere."""
        rows = ["\t".join((tr("part"), tr("mean ms"), tr("95 % ms"), tr("max ms")))]
        rows += [f"{f.part}\t{f.mean_ms:.1f}\t{f.most_ms:.1f}\t{f.max_ms:.1f}" for f in self.history.figures()]
        return "\n".join([*rows, *self._facts(), *filter(None, [self.history.busy])])

    def sizeHint(self) -> QSize:
        return QSize(SIDE_BY_SIDE, LOW)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = event.size().width() >= SIDE_BY_SIDE
        # Below the frame there is width and no height; beside it the other way round.
        direction = QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        if self._halves.direction() != direction:
            self._halves.setDirection(direction)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def _tick(self) -> None:
        if not self.isVisible() or self.window().isMinimized():
            return
        self._ticks += 1
        if self._ticks % FIGURES_EVERY == 0:
            self.refresh()
        else:
            self.plot.show_samples(tuple(self.history.samples), self.history.clock())

    def _fill_table(self, figures: list[PartFigures]) -> None:
        known = {f.part: (f.mean_ms, f.most_ms, f.max_ms) for f in figures}
        for row, part in enumerate(PARTS):
            for column in range(3):
                item = self.table.item(row, column)
                if item is not None:
                    item.setText(f"{known[part][column]:.1f}" if part in known else "-")

    def _facts(self) -> list[str]:
        if not self.history.samples:
            return []
        last = self.history.samples[-1]
        rate = tr("{rate:.1f} FPS").format(rate=last.frames_per_s) if last.frames_per_s is not None else tr("paused")
        counted = tr("{rate}, {frames} frames in the last minute, {n} dropped").format(
            rate=rate, frames=self.history.frames_counted, n=last.dropped
        )
        # Only what is live can be late.
        delay = tr("{s:.2f} s late").format(s=last.delay_s) if last.delay_s else ""
        return [
            ", ".join(text for text in (counted, delay) if text),
            tr("{mb:.0f} MB of memory, {cpu:.0f} % of a core, {threads} threads").format(
                mb=last.memory_mb, cpu=last.cpu_percent, threads=last.threads
            ),
        ]

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.as_text())


def _make_table() -> QTableWidget:
    table = QTableWidget(len(PARTS), 3)
    table.setAccessibleName(tr("Milliseconds a frame by part over the last minute"))
    heads = (
        (tr("mean ms"), tr("The mean")),
        (tr("95 % ms"), tr("95 of 100 frames took no longer")),
        (tr("max ms"), tr("The longest that a frame took")),
    )
    for column, head in enumerate(heads):
        table.setHorizontalHeaderItem(column, _head(*head))
    part_tips = {
        "read": tr("Reading and decoding the frame"),
        "prep": tr("Preparing: scaling the frame to the network's input"),
        "net": tr("The network"),
        "post": tr("After the network: reading its outputs, thresholds and NMS"),
        "draw": tr("Painting the frame with its boxes"),
    }
    for row, part in enumerate(PARTS):
        table.setVerticalHeaderItem(row, _head(part, part_tips[part]))
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
    table.setTabKeyNavigation(False)
    table.setFont(tabular(table.font()))
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
    table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    for row in range(len(PARTS)):
        for column in range(3):
            item = QTableWidgetItem("-")
            item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            table.setItem(row, column, item)
    table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    rows = sum(table.rowHeight(row) for row in range(len(PARTS)))
    table.setFixedHeight(table.horizontalHeader().sizeHint().height() + rows + 2 * table.frameWidth())
    return table


def _head(text: str, tip: str) -> QTableWidgetItem:
    head = QTableWidgetItem(text)
    head.setToolTip(tip)
    return head

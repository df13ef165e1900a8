"""The comparison panel: where two models agree on this frame and over the run, by class, and what each costs."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QBoxLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QSizePolicy,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from detector.comparison import ComparisonTotals, FrameComparison
from gui.compare.facts import model_rows, short_names
from gui.comparing import Comparing
from gui.focus_keys import keep_keys
from gui.session import Session
from gui.theme import SPACE_M, tabular
from gui.themed_icons import icon
from gui.translation import tr

REFRESH_MS = 300
"""Figures change no faster than they can be read."""
USUAL_WH = (620, 250)
NAME_LETTERS = 22
"""A longer name of a row is cut in the middle: the figures have to be whole."""
WIDEST_HEAD = 90
LEAST_HEIGHT = 90
MOST_LINES = 12
"""Of a table with more lines so many are seen at once where the tables stand below each other."""
Row = tuple[str, ...]


def count_rows(comparison: FrameComparison | None, totals: ComparisonTotals, names: Sequence[str]) -> list[Row]:
    """Name, this frame, the run; "-" where there is nothing to tell."""
    frame: tuple[int | None, ...] = (None,) * 4
    iou = difference = None
    if comparison is not None:
        counts = (len(comparison.only_first), len(comparison.only_second))
        frame = (comparison.agree_count, *counts, comparison.differ_count)
        if comparison.agree_count:
            agree = comparison.same_label
            iou = float(comparison.ious[agree].mean())
            difference = float(comparison.score_differences[agree].mean())
    run = (totals.agree, totals.only_first, totals.only_second, totals.labels_differ)
    words = (
        tr("agree"),
        tr("only {model}").format(model=names[0]),
        tr("only {model}").format(model=names[1]),
        tr("labels differ"),
    )
    rows: list[Row] = [
        (word, "-" if now is None else str(now), str(summed))
        for word, now, summed in zip(words, frame, run, strict=True)
    ]
    rows.append((tr("mean IoU"), _figure(iou, "{:.3f}"), _figure(totals.mean_iou, "{:.3f}")))
    scores = (_figure(difference, "{:+.3f}"), _figure(totals.mean_score_difference, "{:+.3f}"))
    rows.append((tr("score difference"), *scores))
    rows.append((tr("frames"), "-" if comparison is None else "1", str(totals.frames)))
    return rows


def class_rows(totals: ComparisonTotals) -> list[Row]:
    """Class name and over the run: agree, only first, only second, labels differ on either side."""
    return [
        (
            name,
            str(counts.agree),
            str(counts.only_first),
            str(counts.only_second),
            str(counts.differ_first + counts.differ_second),
        )
        for name, counts in totals.per_class.items()
    ]


class ComparisonPanel(QWidget):
    """Does nothing while it cannot be seen."""

    def __init__(self, comparing: Comparing, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.comparing, self.session = comparing, session
        self.state = QLabel()
        self.state.setWordWrap(True)
        self.counts = _table(tr("Where the two models agree"))
        self.counts.setToolTip(
            tr("Agreement, with mean IoU and mean score difference (first minus second) of what agrees")
        )
        self.models = _table(tr("What the two models cost"))
        self.classes = _table(tr("Agreement by class over the run"), 44)
        self.classes.setToolTip(
            tr("Over the run, by class: both agree, only the first, only the second, the other model says otherwise")
        )
        self.reset = QPushButton(icon("reset"), tr("Count anew"))
        self.reset.setToolTip(tr("Let the counts of the run begin again at nothing"))
        self.reset.clicked.connect(comparing.reset_totals)
        self.copy = QPushButton(icon("copy"), tr("Copy as TSV"))
        self.copy.setToolTip(tr("Copy all three tables, with tabs between the columns as spreadsheets take them"))
        self.copy.clicked.connect(self._copy)
        keep_keys(self.counts, self.models, self.classes, self.reset, self.copy)
        buttons = QHBoxLayout()
        buttons.addWidget(self.state, 1)
        buttons.addWidget(self.reset)
        buttons.addWidget(self.copy)
        self._tables = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._tables.setSpacing(SPACE_M)
        for table in (self.counts, self.models, self.classes):
            self._tables.addWidget(table, 1)
        layout = QVBoxLayout(self)
        layout.addLayout(self._tables, 1)
        self._margin = layout.contentsMargins().left()
        layout.addLayout(buttons)
        self.timer = QTimer(self)
        self.timer.setSingleShot(True)
        self.timer.setInterval(REFRESH_MS)
        self.timer.timeout.connect(self.refresh)
        comparing.shown.connect(self._soon)
        comparing.changed.connect(self._soon)
        comparing.totals_changed.connect(self._soon)
        session.model_changed.connect(self._soon)

    def refresh(self) -> None:
        """Show everything as it is now."""
        comparing, names = self.comparing, self._names()
        current = comparing.current
        comparison = current.comparison if current is not None else None
        _fill(self.counts, [tr("frame"), tr("run")], count_rows(comparison, comparing.totals, names))
        _fill(self.models, [names[0], names[1]], self._model_rows())
        heads = [tr("agree"), tr("1st"), tr("2nd"), tr("differ")]
        _fill(self.classes, heads, class_rows(comparing.totals))
        self._arrange()
        self.state.setText(self._state())
        self.reset.setEnabled(comparing.totals.frames > 0)

    def as_tsv(self) -> str:
        """The three tables as lines with tabs, an empty line between them."""
        names, current = self._names(), self.comparing.current
        comparison = current.comparison if current is not None else None
        tables: list[list[Row]] = [
            [("", tr("this frame"), tr("the run")), *count_rows(comparison, self.comparing.totals, names)],
            [("", *names), *self._model_rows()],
            [
                (tr("class"), tr("agree"), tr("only first"), tr("only second"), tr("labels differ")),
                *class_rows(self.comparing.totals),
            ],
        ]
        return "\n".join("".join("\t".join(row) + "\n" for row in table) for table in tables)

    def sizeHint(self) -> QSize:
        return QSize(*USUAL_WH)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """Side by side where each can be seen in its whole width, each as wide as it needs; else below each other."""
        needs = [_need(table) for table in (self.counts, self.models, self.classes)]
        wide = sum(needs) + 2 * SPACE_M <= self.contentsRect().width() - 2 * self._margin
        direction = QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        if self._tables.direction() != direction:
            self._tables.setDirection(direction)
        for place, need in enumerate(needs):
            self._tables.setStretch(place, need if wide else 1)
        for table in (self.counts, self.models, self.classes):
            # Below each other the panel is scrolled as a whole, and not each table in a slit of its own.
            table.setMinimumHeight(LEAST_HEIGHT if wide else max(LEAST_HEIGHT, _whole_height(table)))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def _soon(self, *_: object) -> None:
        if self.isVisible() and not self.timer.isActive():
            self.timer.start()

    def _names(self) -> tuple[str, str]:
        return short_names(self.session.model, self.comparing.model)

    def _model_rows(self) -> list[Row]:
        first = model_rows(self.session.model, self.session.bridge.meter.rates())
        second = model_rows(self.comparing.model, self.comparing.meter.rates())
        return [(name, one, other) for (name, one), (_, other) in zip(first, second, strict=True)]

    def _state(self) -> str:
        if not self.comparing.active:
            return tr("Only one model runs. Compare (C) sets a second one beside it.")
        if self.comparing.note:
            return self.comparing.note
        current = self.comparing.current
        if current is not None and current.second is not None and current.comparison is None:
            return tr("The two models look at different frames; only the same ones are compared.")
        return ""

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.as_tsv())


def _figure(value: float | None, form: str) -> str:
    return "-" if value is None else form.format(value)


def _table(name: str, least_px: int = 54) -> QTableWidget:
    table = QTableWidget()
    table.setAccessibleName(name)
    table.setToolTip(name)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setTabKeyNavigation(False)
    table.setWordWrap(False)
    table.setFont(tabular(table.font()))
    table.horizontalHeader().setTextElideMode(Qt.TextElideMode.ElideMiddle)
    table.horizontalHeader().setMinimumSectionSize(least_px)
    table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    names = table.verticalHeader()
    names.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    names.setTextElideMode(Qt.TextElideMode.ElideMiddle)
    names.setMaximumWidth(NAME_LETTERS * names.fontMetrics().averageCharWidth())
    table.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
    table.setMinimumSize(180, LEAST_HEIGHT)
    return table


def _need(table: QTableWidget) -> int:
    """How wide a table has to be for every figure to be whole, with a scroll bar beside them."""
    head, names, columns = table.horizontalHeader(), table.verticalHeader(), range(table.columnCount())
    heads = [min(head.sectionSizeHint(column), WIDEST_HEAD) for column in columns]
    # All columns are equally wide.
    widest = max((head.minimumSectionSize(), *heads, *map(table.sizeHintForColumn, columns)))
    bar = table.verticalScrollBar().sizeHint().width()
    named = min(names.sizeHint().width(), names.maximumWidth())
    return named + len(columns) * widest + bar + 2 * table.frameWidth()


def _whole_height(table: QTableWidget) -> int:
    """How high a table has to be for all its lines, up to MOST_LINES, to be seen."""
    lines = min(table.rowCount(), MOST_LINES)
    return table.horizontalHeader().sizeHint().height() + lines * table.rowHeight(0) + 2 * table.frameWidth()


def _fill(table: QTableWidget, heads: Sequence[str], rows: Sequence[Row]) -> None:
    """Show these rows, each with its name first; cells that stay the same are left alone."""
    if table.columnCount() != len(heads):
        table.setColumnCount(len(heads))
        table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
    table.setHorizontalHeaderLabels(list(heads))
    table.setRowCount(len(rows))
    table.setVerticalHeaderLabels([row[0] for row in rows])
    for place, row in enumerate(rows):
        if (name := table.verticalHeaderItem(place)) is not None:
            name.setToolTip(row[0])
        for column, text in enumerate(row[1:]):
            item = table.item(place, column)
            if item is None:
                item = QTableWidgetItem()
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                table.setItem(place, column, item)
            if item.text() != text:
                item.setText(text)

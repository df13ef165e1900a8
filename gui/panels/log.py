"""The log panel: the newest records, by level and by text."""

from __future__ import annotations

import logging
from itertools import groupby

from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QHideEvent, QShowEvent, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from gui.focus_keys import keep_keys
from gui.log_store import KEPT, LogLine, LogStore
from gui.theme import theme_colours
from gui.themed_icons import icon
from gui.translation import tr

LEVELS = ((logging.INFO, "Everything"), (logging.WARNING, "Warnings and errors"), (logging.ERROR, "Errors"))
FLOOD = 100
"""So many new records at once are a flood."""
CALM_MS = 400
"""After a flood the panel waits so long before it shows all that is kept."""


def style_of(level: int) -> QTextCharFormat:
    """Warnings and errors stand out; the text names the level, too."""
    style = QTextCharFormat()
    if level >= logging.WARNING:
        style.setForeground(theme_colours().bad if level >= logging.ERROR else theme_colours().warning)
    return style


class LogPanel(QWidget):
    """Shows what a LogStore keeps; reads it only while it can be seen, and follows the end while it stands there.

    Signals: `warnings_changed` how many warnings and errors came since the panel was last seen; for its action.
    """

    warnings_changed = Signal(int)

    def __init__(self, store: LogStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.store = store
        self._seen = -1
        self._shown_to = -1
        self._warnings = 0
        self._calm = QTimer(self)
        self._calm.setSingleShot(True)
        self._calm.setInterval(CALM_MS)
        self._calm.timeout.connect(self._show_again)
        self.level = QComboBox()
        self.level.setAccessibleName(tr("Which records"))
        self.level.setToolTip(tr("Show records from this level on"))
        for level, text in LEVELS:
            self.level.addItem(tr(text), level)
        keep_keys(self.level)
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Search"))
        self.search.setAccessibleName(tr("Search the log"))
        self.search.setToolTip(tr("Show only records with this text"))
        self.search.setClearButtonEnabled(True)
        self.copy = QPushButton(icon("copy"), tr("Copy all"))
        self.copy.setToolTip(tr("Copy the records shown to the clipboard"))
        self.clear = QPushButton(tr("Clear"))
        self.clear.setToolTip(tr("Forget all records until now"))
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setAccessibleName(tr("Log records"))
        self.text.setPlaceholderText(tr("Nothing has been logged."))
        self.text.setMaximumBlockCount(KEPT)
        self.text.setTabChangesFocus(True)
        above, below = QHBoxLayout(), QHBoxLayout()
        above.addWidget(self.level)
        above.addWidget(self.search, 1)
        for widget in (self.copy, self.clear):
            below.addWidget(widget)
        below.addStretch(1)
        layout = QVBoxLayout(self)
        layout.addLayout(above)
        layout.addWidget(self.text, 1)
        layout.addLayout(below)
        self.level.currentIndexChanged.connect(self._show_again)
        self.search.textChanged.connect(self._show_again)
        self.copy.clicked.connect(self._copy)
        self.clear.clicked.connect(self._clear)
        store.news.changed.connect(self._on_news)
        self._on_news()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_again()
        self._count()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._calm.stop()
        self._mark_seen()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self.isVisible():
            self._show_again()

    def _on_news(self) -> None:
        if self.isVisible():
            self._show_new()
            self._mark_seen()
        self._count()

    def _mark_seen(self) -> None:
        lines = self.store.lines(self._seen)
        self._seen = lines[-1].number if lines else self._seen

    def _count(self) -> None:
        unseen = 0 if self.isVisible() else sum(line.level >= logging.WARNING for line in self.store.lines(self._seen))
        if unseen != self._warnings:
            self._warnings = unseen
            self.warnings_changed.emit(unseen)

    def _show_again(self) -> None:
        """Show everything that is kept and wanted."""
        self._calm.stop()
        kept = self.store.lines()
        self._shown_to = kept[-1].number if kept else -1
        self.text.clear()
        self._append([line for line in kept if self._wants(line)])
        bar = self.text.verticalScrollBar()
        bar.setValue(bar.maximum())

    def _show_new(self) -> None:
        """Add what is new. The text lets go of its oldest lines by itself."""
        fresh = self.store.lines(self._shown_to)
        if not fresh:
            return
        self._shown_to = fresh[-1].number
        wanted = [line for line in fresh if self._wants(line)]
        if len(wanted) > FLOOD:
            # While it pours, the newest are enough: all of them take as long as several frames.
            self.text.clear()
            self._append(wanted[-FLOOD:])
            self._calm.start()
            return
        bar = self.text.verticalScrollBar()
        at_end, place = bar.value() >= bar.maximum() - 1, bar.value()
        self._append(wanted)
        bar.setValue(bar.maximum() if at_end else place)

    def _append(self, lines: list[LogLine]) -> None:
        cursor = QTextCursor(self.text.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.beginEditBlock()
        if lines and not self.text.document().isEmpty():
            cursor.insertBlock()
        for number, (level, run) in enumerate(groupby(lines, key=lambda line: min(line.level, logging.ERROR))):
            # A line separator keeps a record of several lines in one block, so that blocks can be counted.
            text = "\n".join(line.as_text().replace("\n", "\u2028") for line in run)
            cursor.insertText(f"\n{text}" if number else text, style_of(level))
        cursor.endEditBlock()

    def _wants(self, line: LogLine) -> bool:
        looked_for = self.search.text().casefold()
        return line.level >= self.level.currentData() and (not looked_for or looked_for in line.as_text().casefold())

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())

    def _clear(self) -> None:
        self.store.clear()
        self._show_again()

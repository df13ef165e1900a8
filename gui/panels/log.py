"""The log panel: the newest records, by level and by text."""

from __future__ import annotations

import logging

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QGuiApplication, QHideEvent, QShowEvent, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from gui.log_store import KEPT, LogLine, LogStore
from gui.theme import theme_colours
from gui.themed_icons import icon
from gui.translation import tr

LEVELS = ((logging.INFO, "Everything"), (logging.WARNING, "Warnings and errors"), (logging.ERROR, "Errors"))


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
        self.level = QComboBox()
        self.level.setAccessibleName(tr("Which records"))
        self.level.setToolTip(tr("Show records from this level on"))
        for level, text in LEVELS:
            self.level.addItem(tr(text), level)
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
        self.text.clear()
        self._shown_to = -1
        self._show_new()

    def _show_new(self) -> None:
        """Add what is new. The text lets go of its oldest lines by itself."""
        fresh = self.store.lines(self._shown_to)
        if not fresh:
            return
        self._shown_to = fresh[-1].number
        bar = self.text.verticalScrollBar()
        at_end, place = bar.value() >= bar.maximum() - 1, bar.value()
        self._append([line for line in fresh if self._wants(line)])
        bar.setValue(bar.maximum() if at_end else place)

    def _append(self, lines: list[LogLine]) -> None:
        colours = theme_colours()
        cursor = QTextCursor(self.text.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.beginEditBlock()
        for line in lines:
            if not self.text.document().isEmpty():
                cursor.insertBlock()
            style = QTextCharFormat()
            if line.level >= logging.WARNING:
                style.setForeground(colours.bad if line.level >= logging.ERROR else colours.warning)
            # A line separator keeps a record of several lines in one block, so that blocks can be counted.
            cursor.insertText(line.as_text().replace("\n", "\u2028"), style)
        cursor.endEditBlock()

    def _wants(self, line: LogLine) -> bool:
        return line.level >= self.level.currentData() and self.search.text().casefold() in line.as_text().casefold()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())

    def _clear(self) -> None:
        self.store.clear()
        self._show_again()

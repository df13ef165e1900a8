"""The report panel: gathers what a maintainer has to know, shows it, and lets it be copied or saved."""

from __future__ import annotations

import platform
import sys
from collections import deque
from dataclasses import replace
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from PySide6.QtCore import QDir, qVersion
from PySide6.QtGui import QFontDatabase, QGuiApplication, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from detector import machine
from detector.errors import OutputError
from detector.files import write_atomically
from detector.report import LOG_LINES, ModelFacts, RateFacts, ReportFacts, SourceFacts, report_text
from gui.background import Background
from gui.file_chooser import save_file
from gui.log_store import LogStore
from gui.performance_history import PARTS, Drawing
from gui.session import Session
from gui.settings import SCHEMA, SettingsStore
from gui.themed_icons import icon
from gui.translation import tr

REMEMBERED = 20
"""How many sources' texts are kept out of the report's log lines."""
FILE_NAME = "looktwice-report.md"


def gather(session: Session, canvas: Drawing, log: LogStore, settings: SettingsStore) -> ReportFacts:
    """What the window knows. In the GUI thread; quick: what has to be looked up is added by `write_report`."""
    info, model, rates = session.playback.info, session.model, session.bridge.meter.rates()
    times = rates.times
    parts_s = (times.read_s, times.prepare_s, times.network_s, times.post_s + session.select_s, canvas.draw_s)
    return ReportFacts(
        day=machine.today(),
        versions={},
        hardware="",
        system="",
        display=display_text(),
        source=SourceFacts(info.kind, info.live, info.size_wh, info.fps, info.frame_count) if info else None,
        model=ModelFacts(model.info.name, model.engine, model.precision, model.device, model.size) if model else None,
        rates=RateFacts(
            rates.frames_per_s,
            {part: 1e3 * part_s for part, part_s in zip(PARTS, parts_s, strict=True)},
            session.dropped,
            session.delay_s,
        ),
        settings=changed_settings(settings),
        log=[line.as_text() for line in log.lines()[-LOG_LINES:]],
    )


def write_report(facts: ReportFacts, private: tuple[str, ...]) -> str:
    """The report, with versions and hardware looked up. Not in the GUI thread: reads files."""
    whole = replace(
        facts,
        versions={**machine.versions(), "Qt": qVersion()},
        hardware=machine.hardware(),
        system=f"{platform.system()} {platform.release()}, {platform.machine()}",
        private=private,
    )
    return report_text(whole)


def display_text() -> str:
    """Qt's platform and the size and scale of each screen."""
    screens = [
        f"{screen.size().width()} x {screen.size().height()} at {screen.devicePixelRatio():g}"
        for screen in QGuiApplication.screens()
    ]
    return f"{QGuiApplication.platformName()} on {sys.platform}, {', '.join(screens) or 'no screen'}"


def changed_settings(settings: SettingsStore) -> dict[str, str]:
    """Settings that differ from their default; free texts are not told, for they may hold paths and addresses."""
    changed = {}
    for setting in SCHEMA:
        value = settings.get(setting)
        if value != setting.default:
            free = isinstance(setting.default, str) and not setting.choices
            changed[setting.key] = "(changed)" if free else str(value)
    return changed


def private_texts(source: str) -> tuple[str, ...]:
    """What of a source's text must not be told: an address and its host; a file's whole path and its folder."""
    if "://" in source:
        try:
            host = urlsplit(source.strip()).hostname
        except ValueError:
            host = None
        return (source, host) if host else (source,)
    path = Path(source)
    if len(path.parts) < 2:
        return ()
    folder = path.parent
    return (source, str(path), str(folder)) if len(folder.parts) > 1 else (source, str(path))


class ReportPanel(QWidget):
    """Makes a report whenever it is opened. It is sent nowhere; what is shown is what is copied and saved."""

    def __init__(
        self,
        session: Session,
        canvas: Drawing,
        log: LogStore,
        settings: SettingsStore,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.session, self.canvas, self.log, self.settings = session, canvas, log, settings
        self._private: deque[str] = deque(maxlen=3 * REMEMBERED)
        self._background = Background("report", self)
        told = QLabel(
            tr("For an issue: what ran where, how fast, and the log. Nothing is sent; read it, then copy it.")
        )
        told.setWordWrap(True)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setAccessibleName(tr("Report"))
        self.copy = QPushButton(icon("copy"), tr("Copy"))
        self.copy.setToolTip(tr("Copy the report to the clipboard"))
        self.save = QPushButton(tr("Save..."))
        self.save.setToolTip(tr("Save the report as a Markdown file"))
        self.again = QPushButton(icon("reset"), tr("Make anew"))
        self.again.setToolTip(tr("Gather everything again, as it is now"))
        self.told = QLabel()
        self.told.setWordWrap(True)
        self.copy.clicked.connect(self._copy)
        self.save.clicked.connect(self._choose_file)
        self.again.clicked.connect(self.refresh)
        buttons = QHBoxLayout()
        for button in (self.copy, self.save, self.again):
            buttons.addWidget(button)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.addWidget(told)
        layout.addWidget(self.text, 1)
        layout.addLayout(buttons)
        layout.addWidget(self.told)
        self._enable(False)
        # A source that cannot be opened stands in the log, too.
        session.source_opening.connect(self._remember_asked)

    def refresh(self) -> None:
        """Gather and write a new report; it is shown when it is there."""
        self._enable(False)
        self.told.setText("")
        facts = gather(self.session, self.canvas, self.log, self.settings)
        self._background.run(partial(write_report, facts, tuple(self._private)), self._show)

    def save_to(self, path: Path) -> None:
        """Save what is shown; how it went is told below."""
        self._background.run(
            partial(write_atomically, path, self.text.toPlainText().encode()),
            lambda _: self.told.setText(tr("Saved {path}").format(path=path)),
            lambda error: self._failed(path, error),
        )

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not event.spontaneous():
            self.refresh()

    def _show(self, text: str) -> None:
        self.text.setPlainText(text)
        self._enable(True)

    def _enable(self, there: bool) -> None:
        self.copy.setEnabled(there)
        self.save.setEnabled(there)

    def _remember_asked(self) -> None:
        fresh = private_texts(self.session.asked)
        self._private.extend(text for text in fresh if text not in self._private)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())
        self.told.setText(tr("Copied"))

    def _choose_file(self) -> None:
        save_file(self, tr("Save the report"), QDir.homePath(), FILE_NAME, [tr("Markdown (*.md)")], self.save_to)

    def _failed(self, path: Path, error: Exception) -> None:
        if not isinstance(error, OutputError):
            raise error
        self.told.setText(tr("The report could not be saved as {path}: {error}").format(path=path, error=error))

"""The newest log records in memory, for the log panel and the report. Bounded; without passwords."""

from __future__ import annotations

import contextlib
import itertools
import logging
import re
import threading
import time
from collections import deque
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from detector.redaction import redact

KEPT = 1000
LONGEST = 6_000
"""Characters of one record; what is longer is cut."""
NEWS_MS = 150
POINTERS = re.compile(r"^[ \t]*[~^]+[ \t~^]*\n", re.MULTILINE)
"""Lines of a traceback that point at letters above; they point nowhere in a font of varying width."""
OWN = ("detector", "gui", "qt")
"""Loggers that tell more than warnings here."""


@dataclass(frozen=True)
class LogLine:
    """One record as it may be shown. number counts up from 0, time_s from the epoch; level as in `logging`."""

    number: int
    time_s: float
    level: int
    logger: str
    text: str

    @property
    def level_name(self) -> str:
        return logging.getLevelName(self.level)

    def as_text(self) -> str:
        """One line, more where the record is longer: time, level, logger, text."""
        clock = time.strftime("%H:%M:%S", time.localtime(self.time_s))
        return f"{clock} {self.level_name} {self.logger}: {self.text}"


class LogNews(QObject):
    """Tells the GUI thread that there are new records: seldom, however many come."""

    changed = Signal()
    _came = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._announced = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(NEWS_MS)
        self._timer.timeout.connect(self._tell)
        self._came.connect(self._timer.start, Qt.ConnectionType.QueuedConnection)

    def announce(self) -> None:
        """From any thread; `changed` follows in the GUI thread."""
        if not self._announced:
            self._announced = True
            # Qt may have deleted this object at the program's end; nobody waits for the news then.
            with contextlib.suppress(RuntimeError):
                self._came.emit()

    def _tell(self) -> None:
        # Before the listeners look, so that what comes while they do is told again.
        self._announced = False
        self.changed.emit()


class LogStore(logging.Handler):
    """Keeps the newest `kept` records, from every thread. `news.changed` tells the GUI thread of new ones."""

    def __init__(self, kept: int = KEPT) -> None:
        super().__init__(logging.INFO)
        self.news = LogNews()
        self._lines: deque[LogLine] = deque(maxlen=kept)
        self._numbers = itertools.count()
        self._guard = threading.Lock()
        self._formatter = logging.Formatter("%(message)s")
        self._levels_before: dict[str, int] = {}

    def emit(self, record: logging.LogRecord) -> None:
        try:
            text = redact(POINTERS.sub("", self._formatter.format(record)))
        except Exception:
            # As every handler of `logging` does: a broken record is told on standard error and stops nobody.
            self.handleError(record)
            return
        if len(text) > LONGEST:
            text = f"{text[:LONGEST]} ... ({len(text) - LONGEST} more characters)"
        with self._guard:
            self._lines.append(LogLine(next(self._numbers), record.created, record.levelno, record.name, text))
        self.news.announce()

    def lines(self, after: int = -1) -> list[LogLine]:
        """What is kept, the oldest first; only what has a higher number than `after`."""
        with self._guard:
            if not self._lines or self._lines[-1].number <= after:
                return []
            wanted = min(self._lines[-1].number - after, len(self._lines))
            return list(itertools.islice(self._lines, len(self._lines) - wanted, None))

    def warnings(self) -> int:
        """How many of the kept records are warnings or worse."""
        with self._guard:
            return sum(line.level >= logging.WARNING for line in self._lines)

    def clear(self) -> None:
        with self._guard:
            self._lines.clear()
        self.news.announce()

    def install(self) -> None:
        """Listen to all of Python's logging from now on. What else prints it goes on as before."""
        root = logging.getLogger()
        for handler in root.handlers:
            handler.setLevel(max(handler.level, root.level))
        for name in OWN:
            logger = logging.getLogger(name)
            self._levels_before[name] = logger.level
            logger.setLevel(logging.INFO)
        root.addHandler(self)

    def uninstall(self) -> None:
        """Stop listening; what is kept stays."""
        logging.getLogger().removeHandler(self)
        for name, level in self._levels_before.items():
            logging.getLogger(name).setLevel(level)
        self._levels_before.clear()

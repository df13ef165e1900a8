"""Qt's own messages go to Python's log, so that there is one place to read."""

from __future__ import annotations

import logging
from collections.abc import Callable

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

log = logging.getLogger("qt")

LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
# Said by the offscreen platform at every window; nothing follows from it.
HARMLESS = "This plugin does not support propagateSizeHints()"


def hand_over(kind: QtMsgType, _context: QMessageLogContext, message: str) -> None:
    """Log one message of Qt's at its own level."""
    log.log(logging.DEBUG if message == HARMLESS else LEVELS[kind], "%s", message)


def route_qt_messages() -> Callable[[], None]:
    """Hand over from now on. Returns what ends it: Qt must not call Python any more when the interpreter is gone."""
    before = qInstallMessageHandler(hand_over)

    def end() -> None:
        qInstallMessageHandler(before)

    return end

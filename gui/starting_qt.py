"""Making the application, where Qt would end the process because it can open no window."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QLibraryInfo, QMessageLogContext, QtMsgType, qInstallMessageHandler

from gui.messages import hand_over
from gui.platform_trouble import NO_PLATFORM, sentence_of

CODE = 2


@contextmanager
def told_where_qt_gives_up() -> Iterator[None]:
    """While the application is made: where Qt would abort, say why in one sentence and end the process with code 2.

    What Qt says of one platform on its way to another that works goes to the log afterwards.
    """
    said: list[tuple[QtMsgType, QMessageLogContext, str]] = []

    def hear(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
        if kind != QtMsgType.QtFatalMsg:
            said.append((kind, context, message))
        elif NO_PLATFORM in message:
            plugins = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath))
            leave(sentence_of([words for _, _, words in said], plugins))
        else:
            hand_over(kind, context, message)

    before = qInstallMessageHandler(hear)
    try:
        yield
    finally:
        qInstallMessageHandler(before)
        for kind, context, message in said:
            hand_over(kind, context, message)


def leave(sentence: str) -> None:
    """End the process: when this is called Qt is about to abort it, and nobody can be handed an exception."""
    print(f"looktwice: {sentence}", file=sys.stderr, flush=True)
    logging.shutdown()
    os._exit(CODE)

"""Exceptions that nobody handled: into the log with their traceback, and one sentence for the banner."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable
from types import TracebackType

from PySide6.QtCore import QObject, Signal

from gui.translation import tr

log = logging.getLogger(__name__)

Hook = Callable[[type[BaseException], BaseException, TracebackType | None], object]
ThreadHook = Callable[[threading.ExceptHookArgs], object]
LONGEST = 200


class ExceptionGuard(QObject):
    """While installed, an exception in a slot or a thread is logged and told, and the window goes on.

    Signals: `went_wrong` one sentence, in the GUI thread.
    """

    went_wrong = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._hook_before: Hook | None = None
        self._thread_hook_before: ThreadHook | None = None

    def install(self) -> None:
        """Take over from whatever handled unhandled exceptions until now."""
        if self._hook_before is None:
            self._hook_before, self._thread_hook_before = sys.excepthook, threading.excepthook
            sys.excepthook, threading.excepthook = self._on_exception, self._on_thread

    def uninstall(self) -> None:
        """Give back to whatever handled them before."""
        if self._hook_before is not None and self._thread_hook_before is not None:
            sys.excepthook, threading.excepthook = self._hook_before, self._thread_hook_before
            self._hook_before = self._thread_hook_before = None

    def _on_exception(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not isinstance(error, Exception):
            # Ctrl-C and the end of the program are meant.
            if self._hook_before is not None:
                self._hook_before(kind, error, trace)
            return
        log.critical("not handled", exc_info=(kind, error, trace))
        self.went_wrong.emit(sentence_for(error))

    def _on_thread(self, args: threading.ExceptHookArgs) -> None:
        error = args.exc_value
        if not isinstance(error, Exception):
            if self._thread_hook_before is not None:
                self._thread_hook_before(args)
            return
        name = args.thread.name if args.thread is not None else "?"
        log.critical("not handled in the thread %s", name, exc_info=(args.exc_type, error, args.exc_traceback))
        # From another thread Qt queues it.
        self.went_wrong.emit(sentence_for(error))


def sentence_for(error: Exception) -> str:
    """What the banner says of an exception that is a mistake of this program."""
    first_line = str(error).strip().partition("\n")[0][:LONGEST]
    what = f"{type(error).__name__}: {first_line}" if first_line else type(error).__name__
    return tr("Something went wrong inside Looktwice: {what}; the report in the menu Application tells more.").format(
        what=what.rstrip(".")
    )

"""The door: `python main.py` opens the window, `python main.py COMMAND` runs a command. Composes, nothing else."""

from __future__ import annotations

import atexit
import logging
import os
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

from detector.commands.dispatch import COMMANDS, refuse_command, run_command

GRACE_S = 0.5


def run() -> NoReturn:
    """Run Looktwice with the command line's words and end the process."""
    leave(main())


def leave(code: int) -> NoReturn:
    """End the process with `code`.

    A thread that was left behind may be anywhere in a native library, loading a model or reading a device. While the
    interpreter is taken down around it, it would crash; so where one is left, the process ends as it stands.

    So it does where a window was open, once everything that wants to be told of the end has been: files are closed and
    settings written by then, and to take torch down piece by piece would keep the process for seconds that the window
    is gone, in which whoever starts the next one meets a busy machine.
    """
    until_s = time.monotonic() + GRACE_S
    others = [thread for thread in threading.enumerate() if thread is not threading.current_thread()]
    for thread in others:
        # Of a thread that a library made, Python does not know the end.
        with suppress(RuntimeError):
            thread.join(max(0.0, until_s - time.monotonic()))
    left = [thread for thread in others if thread.is_alive()]
    if all(thread.daemon for thread in left) and (left or "PySide6.QtWidgets" in sys.modules):
        if left:
            logging.shutdown()
        else:
            atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            # A pipe that nobody reads any more; a program without a console has no streams at all.
            with suppress(OSError, ValueError, AttributeError):
                stream.flush()
        os._exit(code)
    sys.exit(code)


def main(words: Sequence[str] | None = None) -> int:
    """Run Looktwice with `words` (by default the command line's) and return the exit code."""
    words = list(sys.argv[1:] if words is None else words)
    if words and words[0] in COMMANDS:
        return run_command(words[0], words[1:])
    if words and not words[0].startswith("-"):
        return refuse_command(words[0])
    from gui.app import run_window

    return run_window(words)


if __name__ == "__main__":
    run()

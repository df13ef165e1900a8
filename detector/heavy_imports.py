"""Importing large libraries while a window runs beside.

Each makes hundreds of thousands of objects that stay. Python's collector of garbage goes through all of them again and
again, a tenth of a second or more each time, in which no thread runs: so it waits while they are made, and leaves them
alone from then on.
"""

from __future__ import annotations

import gc
import importlib
import sys
import threading

_IMPORTING = threading.Lock()


def import_heavy(*modules: str) -> None:
    """Import modules by their full names, one thread at a time; nothing where all of them are there already.

    Raises:
        ImportError: one of them is not installed.
    """
    with _IMPORTING:
        if all(name in sys.modules for name in modules):
            return
        was_on = gc.isenabled()
        gc.disable()
        try:
            for name in modules:
                importlib.import_module(name)
            # What is there now stays, for all that the collector cares.
            gc.freeze()
        finally:
            if was_on:
                gc.enable()

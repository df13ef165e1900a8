"""A home folder for one run, which goes with it: nothing reaches anybody's own settings, caches, pictures or videos."""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import tempfile
import time
from pathlib import Path

VARIABLES = ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")
LEFT_BEHIND_S = 24 * 3600.0


def move_in(prefix: str) -> Path:
    """Make a temporary home and let this process and its children live there. It is removed when the process ends.

    To be called before Qt, which draws offscreen then unless told otherwise. What killed runs left behind is removed
    after a day: nothing runs that long.

    Args:
        prefix: of the folder's name, which tells whose it is.
    """
    sweep(prefix)
    home = Path(tempfile.mkdtemp(prefix=prefix))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    for variable in VARIABLES:
        place = home / variable.lower()
        place.mkdir()
        os.environ[variable] = str(place)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    return home


def sweep(prefix: str) -> None:
    """Remove the homes of runs that ended long ago without doing it themselves."""
    for folder in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        # Gone meanwhile, or somebody else's.
        with contextlib.suppress(OSError):
            if time.time() - folder.stat().st_mtime > LEFT_BEHIND_S:
                shutil.rmtree(folder, ignore_errors=True)

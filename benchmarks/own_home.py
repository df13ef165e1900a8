"""Import this before Qt: the process then has a home of its own, and can touch nothing of anybody's."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

FOLDER = Path(tempfile.mkdtemp(prefix="looktwice-home-"))
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)
for variable in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
    place = FOLDER / variable.lower()
    place.mkdir()
    os.environ[variable] = str(place)
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

"""Importing torch so that a window beside it stays awake.

`import torch` loads a gigabyte of libraries inside one call of the interpreter, and no other thread runs meanwhile:
half a second on a laptop. Loaded before by the system's own `dlopen`, which is called without the lock, the import
finds them there.
"""

from __future__ import annotations

import ctypes
import importlib.util
import logging
import os
import sys
from pathlib import Path

from detector.heavy_imports import import_heavy

log = logging.getLogger(__name__)

# In the order of their needs; the first one is loaded by torch itself in this way, for all to see.
GLOBAL_LIBRARY = "libtorch_global_deps.so"
LIBRARIES = ("libc10.so", "libtorch_cpu.so", "libtorch.so", "libtorch_python.so")


def import_torch() -> None:
    """Import torch and torchvision, in whatever thread; nothing where they are there already."""
    if "torchvision" in sys.modules:
        return
    preload_torch()
    import_heavy("torch", "torchvision")


def preload_torch() -> bool:
    """Load what `import torch` is going to load. False where there is nothing to gain: the import then does it all."""
    if sys.platform != "linux" or "torch" in sys.modules:
        return False
    spec = importlib.util.find_spec("torch")
    if spec is None or spec.origin is None:
        return False
    folder = Path(spec.origin).parent / "lib"
    dlopen = ctypes.CDLL(None).dlopen
    dlopen.argtypes, dlopen.restype = (ctypes.c_char_p, ctypes.c_int), ctypes.c_void_p
    flags = {GLOBAL_LIBRARY: os.RTLD_NOW | os.RTLD_GLOBAL}
    for name in (GLOBAL_LIBRARY, *LIBRARIES):
        path = folder / name
        if not path.exists() or dlopen(os.fsencode(path), flags.get(name, os.RTLD_LAZY | os.RTLD_LOCAL)) is None:
            log.info("%s cannot be loaded ahead; the import of torch will tell if it is needed", path)
            return False
    return True

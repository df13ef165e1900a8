"""The signal stack of this thread. A library that changes it and frees it makes the next signal end the process."""

import ctypes
import sys


class _Stack(ctypes.Structure):
    _fields_ = (("at", ctypes.c_void_p), ("flags", ctypes.c_int), ("size", ctypes.c_size_t))


def signal_stack() -> tuple[int | None, int, int]:
    """Address, flags and size, as Linux tells them; nothing elsewhere."""
    found = _Stack()
    if sys.platform == "linux":
        ctypes.CDLL(None).sigaltstack(None, ctypes.byref(found))
    return found.at, found.flags, found.size

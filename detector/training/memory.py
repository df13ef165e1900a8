"""The C library's allocator, told to keep what training frees."""

from __future__ import annotations

import ctypes
import platform

M_TRIM_THRESHOLD = -1
M_MMAP_THRESHOLD = -3
# Older releases of glibc refuse a threshold above half a heap.
MMAP_THRESHOLDS = (1 << 30, 32 << 20)
LARGEST = (1 << 31) - 1


def keep_freed_memory() -> bool:
    """Stop glibc from handing large buffers back to the kernel after every step, only to ask for them again.

    Does nothing and returns false where the C library is another.
    """
    if platform.system() != "Linux" or platform.libc_ver()[0] != "glibc":
        return False
    libc = ctypes.CDLL(None)
    raised = any(libc.mallopt(M_MMAP_THRESHOLD, threshold) == 1 for threshold in MMAP_THRESHOLDS)
    return raised and libc.mallopt(M_TRIM_THRESHOLD, LARGEST) == 1

"""A disk that is full, made by the kernel's own limit on the size of files: writes beyond it fail as they would."""

import contextlib
import sys

import pytest


@contextlib.contextmanager
def disk_that_takes(size):
    """Within this no file can grow beyond `size` bytes; a write that reaches it is cut short, the next one fails."""
    if sys.platform == "win32":
        pytest.skip("Windows has no limit on the size of a process's files")
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

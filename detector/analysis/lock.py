"""One run at a time on a result folder. The system takes the lock away from a process that dies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from detector.analysis.folder import ResultFolder
from detector.errors import OutputError
from detector.writers import output_error


@contextmanager
def locked(folder: ResultFolder) -> Iterator[None]:
    """Have the folder, made if need be, to oneself while entered.

    Raises:
        OutputError: somebody else is writing into it, or it cannot be written to.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(folder.lock, timeout=0, thread_local=False)
    try:
        folder.path.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout as error:
        raise OutputError(
            f"another run is writing into {folder.path}; wait for its end, or choose another --output."
        ) from error
    except OSError as error:
        raise output_error(folder.path, error) from error
    try:
        yield
    finally:
        lock.release()

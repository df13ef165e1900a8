"""Fetching a published weights file: told how far it is, given up at once, checked, and never half there."""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import http.client
import os
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

from detector.errors import WeightsError

SILENT_AFTER_S = 20.0
CHUNK_BYTES = 1 << 18
FORGOTTEN_AFTER_S = 300.0
"""Who fetches writes or gives up sooner; a part that nobody wrote to for so long was left by a program that died."""

Told = Callable[[int, int | None], None]

_locks: dict[Path, threading.Lock] = {}
_locks_lock = threading.Lock()
_parts: set[Path] = set()


class Fetching:
    """One wish for a file. All of it may be asked from any thread.

    received_bytes, total_bytes: what came so far and what will come, None before that is known or where it was there
    already. `told`, where given, is called with both in the fetching thread, often.
    """

    def __init__(self, told: Told | None = None) -> None:
        self.received_bytes = 0
        self.total_bytes: int | None = None
        self._told = told
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Give it up: `fetch` raises soon. Nothing remains of what came."""
        self._stopped.set()

    @property
    def stopped(self) -> bool:
        return self._stopped.is_set()

    def advance(self, received_bytes: int, total_bytes: int | None) -> None:
        """For `fetch`."""
        self.received_bytes, self.total_bytes = received_bytes, total_bytes
        if self._told is not None:
            self._told(received_bytes, total_bytes)


def torch_hub_folder() -> Path:
    """Where torch keeps fetched weights (`torch.hub.get_dir()` and in it `checkpoints`), told without torch."""
    caches = os.getenv("XDG_CACHE_HOME", "~/.cache")
    return Path(os.path.expanduser(os.getenv("TORCH_HOME", os.path.join(caches, "torch")))) / "hub" / "checkpoints"


def fetch(name: str, url: str, file: Path, sha256_prefix: str, fetching: Fetching | None = None) -> None:
    """Make `file` be there: at once where it is, else from `url`, beside and renamed.

    Two that want the same file at the same time fetch it once.

    Args:
        name: what the file is, for sentences.
        sha256_prefix: what the SHA-256 of the content begins with.

    Raises:
        WeightsError: in one sentence; given up, no connection, no such file there, another content, or no room here.
    """
    fetching = fetching or Fetching()
    with _locks_lock:
        lock = _locks.setdefault(file, threading.Lock())
    while not lock.acquire(timeout=0.1):
        _check(name, fetching)
    try:
        if not file.is_file():
            _fetch(name, url, file, sha256_prefix, fetching)
    finally:
        lock.release()


def _fetch(name: str, url: str, file: Path, sha256_prefix: str, fetching: Fetching) -> None:
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    place = urllib.parse.urlsplit(url).netloc
    way_out = f"choose it again when there is a connection, or put {file.name} into {file.parent} yourself"
    digest = hashlib.sha256()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        _remove_forgotten(file)
        _parts.add(part)
        with open(part, "wb") as out:
            try:
                for chunk in _chunks(name, url, fetching):
                    out.write(chunk)
                    digest.update(chunk)
            except _Unreached as error:
                raise WeightsError(f"{name} cannot be fetched from {place}: {error}; {way_out}.") from error
            out.flush()
            os.fsync(out.fileno())
        found = digest.hexdigest()
        if not found.startswith(sha256_prefix):
            raise WeightsError(
                f"{name} came from {place} with another content than was published (its SHA-256 begins with "
                f"{found[: len(sha256_prefix)]}, not {sha256_prefix}) and was thrown away; {way_out}."
            )
        os.replace(part, file)
    except OSError as error:
        raise WeightsError(
            f"{name} cannot be kept in {file.parent}: {error.strerror or error}; make room, or let TORCH_HOME name "
            "another folder."
        ) from error
    finally:
        _remove(part)


@atexit.register
def _remove_parts() -> None:
    """What is still being fetched in a thread that ends with the program."""
    for part in list(_parts):
        _remove(part)


def _remove(part: Path) -> None:
    with contextlib.suppress(OSError):
        part.unlink()
    _parts.discard(part)


class _Unreached(Exception):
    """Receiving failed; the text is the reason."""


def _chunks(name: str, url: str, fetching: Fetching) -> Iterator[bytes]:
    """All that comes from `url`."""
    request = urllib.request.Request(url, headers={"User-Agent": "looktwice"})
    received = 0
    try:
        _check(name, fetching)
        with urllib.request.urlopen(request, timeout=SILENT_AFTER_S) as response:
            length = response.headers.get("Content-Length", "")
            total = int(length) if length.isdigit() else None
            fetching.advance(0, total)
            while chunk := response.read1(CHUNK_BYTES):
                _check(name, fetching)
                yield chunk
                received += len(chunk)
                fetching.advance(received, total)
        _check(name, fetching)
    except (OSError, http.client.HTTPException) as error:
        raise _Unreached(_reason(error)) from error
    if total is not None and received < total:
        raise _Unreached(f"it broke off after {received / 1e6:.1f} of {total / 1e6:.1f} MB")


def _check(name: str, fetching: Fetching) -> None:
    if fetching.stopped:
        raise WeightsError(f"fetching {name} was given up; choose it again to fetch it.")


def _reason(error: Exception) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"the server answers {error.code} {error.reason}"
    if isinstance(error, urllib.error.URLError) and isinstance(error.reason, Exception):
        return _reason(error.reason)
    if isinstance(error, TimeoutError):
        return f"no answer within {SILENT_AFTER_S:g} s"
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__


def _remove_forgotten(file: Path) -> None:
    """Parts of this file that programs left behind when they died."""
    for part in file.parent.glob(f".{file.name}.*.part"):
        with contextlib.suppress(OSError):
            if time.time() - part.stat().st_mtime > FORGOTTEN_AFTER_S:
                part.unlink()

"""On what and with what a figure was measured: hardware, versions, day."""

from __future__ import annotations

import datetime
import os
import platform
import time
from importlib import metadata
from pathlib import Path

LIBRARIES = (
    "looktwice", "torch", "openvino", "onnxruntime", "opencv-python", "PySide6-Essentials", "av", "numpy",
)  # fmt: skip


def hardware() -> str:
    """The processor's name and how many of its cores may be used, for example "AMD EPYC, 2 cores"."""
    usable = usable_cores()
    return f"{processor_name()}, {usable} core{'s' if usable != 1 else ''}"


def usable_cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def processor_name() -> str:
    """As the system tells it."""
    described = Path("/proc/cpuinfo")
    if described.is_file():
        for line in described.read_text(encoding="utf-8", errors="replace").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name" and value.strip():
                return value.strip()
    return platform.processor() or platform.machine()


def busy_cores(seconds: float = 1.0) -> float:
    """How many cores were busy in the last `seconds`, waited for, while this process did nothing; 0 where untold."""
    told = Path("/proc/stat")
    if not told.is_file():
        return 0.0
    before, start_s = _busy_ticks(told), time.perf_counter()
    time.sleep(seconds)
    return (_busy_ticks(told) - before) / os.sysconf("SC_CLK_TCK") / (time.perf_counter() - start_s)


def versions() -> dict[str, str]:
    """Versions of Python and of the libraries that a figure may depend on, as far as they are installed."""
    found = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def today() -> str:
    """The day in UTC, `YYYY-MM-DD`."""
    return datetime.datetime.now(datetime.UTC).date().isoformat()


def _busy_ticks(told: Path) -> int:
    """Clock ticks that all cores together have worked since the system started."""
    user, nice, system = (int(word) for word in told.read_text().split()[1:4])
    return user + nice + system

"""What the processor can compute in, asked without importing torch."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

TOLD = Path("/proc/cpuinfo")
NVIDIA = (
    Path("/proc/driver/nvidia/version"),
    Path("/dev/dxg"),
    Path(os.environ.get("SYSTEMROOT", "C:/Windows"), "System32", "nvcuda.dll"),
)
"""What the driver leaves on Linux, on Linux inside of Windows, and on Windows."""


@lru_cache
def fast_in_bf16(told: Path = TOLD) -> bool | None:
    """Whether bf16 is faster than f32 on this CPU; None where the system does not tell (other than Linux on x86)."""
    if not told.is_file():
        return None
    for line in told.read_text(encoding="utf-8", errors="replace").splitlines():
        key, _, value = line.partition(":")
        if key.strip() == "flags":
            return {"avx512f", "avx512_bf16"} <= set(value.split())
    return None


def gpu_is_likely(drivers: Sequence[Path] = NVIDIA) -> bool:
    """Whether there is a GPU that torch may be able to use: NVIDIA's driver, or Apple's own processor.

    It looks for files alone: whoever waits for the first boxes waits for this as well.
    """
    if sys.platform == "darwin":
        return platform.machine() == "arm64"
    return any(driver.exists() for driver in drivers)

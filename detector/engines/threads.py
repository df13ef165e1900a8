"""How threads wait for each other; to be settled before torch is imported."""

from __future__ import annotations

import os
import sys

SPIN_COUNT = "1000"
SWITCH_S = 0.0005


def settle_threads() -> None:
    """Let waiting OpenMP threads sleep soon instead of spinning, and no thread keep Python's lock for long.

    A spinning thread keeps the reader, the window and other programs from the core that the other half of the network
    waits for. A setting of the user's own is kept. Has no effect once libgomp is loaded.

    The network's thread takes Python's lock once for every operation; while the window computes it would wait up to
    5 ms for it each time, which is Python's default.
    """
    sys.setswitchinterval(SWITCH_S)
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", SPIN_COUNT)

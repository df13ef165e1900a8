"""How OpenMP's threads wait for each other; to be settled before torch is imported."""

from __future__ import annotations

import os

SPIN_COUNT = "1000"


def settle_threads() -> None:
    """Let waiting OpenMP threads sleep soon instead of spinning for milliseconds.

    A spinning thread keeps the reader, the window and other programs from the core that the other half of the network
    waits for. A setting of the user's own is kept. Has no effect once libgomp is loaded.
    """
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", SPIN_COUNT)

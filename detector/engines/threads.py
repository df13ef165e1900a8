"""How threads wait for each other; to be settled before torch is imported."""

from __future__ import annotations

import os
import sys
import threading

SPIN_COUNT = "1000"
SWITCH_S = 0.0005
_PINNING = threading.Lock()


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


def compute_on_one_thread_here() -> None:
    """Let torch compute on the calling thread alone for whatever this thread asks; other threads keep their number.

    So several threads can look at a frame each, which on a few cores is more frames a second than all of them at one
    frame, and what comes out does not depend on how the work would have been shared. Does nothing without torch.
    """
    if "torch" not in sys.modules:
        return
    import torch

    with _PINNING:
        before = torch.get_num_threads()
        torch.set_num_threads(1)
        # That is also what threads to come would begin with, so another one sets it back.
        putting_back = threading.Thread(target=torch.set_num_threads, args=(before,), name="threads of torch")
        putting_back.start()
        putting_back.join()

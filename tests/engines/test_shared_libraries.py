from __future__ import annotations

import subprocess
import sys

import pytest

from detector.engines.shared_libraries import import_torch, preload_torch

PROGRAM = """
import sys
from detector.engines.shared_libraries import preload_torch
done = preload_torch()
assert "torch" not in sys.modules
import torch
assert float(torch.ones(3).sum()) == 3.0
assert not preload_torch(), "loaded twice"
print(done)
"""


AWAKE = """
import gc, sys
from detector.engines.shared_libraries import import_torch
rounds = []
gc.callbacks.append(lambda phase, about: rounds.append(about["generation"]) if phase == "start" else None)
import_torch()
assert {"torch", "torchvision"} <= set(sys.modules)
assert rounds == [], rounds
assert gc.isenabled()
assert gc.get_freeze_count() > 100_000
import_torch()
print(len(gc.get_objects()))
"""


def test_the_collector_of_garbage_leaves_torch_alone() -> None:
    done = subprocess.run([sys.executable, "-c", AWAKE], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 20_000


def test_whoever_switched_the_collector_off_finds_it_so() -> None:
    program = "import gc; gc.disable(); from detector.engines.shared_libraries import import_torch; import_torch(); "
    done = subprocess.run([sys.executable, "-c", f"{program}print(gc.isenabled())"], capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, "False"), done.stderr


def test_nothing_is_done_once_torch_is_there() -> None:
    import torch  # noqa: F401

    assert not preload_torch()
    import_torch()


@pytest.mark.skipif(sys.platform != "linux", reason="loading ahead is for Linux")
def test_torch_works_after_its_libraries_were_loaded_ahead() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "True"

from __future__ import annotations

import subprocess
import sys

import pytest

from detector.engines.shared_libraries import preload_torch

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


def test_nothing_is_done_once_torch_is_there() -> None:
    import torch  # noqa: F401

    assert not preload_torch()


@pytest.mark.skipif(sys.platform != "linux", reason="loading ahead is for Linux")
def test_torch_works_after_its_libraries_were_loaded_ahead() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "True"

"""What every test may ask for, and where windows and settings go while testing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.own_home import move_in
from tests.signal_stack import signal_stack

# Before any Qt: no window on somebody's desktop, nobody's own settings, caches, pictures or videos. Tests press keys at
# random; what they could reach is a home folder that is theirs.
move_in("looktwice-test-")


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The data folder beside the checkout. Tests that ask for it are skipped where it is not there."""
    folder = Path(__file__).resolve().parents[1].parent / "shared"
    if not folder.is_dir():
        pytest.skip("the data folder `shared` does not lie beside the checkout")
    return folder


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Small networks gain nothing from threads, and lose much where others compute as well."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    yield
    torch.set_num_threads(before)


@pytest.fixture(autouse=True)
def signals_stay_safe() -> Iterator[None]:
    """No test leaves the main thread another signal stack: a later one would die of Ctrl-C, far from the cause."""
    before = signal_stack()
    yield
    assert signal_stack() == before

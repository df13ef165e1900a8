"""What every test may ask for."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The data folder beside the checkout. Tests that ask for it are skipped where it is not there."""
    folder = Path(__file__).resolve().parents[1].parent / "shared"
    if not folder.is_dir():
        pytest.skip("the data folder `shared` does not lie beside the checkout")
    return folder

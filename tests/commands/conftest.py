"""What tests of commands may ask for."""

import pytest
import torch


@pytest.fixture
def one_thread():
    """torch on one thread: on a busy machine several wait for each other. Given back afterwards."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)

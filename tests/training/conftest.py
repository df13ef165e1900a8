import pytest
import torch

from detector.training.loader import Batch
from tests.training import shapes


@pytest.fixture(autouse=True)
def always_one_thread(one_thread):
    """For every test of this folder."""


@pytest.fixture(scope="session")
def shapes_data(tmp_path_factory):
    """(annotations, images) of 24 pictures of coloured rectangles; nobody writes into them."""
    return shapes.write_coco(tmp_path_factory.mktemp("shapes"))


@pytest.fixture
def batch():
    """Two views with a box each."""
    images = torch.randint(0, 256, (2, 3, 64, 64), dtype=torch.uint8)
    images[0, :, 32:, 32:] = torch.tensor([10, 240, 10], dtype=torch.uint8)[:, None, None]
    return Batch(images, torch.tensor([[[4.0, 4, 30, 30]], [[8, 8, 50, 50]]]), torch.tensor([[0], [1]]))

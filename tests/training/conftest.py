import pytest
import torch

from tests.training import shapes


@pytest.fixture(autouse=True)
def one_thread():
    """Small networks gain nothing from threads, and lose much where others compute as well."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def shapes_data(tmp_path_factory):
    """(annotations, images) of 24 pictures of coloured rectangles; nobody writes into them."""
    return shapes.write_coco(tmp_path_factory.mktemp("shapes"))

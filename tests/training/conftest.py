import pytest

from tests.training import shapes


@pytest.fixture(autouse=True)
def always_one_thread(one_thread):
    """For every test of this folder."""


@pytest.fixture(scope="session")
def shapes_data(tmp_path_factory):
    """(annotations, images) of 24 pictures of coloured rectangles; nobody writes into them."""
    return shapes.write_coco(tmp_path_factory.mktemp("shapes"))

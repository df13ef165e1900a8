import logging

import numpy as np
import pytest
import torch

from detector.data.datasets import read_data_set
from detector.data.photographs import Photograph
from detector.errors import DataSetError
from detector.training.augment import AugmentSettings
from detector.training.loader import BatchPlan, PhotographCache, ViewLoader
from tests.data.pictures import write_jpeg, write_turned_jpeg

FULL = AugmentSettings()


@pytest.fixture(scope="module")
def cache(shapes_data):
    return PhotographCache(read_data_set(*shapes_data).photographs)


def photograph(path, size_wh=None, boxes=((0.25, 0.5, 0.75, 1.0),), difficult=(False,)):
    return Photograph(
        path,
        1,
        np.array(boxes, np.float32),
        np.arange(len(boxes)),
        np.array(difficult),
        relative=size_wh is None,
        size_wh=size_wh,
    )


def plans(steps, **more):
    return iter([BatchPlan(step, 64, FULL, **more) for step in steps])


def same(a, b):
    return all(
        np.array_equal(x.numpy(), y.numpy())
        for x, y in ((a.images, b.images), (a.boxes_xyxy, b.boxes_xyxy), (a.labels, b.labels))
    )


def test_batches_have_the_promised_shapes(cache):
    (batch,) = ViewLoader(cache, 4, seed=1).batches(plans([0], large_size=96))
    assert batch.images.shape == (4, 3, 64, 64)
    assert batch.large.shape == (4, 3, 96, 96)
    assert batch.boxes_xyxy.shape[:2] == batch.labels.shape
    assert batch.images.dtype == batch.large.dtype == torch.uint8


def test_the_same_seed_gives_the_same_views_whatever_the_threads(cache):
    first = list(ViewLoader(cache, 3, seed=1).batches(plans(range(6))))
    again = list(ViewLoader(cache, 3, seed=1, threads=3).batches(plans(range(6))))
    other = list(ViewLoader(cache, 3, seed=2).batches(plans(range(6))))
    assert all(same(a, b) for a, b in zip(first, again, strict=True))
    assert not any(same(a, b) for a, b in zip(first, other, strict=True))


def test_a_run_that_starts_later_meets_the_same_views(cache):
    whole = list(ViewLoader(cache, 3, seed=1).batches(plans(range(6))))
    late = list(ViewLoader(cache, 3, seed=1).batches(plans(range(4, 6))))
    assert all(same(a, b) for a, b in zip(whole[4:], late, strict=True))


def test_two_processes_share_out_one_doubled_batch(cache):
    (whole,) = ViewLoader(cache, 4, seed=1).batches(plans([3]))
    parts = [next(ViewLoader(cache, 2, 1, rank, 2).batches(plans([3]))) for rank in (0, 1)]
    images = np.concatenate([part.images.numpy() for part in parts])
    np.testing.assert_array_equal(images, whole.images.numpy())


def test_every_photograph_comes_once_in_each_pass(cache):
    plain = AugmentSettings(mosaic=0.0)
    loader = ViewLoader(cache, 1, seed=5)
    count = len(cache)
    seen = [id_of(loader.plan(number, 64, plain)) for number in range(2 * count)]
    assert len(set(seen[:count])) == len(set(seen[count:])) == count
    assert seen[:count] != seen[count:]


def id_of(plan):
    return plan.parts[0].picture.image.tobytes()


def test_difficult_boxes_are_not_trained_on_and_fractions_become_pixels(tmp_path):
    boxes = ((0.25, 0.5, 0.75, 1.0), (0.0, 0.0, 0.5, 0.5))
    made = photograph(write_jpeg(tmp_path / "a.jpg"), boxes=boxes, difficult=(False, True))
    decoded = PhotographCache([made]).decode(0)
    assert decoded.boxes_xyxy.tolist() == [[10, 10, 30, 20]]
    assert decoded.labels.tolist() == [0]


def test_broken_photographs_are_named_once_and_replaced(tmp_path, caplog):
    caplog.set_level(logging.WARNING)
    (tmp_path / "empty.jpg").write_bytes(b"")
    (tmp_path / "noise.jpg").write_bytes(b"this is no photograph" * 20)
    whole = write_jpeg(tmp_path / "whole.jpg").read_bytes()
    (tmp_path / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    names = ("empty.jpg", "noise.jpg", "cut.jpg", "whole.jpg", "gone.jpg")
    cache = PhotographCache([photograph(tmp_path / name) for name in names])
    assert len(cache) == 2
    list(ViewLoader(cache, 4, seed=0).batches(plans(range(5))))
    texts = [record.getMessage() for record in caplog.records]
    for name, reason in zip(
        names, ("is empty", "cannot be decoded", "is cut off", None, "cannot be read"), strict=True
    ):
        assert sum(name in text for text in texts) == (0 if reason is None else 1)
        assert reason is None or any(name in text and reason in text for text in texts)


def test_when_none_can_be_decoded_the_run_ends_with_a_sentence(tmp_path):
    (tmp_path / "noise.jpg").write_bytes(b"this is no photograph" * 20)
    cache = PhotographCache([photograph(tmp_path / "noise.jpg")])
    with pytest.raises(DataSetError, match="none of the photographs can be decoded"):
        list(ViewLoader(cache, 2, seed=0).batches(plans([0])))


def test_when_none_can_be_read_it_does_not_begin(tmp_path):
    with pytest.raises(DataSetError, match="none of the photographs can be read"):
        PhotographCache([photograph(tmp_path / "gone.jpg")])


def test_a_photograph_of_another_size_than_annotated_is_skipped(tmp_path, caplog):
    path = write_jpeg(tmp_path / "a.jpg", 40, 20)
    assert PhotographCache([photograph(path, (40, 20))]).decode(0) is not None
    cache = PhotographCache([photograph(path, (41, 20)), photograph(path, (40, 20))])
    assert cache.decode(0) is None
    assert "to the size its annotations give, 41x20" in caplog.text


@pytest.mark.parametrize("annotated", [(40, 20), (20, 40)])
def test_a_photograph_lies_as_its_annotations_say(tmp_path, annotated):
    """The file stores 40x20 and an orientation flag that turns it upright; either may have been annotated."""
    turned = write_turned_jpeg(tmp_path / "turned.jpg")
    image = PhotographCache([photograph(turned, annotated)]).decode(0).image
    assert (image.shape[1], image.shape[0]) == annotated

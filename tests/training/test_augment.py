import numpy as np
import pytest

from detector.training.augment import (
    AugmentSettings,
    LabelledImage,
    make_view,
    plan_view,
    render,
    warp_boxes,
    warp_image,
)
from tests.training.shapes import COLOURS_RGB

PLAIN = AugmentSettings(flip=0.0, scale_low=1.0, scale_high=1.0, aspect=0.0, colour=0.0, gray=0.0, mosaic=0.0)
WILD = AugmentSettings(flip=0.5, scale_low=0.5, scale_high=1.5, aspect=0.15, colour=0.0, gray=0.0, mosaic=1.0)


def photograph(box=(30, 20, 70, 66), label=1, width=120, height=90):
    """One rectangle on gray."""
    image = np.full((height, width, 3), 114, np.uint8)
    x1, y1, x2, y2 = box
    image[y1:y2, x1:x2] = COLOURS_RGB[label]
    return LabelledImage(image, np.array([box], np.float32), np.array([label]))


def painted(image, colour):
    """The box of the pixels that are mostly `colour`, in continuous coordinates, by the area they cover."""
    distance = np.abs(image.astype(float) - colour).sum(axis=2)
    full = np.abs(np.array(colour, float) - 114).sum()
    cover = np.clip(1 - distance / full, 0, 1)  # share of each pixel that is painted
    rows, columns = cover.max(axis=1), cover.max(axis=0)
    inside_x, inside_y = np.flatnonzero(columns > 0.5), np.flatnonzero(rows > 0.5)
    return np.array([inside_x[0], inside_y[0], inside_x[-1] + 1, inside_y[-1] + 1], float)


@pytest.mark.parametrize("seed", range(40))
def test_a_box_stays_on_its_pixels_when_scaled_shifted_and_flipped(seed):
    rng = np.random.default_rng(seed)
    view = make_view([photograph()], 160, WILD, rng)
    if len(view.labels) == 0:
        pytest.fail("the rectangle is large and near the centre, so some of it must remain")
    # Half a pixel is what the rounding of the search itself may cost.
    np.testing.assert_allclose(painted(view.image, COLOURS_RGB[1]), view.boxes_xyxy[0], atol=0.75)


@pytest.mark.parametrize("seed", range(25))
def test_the_box_is_exact_on_average_so_pixels_do_not_drift_to_one_side(seed):
    rng = np.random.default_rng(seed)
    settings = AugmentSettings(flip=float(seed % 2), scale_low=0.6, scale_high=0.95, aspect=0.1, colour=0, gray=0)
    view = make_view([photograph()], 200, settings, rng)
    colour = np.array(COLOURS_RGB[1], float)
    cover = np.clip(((view.image - 114.0) @ (colour - 114)) / ((colour - 114) @ (colour - 114)), 0, 1)
    ys, xs = np.mgrid[:200, :200] + 0.5
    centre = [(cover * xs).sum() / cover.sum(), (cover * ys).sum() / cover.sum()]
    x1, y1, x2, y2 = view.boxes_xyxy[0]
    np.testing.assert_allclose(centre, [(x1 + x2) / 2, (y1 + y2) / 2], atol=0.1)


@pytest.mark.parametrize("seed", range(25))
def test_boxes_stay_on_their_pixels_in_a_mosaic(seed):
    rng = np.random.default_rng(seed)
    colours = [(220, 40, 30), (30, 200, 60), (30, 60, 220), (230, 220, 30)]
    pictures = []
    for label, colour in enumerate(colours):
        image = np.full((90, 120, 3), 114, np.uint8)
        image[20:66, 30:70] = colour
        pictures.append(LabelledImage(image, np.array([[30, 20, 70, 66]], np.float32), np.array([label])))
    view = make_view(pictures, 256, WILD, rng)
    assert len(view.labels) >= 2
    for box, label in zip(view.boxes_xyxy, view.labels, strict=True):
        near = np.abs(view.image.astype(int) - colours[label]).sum(axis=2) < 60
        ys, xs = np.nonzero(near)
        np.testing.assert_allclose([xs.min(), ys.min(), xs.max() + 1, ys.max() + 1], box, atol=1.5)


def test_a_flip_alone_mirrors_pixel_for_pixel():
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (64, 64, 3), dtype=np.uint8)
    source = LabelledImage(image, np.array([[3, 5, 20, 30]], np.float32), np.array([0]))
    flipped = make_view([source], 64, AugmentSettings(1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0), rng)
    np.testing.assert_array_equal(flipped.image, image[:, ::-1])
    assert flipped.boxes_xyxy.tolist() == [[44, 5, 61, 30]]


def test_nothing_but_fitting_leaves_a_square_photograph_as_it_was():
    image = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    source = LabelledImage(image, np.zeros((0, 4), np.float32), np.zeros(0, np.int64))
    view = make_view([source], 64, PLAIN, np.random.default_rng(1))
    np.testing.assert_array_equal(view.image, image)
    assert view.boxes_xyxy.shape == (0, 4)


def test_a_view_follows_from_its_seed_alone():
    settings = AugmentSettings()
    first, again, other = (
        make_view([photograph()] * 4, 96, settings, np.random.default_rng(seed)) for seed in (5, 5, 6)
    )
    np.testing.assert_array_equal(first.image, again.image)
    np.testing.assert_array_equal(first.boxes_xyxy, again.boxes_xyxy)
    assert not np.array_equal(first.image, other.image)


@pytest.mark.parametrize("seed", range(10))
def test_a_plan_rendered_larger_is_the_same_view(seed):
    plan = plan_view([photograph()] * 4, 96, AugmentSettings(colour=0.3), np.random.default_rng(seed))
    small, large = render(plan, 96), render(plan, 192)
    assert small.labels.tolist() == large.labels.tolist()
    np.testing.assert_allclose(large.boxes_xyxy / 2, small.boxes_xyxy, atol=1e-3)
    shrunk = large.image.reshape(96, 2, 96, 2, 3).mean(axis=(1, 3))
    assert np.abs(shrunk - small.image).mean() < 3


def test_fine_patterns_do_not_alias_when_a_large_photograph_is_shrunk():
    """Single-pixel stripes become gray, not stripes of another width."""
    image = np.zeros((800, 800, 3), np.uint8)
    image[:, ::2] = 255
    shrunk = warp_image(image, np.array([[0.11, 0, 0], [0, 0.11, 0]]), 88, 88)
    assert np.abs(shrunk.astype(int) - 127).max() <= 3


@pytest.mark.parametrize(
    ("box", "kept"),
    [
        ((10, 10, 30, 30), True),
        ((-90, 10, 30, 30), True),  # a quarter inside
        ((-90, 10, 20, 30), False),  # less than a fifth inside
        ((10, 10, 11.5, 30), False),  # too narrow
        ((110, 10, 130, 30), False),
    ],
)
def test_boxes_that_hardly_show_are_dropped(box, kept):
    moved, mask = warp_boxes(np.array([box], np.float32), np.array([[1.0, 0, 0], [0, 1.0, 0]]), 100, 100)
    assert mask.tolist() == [kept]
    assert len(moved) == int(kept)
    assert ((moved >= 0) & (moved <= 100)).all()


def test_colour_changes_pixels_but_not_places():
    settings = AugmentSettings(0.0, 1.0, 1.0, 0.0, 0.5, 0.0, 0.0)
    plain = make_view([photograph()], 120, PLAIN, np.random.default_rng(3))
    tinted = make_view([photograph()], 120, settings, np.random.default_rng(3))
    np.testing.assert_array_equal(plain.boxes_xyxy, tinted.boxes_xyxy)
    assert not np.array_equal(plain.image, tinted.image)


def test_gray_makes_all_channels_equal():
    settings = AugmentSettings(0.0, 1.0, 1.0, 0.0, 0.3, 1.0, 0.0)
    view = make_view([photograph()], 96, settings, np.random.default_rng(0)).image
    assert (view[..., 0] == view[..., 1]).all()
    assert (view[..., 1] == view[..., 2]).all()


def test_calm_settings_never_stray_further_than_the_full_ones():
    calm = AugmentSettings().calm()
    assert (calm.scale_low, calm.scale_high, calm.mosaic) == (0.9, 1.1, 0.0)
    assert PLAIN.calm() == PLAIN

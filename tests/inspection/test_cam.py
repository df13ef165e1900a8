import numpy as np
import pytest
import torch

from detector.inspection.anatomy import Point
from detector.inspection.cam import explain_detection, explain_detections, fuse, layer_cam
from detector.inspection.network_copy import shared_copy
from detector.inspection.targets import DetectionTarget, UnitTarget
from tests.inspection.tiny import SIDE, classifier, faster_rcnn, vgg_yolo, waves

CLASSES = [UnitTarget(Point("7"), label) for label in range(3)]


def test_layer_cam_by_hand():
    activations = torch.tensor([[[1.0, 2.0]], [[3.0, -4.0]]])
    gradients = torch.tensor([[[5.0, -1.0]], [[2.0, 1.0]]])
    assert layer_cam(activations, gradients).tolist() == [[11.0, 0.0]]


# Every fourth row and fifth column of what pytorch-grad-cam 1.5.7 gives for `classifier`, layer 4, by label. That
# package drags in a second OpenCV, so it is not everywhere.
RECORDED = (
    [[0.0, 0.0, 0.7615, 0.0371], [0.0, 0.0, 0.8531, 0.4007], [0.3275, 0.6120, 0.0850, 0.0126]],
    [[0.4552, 0.3473, 0.0951, 0.2332], [1.0, 0.5040, 0.4772, 0.0963], [0.0, 0.0, 0.2348, 0.1787]],
    [[0.0, 0.0804, 0.0066, 0.0141], [0.0, 0.0151, 0.1605, 0.0], [0.4532, 0.6381, 0.6890, 0.0737]],
)


def as_the_reference(found, size_hw):
    """Stretched to 0..1 before and after resizing."""
    return _stretched(fuse([_stretched(found)], size_hw))


def _stretched(one):
    return (one - one.min()) / (one.max() - one.min() + 1e-7)


@pytest.mark.parametrize("label", range(3))
def test_maps_agree_with_what_pytorch_grad_cam_once_gave(label):
    images = waves()
    found = explain_detection(shared_copy(classifier()), images, CLASSES[label], [Point("4")])[0]
    np.testing.assert_allclose(as_the_reference(found, images.shape[-2:])[::4, ::5], RECORDED[label], atol=2e-4)


@pytest.mark.parametrize("label", range(3))
@pytest.mark.parametrize("layer", ["1", "4"])
def test_maps_agree_with_pytorch_grad_cam(layer, label):
    reference = pytest.importorskip("pytorch_grad_cam")
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

    network, images = classifier(inplace=False), waves()
    network.requires_grad_(True)  # the reference's hooks want it
    with reference.LayerCAM(network, [network[int(layer)]]) as cam:
        wanted = cam(images, [ClassifierOutputTarget(label)])[0]
    ours = explain_detection(shared_copy(network), images, CLASSES[label], [Point(layer)])[0]
    np.testing.assert_allclose(as_the_reference(ours, images.shape[-2:]), wanted, atol=1e-5)


@pytest.mark.parametrize("label", range(3))
def test_several_targets_at_once_equal_one_at_a_time(label):
    network, images, layers = shared_copy(classifier()), waves(), [Point("1"), Point("4")]
    together = explain_detections(network, images, CLASSES, layers)[label]
    alone = explain_detection(network, images, CLASSES[label], layers)
    for one, other in zip(together, alone, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("make", [vgg_yolo, faster_rcnn])
def test_a_detection_gives_a_map_of_every_layer(make):
    network = shared_copy(make())
    layers = [Point("backbone.stage2"), Point("backbone.stage4"), Point("backbone.stage5")]
    maps = explain_detection(network, torch.rand(1, 3, SIDE, SIDE), DetectionTarget(1, 1), layers)
    assert [one.shape for one in maps] == [(16, 16), (4, 4), (2, 2)]
    assert all(one.dtype == np.float32 and one.min() >= 0 for one in maps)
    assert sum(one.max() for one in maps) > 0


def test_a_layer_without_a_part_in_it_gives_zeros():
    network = shared_copy(vgg_yolo())
    layer = Point("head.class_tower.0.relu", 2)
    maps = explain_detection(network, torch.rand(1, 3, SIDE, SIDE), DetectionTarget(0, 0), [layer])
    assert maps[0].shape == (2, 2)
    assert not maps[0].any()


def test_the_head_sees_only_the_cells_around_the_detections_own():
    network = shared_copy(vgg_yolo())
    layer = Point("head.class_tower.0.relu", 0)
    found = explain_detection(network, torch.rand(1, 3, SIDE, SIDE), DetectionTarget(8 * 3 + 4, 0), [layer])[0]
    found[2:5, 3:6] = 0
    assert not found.any()


def test_fusing_takes_the_highest_and_lifts_shallow_maps():
    flat = np.array([[0.0, 2.0], [4.0, 1.0]], np.float32)
    other = np.array([[1.0, 0.0], [0.0, 0.5]], np.float32)
    np.testing.assert_allclose(fuse([flat, other], (2, 2)), [[1.0, 0.5], [1.0, 0.5]])
    lifted = np.tanh(2 * flat / 4)
    np.testing.assert_allclose(fuse([flat], (2, 2), [True]), lifted, rtol=1e-6)
    fused = fuse([flat, np.zeros((1, 1), np.float32)], (6, 8))
    assert fused.shape == (6, 8)
    assert fused.dtype == np.float32
    assert not fuse([np.zeros((2, 2), np.float32)], (4, 4)).any()

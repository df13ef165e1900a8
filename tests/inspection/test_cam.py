import numpy as np
import pytest
import torch
from torchvision.models import detection

from detector.inspection.anatomy import Point
from detector.inspection.cam import default_layers, explain_detection, explain_detections, fuse, layer_cam
from detector.inspection.network_copy import shared_copy
from detector.inspection.targets import DetectionTarget, UnitTarget
from detector.networks.torchvision_detectors import open_up
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


def test_fusing_takes_the_highest_and_lifts_maps():
    flat = np.array([[0.0, 2.0], [4.0, 1.0]], np.float32)
    other = np.array([[1.0, 0.0], [0.0, 0.5]], np.float32)
    np.testing.assert_allclose(fuse([flat, other], (2, 2), "highest"), [[1.0, 0.5], [1.0, 0.5]])
    np.testing.assert_allclose(fuse([flat], (2, 2), "highest", [True]), np.tanh(2 * flat / 4), rtol=1e-6)


def test_fusing_takes_what_layers_have_in_common():
    first = np.array([[0.0, 2.0], [4.0, 1.0]], np.float32)
    second = np.array([[1.0, 0.5], [1.0, 1.0]], np.float32)
    wanted = np.sqrt([[0.0, 0.25], [1.0, 0.25]])
    np.testing.assert_allclose(fuse([first, second], (2, 2)), wanted, rtol=1e-6)
    np.testing.assert_allclose(fuse([first, second, np.zeros((2, 2), np.float32)], (2, 2)), wanted, rtol=1e-6)


@pytest.mark.parametrize("how", ["common", "highest"])
def test_a_fused_map_has_the_size_that_was_asked_for(how):
    fused = fuse([np.ones((2, 3), np.float32), np.zeros((1, 1), np.float32)], (6, 8), how)
    assert fused.shape == (6, 8)
    assert fused.dtype == np.float32
    assert not fuse([np.zeros((2, 2), np.float32)], (4, 4), how).any()


@pytest.mark.parametrize("make", [vgg_yolo, faster_rcnn])
def test_detections_are_explained_by_the_backbone_at_the_strides_of_the_neck(make):
    layers = default_layers(shared_copy(make()), torch.rand(1, 3, SIDE, SIDE))
    assert layers == (Point("backbone.stage3"), Point("backbone.stage4"), Point("backbone.stage5"))


@pytest.mark.parametrize(
    ("architecture", "wanted"),
    [
        ("fasterrcnn_resnet50_fpn", ["backbone.body.layer2", "backbone.body.layer3", "backbone.body.layer4"]),
        ("fasterrcnn_mobilenet_v3_large_320_fpn", ["backbone.body.6", "backbone.body.12", "backbone.body.16"]),
    ],
)
def test_torchvisions_detectors_are_explained_at_the_same_strides(architecture, wanted):
    built = getattr(detection, architecture)(weights=None, weights_backbone=None, num_classes=3)
    network, images = shared_copy(open_up(built, (1, 2)).requires_grad_(False)), torch.rand(1, 3, SIDE, SIDE)
    layers = default_layers(network, images)
    assert [layer.module for layer in layers] == wanted
    maps = explain_detection(network, images, DetectionTarget(0, 1), layers)
    assert [one.shape for one in maps] == [(8, 8), (4, 4), (2, 2)]

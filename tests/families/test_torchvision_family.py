"""How torchvision's input is made, which of its networks a state dict belongs to, and that the list tells no lies."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torchvision.models import detection, get_model_weights
from torchvision.models.detection.transform import GeneralizedRCNNTransform

from detector.families.coco import COCO_CLASS_NAMES, VOC_CLASS_NAMES, coco_name
from detector.families.torchvision_coco import (
    COCO_OUTPUTS,
    TorchvisionFamily,
    class_columns,
    class_names,
    recognise,
)
from detector.families.torchvision_published import ARCHITECTURES, MEASURED_ON, PUBLISHED


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_list_says_what_torchvision_says(name):
    published = PUBLISHED[name]
    weights = get_model_weights(name).DEFAULT
    told = weights.meta
    assert (published.architecture, published.url) == (name, weights.url)
    assert published.parameters == told["num_params"]
    assert published.ap == told["_metrics"][MEASURED_ON.replace(" ", "-")]["box_map"]
    assert (published.gmac, published.mib) == (told["_ops"], told["_file_size"])
    assert weights.url.endswith(f"-{published.sha256_prefix}.pth")
    assert len(published.sha256_prefix) == 8


@pytest.mark.parametrize("name", PUBLISHED)
def test_outputs_are_called_what_torchvision_calls_them(name):
    categories = get_model_weights(name).DEFAULT.meta["categories"]
    assert len(categories) == COCO_OUTPUTS
    assert tuple(categories[column] for column in class_columns(COCO_OUTPUTS)) == COCO_CLASS_NAMES
    assert set(categories) - {categories[column] for column in class_columns(COCO_OUTPUTS)} == {"N/A", "__background__"}


def test_all_of_vocs_classes_bear_vocs_names():
    names = class_names(COCO_OUTPUTS)
    assert len(set(names)) == 80
    assert set(VOC_CLASS_NAMES) <= set(names)
    assert tuple(coco_name(name) for name in names) == COCO_CLASS_NAMES


def test_unknown_classes_are_numbered():
    assert class_names(4) == ("class 1", "class 2", "class 3")
    assert class_columns(4) == (1, 2, 3)


@pytest.mark.parametrize("name", ARCHITECTURES)
@pytest.mark.parametrize("size_hw", [(360, 640), (640, 360), (300, 300), (90, 1000), (1, 1), (3, 700), (1, 5000)])
def test_the_input_is_as_large_as_torchvisions(name, size_hw):
    architecture = ARCHITECTURES[name]
    transform = GeneralizedRCNNTransform(architecture.size, architecture.longest, [0.0] * 3, [1.0] * 3)
    frame = np.random.default_rng(0).integers(0, 256, (*size_hw, 3), dtype=np.uint8)
    made, letterbox = TorchvisionFamily(architecture).prepare(frame, architecture.size)
    assert letterbox.content_wh == (made.shape[1], made.shape[0])
    assert letterbox.frame_size_wh == (size_hw[1], size_hw[0])
    if size_hw == (1, 5000):
        assert made.shape[0] == 1  # where torchvision itself fails, as nothing would be left
        return
    theirs = transform.resize(torch.from_numpy(frame).permute(2, 0, 1).float())[0]
    assert made.shape[:2] == tuple(theirs.shape[1:])
    assert np.abs(made - theirs.permute(1, 2, 0).numpy()).max() < 2.5  # levels of 255; OpenCV rounds


def test_sizes_and_longest_sides_are_torchvisions():
    for name, architecture in ARCHITECTURES.items():
        transform = getattr(detection, name)(weights=None, weights_backbone=None).transform
        assert (transform.min_size[-1], transform.max_size) == (architecture.size, architecture.longest)


def test_boxes_come_back_to_the_frame():
    frame = np.zeros((100, 200, 3), np.uint8)
    family = TorchvisionFamily(ARCHITECTURES["fasterrcnn_resnet50_fpn"])
    made, letterbox = family.prepare(frame, 64)
    assert made.shape == (53, 107, 3)  # the longer side held to 64 * 1333 / 800
    width, height = letterbox.content_wh
    corners = letterbox.to_frame(np.array([[0, 0, width, height]], np.float32))
    np.testing.assert_allclose(corners, [[0, 0, 200, 100]], rtol=1e-6)


def shapes_of(network):
    return {name: tuple(x.shape) for name, x in network.state_dict().items()}


@pytest.mark.parametrize("name", ARCHITECTURES)
@pytest.mark.parametrize("outputs", [2, COCO_OUTPUTS])
def test_a_state_dict_is_recognised(name, outputs):
    network = getattr(detection, name)(weights=None, weights_backbone=None, num_classes=outputs)
    assert recognise(shapes_of(network), f"{name}-1234.pth") == (ARCHITECTURES[name], outputs)


OTHERS = {
    "retinanet_resnet50_fpn": "torchvision's RetinaNet",
    "fcos_resnet50_fpn": "torchvision's FCOS",
    "ssdlite320_mobilenet_v3_large": "torchvision's SSD",
}


@pytest.mark.parametrize("name", OTHERS)
def test_another_head_is_named(name):
    network = getattr(detection, name)(weights=None, weights_backbone=None, num_classes=3)
    with pytest.raises(ValueError, match=OTHERS[name]):
        recognise(shapes_of(network), "w.pth")


def test_what_is_no_detector_is_told():
    with pytest.raises(ValueError, match="no detector of torchvision's"):
        recognise({"fc.weight": (10, 5)}, "w.pth")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"roi_heads.box_predictor.bbox_pred.weight": (4, 1024)}, "one box for all classes"),
        ({"backbone.body.layer3.6.conv3.weight": (1024, 256, 1, 1)}, "neither ResNet-50 FPN nor MobileNetV3"),
    ],
)
def test_another_faster_rcnn_is_told(change, reason):
    network = detection.fasterrcnn_resnet50_fpn(weights=None, weights_backbone=None, num_classes=3)
    with pytest.raises(ValueError, match=reason):
        recognise({**shapes_of(network), **change}, "w.pth")

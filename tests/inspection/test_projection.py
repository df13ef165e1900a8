import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from detector.errors import OptionError
from detector.inspection.anatomy import Point, anatomy
from detector.inspection.network_copy import shared_copy
from detector.inspection.projection import RuledReLU, project, ruled_copy, to_picture
from detector.inspection.targets import UnitTarget
from tests.inspection.tiny import SIDE, classifier, vgg_yolo, waves


def sent_back(layer, x, signal):
    """What the backward pass of a layer makes of a signal."""
    x = x.clone().requires_grad_()
    return torch.autograd.grad(layer(x), x, signal)[0]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("stride", "padding", "kernel"), [(1, 1, 3), (2, 1, 3), (1, 0, 1), (2, 3, 7)])
def test_a_convolution_and_its_way_back_are_adjoint(seed, stride, padding, kernel):
    torch.manual_seed(seed)
    conv = nn.Conv2d(3, 5, kernel, stride, padding, bias=False).double()
    x = torch.randn(1, 3, 13, 17, dtype=torch.float64)
    signal = torch.randn_like(conv(x))
    back = sent_back(conv, x, signal)
    torch.testing.assert_close((conv(x) * signal).sum(), (x * back).sum())
    size = [
        side - ((out - 1) * stride - 2 * padding + kernel) for side, out in zip((13, 17), signal.shape[2:], strict=True)
    ]
    torch.testing.assert_close(back, F.conv_transpose2d(signal, conv.weight, None, stride, padding, size))


def test_poolings_way_back_is_unpooling_by_switches():
    x, signal = torch.randn(1, 4, 8, 10), torch.randn(1, 4, 4, 5)
    _, switches = F.max_pool2d(x, 2, return_indices=True)
    torch.testing.assert_close(sent_back(nn.MaxPool2d(2), x, signal), F.max_unpool2d(signal, switches, 2))


@pytest.mark.parametrize(("rule", "wanted"), [("deconvnet", [2.0, 0.0, 3.0, 0.0]), ("guided", [2.0, 0.0, 0.0, 0.0])])
def test_the_rules_by_hand(rule, wanted):
    x, signal = torch.tensor([1.0, 1.0, -1.0, -1.0]), torch.tensor([2.0, -2.0, 3.0, -3.0])
    assert sent_back(RuledReLU(rule), x, signal).tolist() == wanted
    assert RuledReLU(rule)(x).tolist() == [1, 1, 0, 0]


def two_layers():
    """1x1 convolutions: hidden = relu(W pixels), unit = relu(v hidden)."""
    network = nn.Sequential(
        nn.Conv2d(3, 3, 1, bias=False), nn.ReLU(inplace=True), nn.Conv2d(3, 1, 1, bias=False), nn.ReLU(inplace=True)
    )
    network[0].weight.data = torch.tensor([[1.0, 0.0, 0.0], [-1.0, 0.0, 1.0], [0.0, -2.0, 0.0]])[:, :, None, None]
    network[2].weight.data = torch.tensor([[2.0, -1.0, 3.0]])[:, :, None, None]
    return network.requires_grad_(False)


# One pixel (1, 0.5, 2): hidden before its ReLU (1, 1, -1), after (1, 1, 0), unit 2 - 1 = 1. Downwards the unit sends
# (2, -1, 3); the gradient lets the first two through, deconvnet the positive ones, guided the first alone.
@pytest.mark.parametrize(
    ("make", "wanted"),
    [
        (shared_copy, [2 + 1, 0, -1]),
        (lambda network: ruled_copy(network, "deconvnet"), [2, -2 * 3, 0]),
        (lambda network: ruled_copy(network, "guided"), [2, 0, 0]),
    ],
)
def test_a_unit_of_a_tiny_network_by_hand(make, wanted):
    pixels = torch.tensor([1.0, 0.5, 2.0]).reshape(1, 3, 1, 1)
    found = project(make(two_layers()), pixels, UnitTarget(Point("3"), 0))
    assert found.ravel().tolist() == wanted


def test_a_unit_that_does_not_fire_gives_nothing():
    pixels = torch.tensor([0.0, 0.0, 2.0]).reshape(1, 3, 1, 1)
    assert not project(ruled_copy(two_layers(), "deconvnet"), pixels, UnitTarget(Point("3"), 0)).any()


@pytest.mark.parametrize("rule", ["deconvnet", "guided"])
def test_deconvnet_equals_transposed_layers_step_by_step(rule):
    network, images = classifier(), waves()
    before = network[0](images)
    pooled, switches = F.max_pool2d(before.relu(), 2, return_indices=True)
    last = network[3](pooled)
    unit = UnitTarget(Point("3"), *(int(i) for i in np.unravel_index(int(last[0].argmax()), last.shape[1:])))
    signal = torch.zeros_like(last)
    signal[0, unit.channel, unit.y, unit.x] = last.max()
    signal = F.conv_transpose2d(signal, network[3].weight, padding=1)
    signal = F.max_unpool2d(signal, switches, 2).relu()
    if rule == "guided":
        signal = signal * (before > 0)
    wanted = F.conv_transpose2d(signal, network[0].weight, padding=1)
    np.testing.assert_allclose(project(ruled_copy(network, rule), images, unit), wanted[0], atol=1e-5)


@pytest.mark.parametrize("rule", ["deconvnet", "guided"])
def test_nothing_lies_outside_of_what_the_unit_sees(rule):
    network, images = vgg_yolo(), torch.rand(1, 3, SIDE, SIDE)
    layer = next(one for one in anatomy(shared_copy(network), images) if one.name == "backbone.stage3.0")
    found = project(ruled_copy(network, rule), images, UnitTarget(layer.before, 5, 4, 3))
    x1, y1, x2, y2 = layer.field.box_xyxy(4, 3)
    found[:, y1:y2, x1:x2] = 0
    assert not found.any()


def test_the_original_keeps_its_relus_and_answers():
    network, images = vgg_yolo(), torch.rand(1, 3, SIDE, SIDE)
    ruled = ruled_copy(network, "guided")
    assert torch.equal(network(images).class_logits, ruled(images).class_logits)
    assert isinstance(network.head.class_tower[0].relu, nn.ReLU)
    assert isinstance(ruled.head.class_tower[0].relu, RuledReLU)


def test_a_unit_that_is_not_there_is_refused():
    with pytest.raises(OptionError, match="no unit"):
        project(ruled_copy(classifier(), "guided"), waves(), UnitTarget(Point("1"), 9))


def test_it_works_for_callers_in_inference_mode():
    network = ruled_copy(classifier(), "guided")
    with torch.inference_mode():
        found = project(network, waves() + 0, UnitTarget(Point("1"), 2, 5, 7))
    assert found.shape == (3, 12, 16)
    assert found.dtype == np.float32


def test_a_picture_is_gray_where_nothing_is_and_symmetric():
    projection = np.zeros((3, 4, 6), np.float32)
    projection[0, 1, 2], projection[1, 1, 2] = 0.5, -0.25
    picture = to_picture(projection)
    assert picture.shape == (4, 6, 3)
    assert picture[1, 2].tolist() == [255, 64, 128]
    assert picture[0, 0].tolist() == [128, 128, 128]
    assert to_picture(projection, (2, 1, 4, 3)).shape == (2, 2, 3)
    assert to_picture(projection, (0, 0, 2, 1)).tolist() == [[[128] * 3] * 2]

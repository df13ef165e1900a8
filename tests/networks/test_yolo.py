import copy
import math

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from detector.networks.pyramid import LEVEL_STRIDES, Neck
from detector.networks.vgg import VGG_STAGES, fold_batch_norm
from detector.networks.yolo import CLASS_PRIOR, Head, VGGYolo, anchor_points
from tests.networks.randomise import kaiming, picture, randomise_batch_norm


def slow_anchor_points(height, width):
    rows = []
    for stride in (8, 16, 32):
        for row in range(height // stride):
            for column in range(width // stride):
                rows.append((column * stride + stride / 2, row * stride + stride / 2, stride))
    return torch.tensor(rows)


@pytest.mark.parametrize(("height", "width"), [(64, 64), (64, 96), (160, 32)])
def test_anchor_points_are_cell_centres_row_by_row_level_by_level(height, width):
    points = anchor_points(height, width)
    expected = slow_anchor_points(height, width)
    assert torch.equal(points.centres_xy, expected[:, :2])
    assert torch.equal(points.strides, expected[:, 2])


def test_the_neck_keeps_the_three_strides_and_gives_64_channels():
    neck = Neck((128, 256, 256))
    maps = neck(torch.rand(1, 128, 8, 12), torch.rand(1, 256, 4, 6), torch.rand(1, 256, 2, 3))
    assert [tuple(m.shape) for m in maps] == [(1, 64, 8, 12), (1, 64, 4, 6), (1, 64, 2, 3)]


def test_in_the_neck_every_level_hears_of_every_other():
    neck = kaiming(Neck((8, 8, 8), 8)).eval()
    inputs = [torch.rand(1, 8, side, side, requires_grad=True) for side in (8, 4, 2)]
    for output in neck(*inputs):
        gradients = torch.autograd.grad(output.sum(), inputs, retain_graph=True)
        assert all(gradient.abs().sum() > 0 for gradient in gradients)


def test_the_head_answers_for_every_cell_with_distances_that_are_not_negative():
    head = kaiming(Head(5)).eval()
    logits, distances = head([torch.randn(2, 64, side, side) for side in (8, 4, 2)])
    assert logits.shape == (2, 84, 5)
    assert distances.shape == (2, 84, 4)
    assert distances.min() >= 0
    assert distances.max() > 0


def test_the_head_starts_with_every_class_rare():
    bias = Head(7).class_logits.bias
    torch.testing.assert_close(bias.sigmoid(), torch.full((7,), CLASS_PRIOR))


def test_the_heads_levels_share_kernels_but_not_scales():
    head = kaiming(Head(3)).eval()
    with torch.no_grad():
        head.level_scale[1] = 3.0
        same = torch.randn(1, 64, 2, 2)
        logits, distances = head([same, same, same])
    assert torch.equal(logits[:, :4], logits[:, 4:8])
    assert torch.equal(distances[:, :4], distances[:, 8:])
    assert not torch.allclose(distances[:, :4], distances[:, 4:8])


def test_boxes_reach_from_the_cells_centre_by_distance_times_stride():
    network = kaiming(VGGYolo(3)).eval()
    with torch.no_grad():
        levels = network.levels(picture(64, 1))
        _, distances = network.head(levels)
        output = network.decode(levels, (64, 64))
    points = slow_anchor_points(64, 64)
    for n in (0, 5, 63, 64, 79, 80, 83):
        x, y, stride = points[n].tolist()
        left, top, right, bottom = (distances[0, n] * stride).tolist()
        assert output.boxes_xyxy[0, n].tolist() == pytest.approx([x - left, y - top, x + right, y + bottom], rel=1e-5)


def test_output_shapes_follow_the_inputs_size():
    network = VGGYolo(20).eval()
    with torch.no_grad():
        output = network(torch.rand(1, 3, 64, 128))
    count = sum((64 // s) * (128 // s) for s in LEVEL_STRIDES)
    assert output.class_logits.shape == (1, count, 20)
    assert output.boxes_xyxy.shape == (1, count, 4)


def test_the_slim_backbones_last_three_stages_feed_the_neck():
    network = kaiming(VGGYolo(2)).eval()
    image = picture(64)
    with torch.no_grad():
        expected = network.neck(*network.backbone(image)[2:5])
        levels = network.levels(image)
    assert all(torch.equal(level, other) for level, other in zip(levels, expected, strict=True))


def test_a_canonical_vgg_carries_a_yolo_its_last_stage_pooled_to_stride_32():
    network = kaiming(VGGYolo(20, "vgg16")).eval()
    image = picture(64)
    with torch.no_grad():
        output = network(image)
        levels = network.levels(image)
        c3, c4 = network.backbone(image)[3:5]
        expected = network.neck(c3, c4, torch.nn.functional.max_pool2d(c4, 2))
    assert [tuple(level.shape) for level in levels] == [(2, 64, 8, 8), (2, 64, 4, 4), (2, 64, 2, 2)]
    assert all(torch.equal(level, other) for level, other in zip(levels, expected, strict=True))
    assert output.class_logits.shape == (2, 84, 20)
    assert output.boxes_xyxy.shape == (2, 84, 4)


def test_a_backbone_that_lacks_a_stride_is_refused(monkeypatch):
    monkeypatch.setitem(VGG_STAGES, "vgg-short", VGG_STAGES["vgg16"][:4])
    with pytest.raises(ValueError, match="the backbone has no feature map at stride 16"):
        VGGYolo(2, "vgg-short")


def test_folding_leaves_the_networks_answer_as_it_was():
    network = randomise_batch_norm(kaiming(VGGYolo(20))).eval()
    folded = fold_batch_norm(copy.deepcopy(network))
    assert not any(isinstance(m, torch.nn.BatchNorm2d) for m in folded.modules())
    image = picture(64)
    with torch.no_grad():
        before, after = network(image), folded(image)
    assert before.class_logits.std() > 0.1
    torch.testing.assert_close(after.class_logits, before.class_logits, rtol=1e-3, atol=2e-3)
    torch.testing.assert_close(after.boxes_xyxy, before.boxes_xyxy, rtol=1e-3, atol=1e-1)


def test_the_network_has_3_55_million_parameters_and_costs_at_most_2_7_gmac_at_320():
    network = VGGYolo(20).eval()
    count = sum(parameter.numel() for parameter in network.parameters())
    assert count == pytest.approx(3.55e6, rel=0.01)
    with torch.device("meta"):
        unreal = VGGYolo(20).eval()
        counter = FlopCounterMode(display=False)
        with counter, torch.no_grad():
            unreal.head(unreal.levels(torch.empty(1, 3, 320, 320)))
    gmac = counter.get_total_flops() / 2 / 1e9
    assert math.isclose(gmac, 2.6, abs_tol=0.1), gmac
    assert gmac <= 2.7

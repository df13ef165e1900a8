"""The layers of the networks here, by their shapes, fields, parameters and costs."""

from __future__ import annotations

from functools import cache

import pytest
import torch
from torch import nn
from torchvision.models.detection import fasterrcnn_mobilenet_v3_large_320_fpn

from detector.errors import OptionError
from detector.footprint import gmac
from detector.inspection.anatomy import Layer, Point, anatomy, find_layer
from detector.networks.faster_rcnn import SLIM, FasterRCNN
from detector.networks.torchvision_detectors import OpenedFasterRCNN
from detector.networks.vgg import fold_batch_norm
from detector.networks.yolo import VGGYolo
from tests.inspection.tiny import PLAIN

SIZE = 96


@cache
def layers_of(kind: str) -> tuple[Layer, ...]:
    torch.manual_seed(0)
    network: nn.Module
    if kind == "vgg-yolo":
        network = fold_batch_norm(VGGYolo(20))
    elif kind.startswith("faster-rcnn"):
        network = fold_batch_norm(FasterRCNN(20, PLAIN if kind == "faster-rcnn" else SLIM))
    else:
        plain = fasterrcnn_mobilenet_v3_large_320_fpn(weights=None, weights_backbone=None).eval()
        network = OpenedFasterRCNN(plain, range(1, 91))
    return anatomy(network, torch.rand(1, 3, SIZE, SIZE))


@pytest.mark.parametrize("kind", ["vgg-yolo", "faster-rcnn", "torchvision"])
def test_layers_have_names_of_their_own_and_are_found_by_them(kind: str) -> None:
    layers = layers_of(kind)
    assert len({layer.name for layer in layers}) == len(layers) > 30
    assert find_layer(layers, layers[5].name) is layers[5]


def test_the_stages_of_the_backbone() -> None:
    layers = layers_of("vgg-yolo")
    first = find_layer(layers, "backbone.stage1.0")
    assert (first.kind, first.shape, first.stride) == ("conv 3x3 /2", (32, SIZE // 2, SIZE // 2), 2)
    assert (first.receptive_field_px, first.parameters) == (3, 32 * (27 + 1))
    assert first.macs == 32 * (SIZE // 2) ** 2 * 27
    assert (first.before, first.after) == (Point("backbone.stage1.0.conv"), Point("backbone.stage1.0.relu"))
    pool = find_layer(layers, "backbone.pool@8")
    assert (pool.kind, pool.shape, pool.stride) == ("max pool 2x2", (64, SIZE // 8, SIZE // 8), 8)
    assert (pool.before, pool.after) == (Point("backbone.pool", 1), None)
    assert pool.point(True) == pool.point(False) == pool.before


def test_a_head_shared_by_the_levels_is_a_layer_of_each() -> None:
    layers = layers_of("vgg-yolo")
    for call, stride in enumerate((8, 16, 32)):
        tower = find_layer(layers, f"head.class_tower.1@{stride}")
        assert tower.shape == (64, SIZE // stride, SIZE // stride)
        assert tower.after == Point("head.class_tower.1.relu", call)


def test_layers_behind_a_cut_out_are_no_maps_of_the_frame() -> None:
    layers = layers_of("faster-rcnn")
    conv = find_layer(layers, "roi_heads.box_head.0.0")
    assert (conv.shape, conv.field, conv.stride) == ((64, 7, 7), None, None)
    assert conv.cut_outs > 0
    assert conv.after == Point("roi_heads.box_head.0.1")
    assert find_layer(layers, "roi_heads.box_predictor.cls_score").shape == (21, 1, 1)
    assert find_layer(layers, "backbone.stage1.0").cut_outs == 0


def test_a_second_look_at_mended_boxes_is_a_layer_of_its_own() -> None:
    layers = layers_of("faster-rcnn refined")
    for number in (0, 1):
        assert find_layer(layers, f"roi_heads.box_head.0.0#{number}").before == Point("roi_heads.box_head.0.0", number)


def test_before_means_after_the_batch_norm() -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 2, 1)).eval()
    first, second = anatomy(network, torch.rand(1, 3, 8, 8))
    assert (first.before, first.after) == (Point("1"), Point("2"))
    assert (second.before, second.after) == (Point("3"), None)
    assert first.weights == "0"


@pytest.mark.parametrize("kind", ["vgg-yolo", "torchvision"])
def test_maps_of_the_frame_know_what_they_see(kind: str) -> None:
    maps = [layer for layer in layers_of(kind) if layer.cut_outs == 0]
    assert len(maps) > 30
    for layer in maps:
        # What torchvision adds to reach a multiple of 32 is none here.
        assert layer.field is not None, layer.name
        assert layer.stride == SIZE // layer.shape[1]


def test_the_multiply_accumulates_are_those_of_the_whole_network() -> None:
    total = sum(layer.macs for layer in layers_of("vgg-yolo"))
    assert total / 1e9 == pytest.approx(gmac(fold_batch_norm(VGGYolo(20)), SIZE), rel=1e-6)


@pytest.mark.parametrize("bf16", [False, True])
def test_times_are_measured_where_asked_for_in_the_precision_asked_for(bf16: bool) -> None:
    network = fold_batch_norm(VGGYolo(2))
    seen: list[torch.dtype] = []
    network.neck.topdown3.conv.register_forward_hook(lambda _m, _i, out: seen.append(out.dtype))
    layers = anatomy(network, torch.rand(1, 3, 64, 64), repeats=2, bf16=bf16)
    assert seen[-1] is (torch.bfloat16 if bf16 else torch.float32)
    network.neck.topdown3.conv._forward_hooks.clear()
    assert all(layer.elapsed_s is not None and layer.elapsed_s > 0 for layer in layers)
    assert all(layer.elapsed_s is None for layer in layers_of("vgg-yolo"))
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in network.modules())


@pytest.mark.parametrize(
    ("name", "near"),
    [("stage1.0", "backbone.stage1.0"), ("backbone.stage9.0", "backbone.stage"), ("", "--layers"), ("zzz", "--layers")],
)
def test_a_name_that_is_not_there_gets_its_neighbours(name: str, near: str) -> None:
    with pytest.raises(OptionError, match=near):
        find_layer(layers_of("vgg-yolo"), name)

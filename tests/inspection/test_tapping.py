"""What a tap reads, against plain forward hooks."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from detector.engines.torch_engine import TorchEngine
from detector.inspection.anatomy import Layer, anatomy, find_layer
from detector.inspection.tapping import Tap, TapRequest, reduce_maps
from detector.networks.faster_rcnn import FasterRCNN
from detector.networks.vgg import fold_batch_norm
from detector.networks.yolo import VGGYolo
from tests.inspection.tiny import PLAIN

SIZE = 96


@pytest.fixture(scope="module")
def network() -> nn.Module:
    torch.manual_seed(0)
    return fold_batch_norm(VGGYolo(3))


@pytest.fixture(scope="module")
def layers(network: nn.Module) -> tuple[Layer, ...]:
    return anatomy(network, torch.rand(1, 3, SIZE, SIZE))


@pytest.fixture(scope="module")
def image() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (1, SIZE, SIZE, 3), np.uint8)


def by_plain_hook(network: nn.Module, module: str, call: int, image: np.ndarray) -> Tensor:
    """A copy of what the module gave at that call."""
    outputs: list[Tensor] = []
    handle = network.get_submodule(module).register_forward_hook(lambda _m, _i, out: outputs.append(out.clone()))
    TorchEngine(network).run(image)
    handle.remove()
    return outputs[call]


def test_a_pooling_layer_is_read_before_and_after(
    network: nn.Module, layers: tuple[Layer, ...], image: np.ndarray
) -> None:
    layer, source = find_layer(layers, "backbone.pool@8"), find_layer(layers, "backbone.stage2.2")
    assert layer.pools
    plain = by_plain_hook(network, *source.point(True), image)[0]
    tap = Tap(network, TapRequest(layer, tile_px=SIZE, with_input=True))
    tap.begin()
    TorchEngine(network).run(image)
    maps = tap.take()
    tap.remove()
    assert maps is not None
    assert maps.given is not None
    assert np.array_equal(maps.given, plain.half().numpy())
    assert (maps.given_step, maps.given_hw, maps.given_stride) == (1, (24, 24), 4)
    assert np.array_equal(maps.maps, nn.functional.max_pool2d(plain, 2).half().numpy())
    small = reduce_maps(plain[None], TapRequest(layer, tile_px=8), plain[None])
    assert small.given is not None
    assert (small.given.shape, small.given_step) == ((len(plain), 8, 8), 3)


@pytest.mark.parametrize(
    "name", ["backbone.stage1.0", "backbone.pool@8", "backbone.stage4.2", "neck.lateral4", "head.class_tower.1@16"]
)
@pytest.mark.parametrize("after_relu", [True, False])
def test_a_tap_reads_what_a_plain_hook_reads(
    network: nn.Module, layers: tuple[Layer, ...], image: np.ndarray, name: str, after_relu: bool
) -> None:
    layer = find_layer(layers, name)
    point = layer.point(after_relu)
    plain = by_plain_hook(network, point.module, point.call, image)[0].numpy()
    tap = Tap(network, TapRequest(layer, after_relu, tile_px=SIZE, pinned=1))
    tap.begin()
    TorchEngine(network).run(image)
    maps = tap.take()
    tap.remove()
    assert maps is not None
    assert maps.step == 1
    assert maps.maps.tobytes() == plain.astype(np.float16).tobytes()
    assert maps.pinned_map is not None
    assert maps.pinned_map.tobytes() == plain[1].astype(np.float16).tobytes()
    np.testing.assert_array_equal(maps.peak, plain.max(axis=(1, 2)))
    np.testing.assert_allclose(maps.mean, plain.mean(axis=(1, 2)), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(maps.variance, plain.var(axis=(1, 2)), rtol=1e-4, atol=1e-6)
    for channel, (y, x) in enumerate(maps.peak_yx):
        assert plain[channel, y, x] == maps.peak[channel]


def test_before_a_relu_in_place_there_are_values_below_zero(
    network: nn.Module, layers: tuple[Layer, ...], image: np.ndarray
) -> None:
    layer = find_layer(layers, "backbone.stage2.1")
    least = {}
    for after_relu in (True, False):
        tap = Tap(network, TapRequest(layer, after_relu, tile_px=SIZE))
        tap.begin()
        TorchEngine(network).run(image)
        maps = tap.take()
        tap.remove()
        assert maps is not None
        least[after_relu] = float(maps.maps.min())
    assert least[False] < 0 == least[True]


def test_a_tap_leaves_the_answer_as_it_was(network: nn.Module, layers: tuple[Layer, ...], image: np.ndarray) -> None:
    plain = TorchEngine(network).run(image)
    tap = Tap(network, TapRequest(find_layer(layers, "neck.topdown3")))
    tap.begin()
    tapped = TorchEngine(network).run(image)
    tap.remove()
    for one, other in zip(plain, tapped, strict=True):
        assert one.tobytes() == other.tobytes()


def test_a_removed_tap_hears_nothing(network: nn.Module, layers: tuple[Layer, ...], image: np.ndarray) -> None:
    tap = Tap(network, TapRequest(find_layer(layers, "neck.topdown3")))
    tap.begin()
    tap.remove()
    TorchEngine(network).run(image)
    assert tap.take() is None
    assert not any(module._forward_hooks for module in network.modules())


def test_reduced_maps_keep_every_peak(layers: tuple[Layer, ...]) -> None:
    output = torch.rand(1, 5, 37, 21)
    maps = reduce_maps(output, TapRequest(layers[0], tile_px=10))
    assert maps.step == 4
    assert maps.maps.shape == (5, 10, 6)
    assert maps.full_hw == (37, 21)
    np.testing.assert_array_equal(maps.maps.max(axis=(1, 2)), maps.peak.astype(np.float16))
    for channel, (y, x) in enumerate(maps.peak_yx):
        assert maps.maps[channel, y // 4, x // 4] == np.float16(maps.peak[channel])


def test_readings_keep_their_distance(network: nn.Module, layers: tuple[Layer, ...], image: np.ndarray) -> None:
    tap = Tap(network, TapRequest(layers[0], every_s=1000.0))
    got = []
    for _ in range(2):
        tap.begin()
        TorchEngine(network).run(image)
        got.append(tap.take() is not None)
    tap.remove()
    assert got == [True, False]


def test_the_hook_needs_the_leave_of_begin(network: nn.Module, layers: tuple[Layer, ...], image: np.ndarray) -> None:
    tap = Tap(network, TapRequest(layers[0]))
    TorchEngine(network).run(image)
    assert tap.take() is None
    tap.remove()


@pytest.fixture(scope="module")
def twice() -> nn.Module:
    torch.manual_seed(0)
    return fold_batch_norm(FasterRCNN(3, PLAIN))


@pytest.fixture(scope="module")
def found(twice: nn.Module) -> tuple[Layer, ...]:
    return anatomy(twice, torch.rand(1, 3, SIZE, SIZE))


class TestCutOuts:
    @pytest.mark.parametrize("name", ["roi_heads.box_roi_pool", "roi_heads.box_head.1.0", "roi_heads.box_head.3"])
    def test_each_proposal_has_its_own(
        self, twice: nn.Module, found: tuple[Layer, ...], image: np.ndarray, name: str
    ) -> None:
        layer = find_layer(found, name)
        point = layer.point(True)
        plain = by_plain_hook(twice, point.module, point.call, image).numpy()
        assert len(plain) > 3
        for cut_out in (0, 3, 10_000):
            tap = Tap(twice, TapRequest(layer, cut_out=cut_out))
            tap.begin()
            TorchEngine(twice).run(image)
            maps = tap.take()
            tap.remove()
            assert maps is not None
            assert maps.cut_outs == len(plain)
            assert maps.maps.ndim == 3
            own = plain[min(cut_out, len(plain) - 1)]
            np.testing.assert_array_equal(maps.maps.ravel(), own.astype(np.float16).ravel())

    def test_without_a_proposal_there_is_nothing_to_see(self, found: tuple[Layer, ...]) -> None:
        layer = find_layer(found, "roi_heads.box_head.3")
        maps = reduce_maps(torch.zeros(0, 512), TapRequest(layer))
        assert maps.cut_outs == 0
        assert not maps.maps.any()

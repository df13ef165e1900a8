"""What explains a box, a unit and a filter, in numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from detector.detector import Detector
from detector.errors import OptionError
from detector.frames import frames_of, open_source
from detector.frames.protocol import Frame
from detector.geometry import Letterbox
from detector.inspection.anatomy import Layer, anatomy, find_layer
from detector.registry import load_detector
from detector.selection import Thresholds, select
from gui.inspect.explanations import (
    Asked,
    heat_of,
    kernels,
    map_picture,
    pixels_inside,
    response_of,
    share_inside,
    unit_of,
)
from gui.inspect.networks import Networks, prepared
from tests.gui.inspect.explaining_desk import DEEP, FIRST, MIXING, POOL


@pytest.fixture(scope="module")
def detector() -> Detector:
    return load_detector("vgg-yolo-voc20", 128, "f32", engine="torch")


@pytest.fixture(scope="module")
def frame() -> Frame:
    return next(frames_of(open_source("sample")))


@pytest.fixture(scope="module")
def layers(detector: Detector) -> tuple[Layer, ...]:
    engine: Any = detector.engine
    return anatomy(engine.network, torch.zeros(1, 3, 128, 128))


def asked_for(detector: Detector, frame: Frame, layer: Layer | None = None) -> Asked:
    candidates = detector.predict(frame.image)
    found = select(candidates, Thresholds(score=0.05))
    candidate = int(found.candidate[0])
    wide, tight = candidates.boxes_xyxy[candidate].tolist(), found.boxes_xyxy[0].tolist()
    return Asked(frame, int(candidates.origin[candidate]), int(found.labels[0]), tuple(wide), tuple(tight), layer)


def test_pixels_of_a_box_are_at_least_one_and_within_the_frame() -> None:
    assert pixels_inside(np.array([2.2, 3.6, 10, 50], np.float32), (20, 10)) == (slice(4, 10), slice(2, 10))
    assert pixels_inside(np.array([30, 30, 40, 40], np.float32), (20, 10)) == (slice(9, 10), slice(19, 20))


def test_the_share_counts_heat_on_the_frame_alone() -> None:
    letterbox = Letterbox.fit((8, 4), 8)
    values = np.zeros((8, 8), np.float32)
    values[0, 0], values[3, 7], values[6, 6] = 3, 1, 100
    assert share_inside(values, (slice(0, 2), slice(0, 2)), letterbox) == 0.75
    assert share_inside(np.zeros((8, 8), np.float32), (slice(0, 2), slice(0, 2)), letterbox) == 0


def test_heat_of_a_box_comes_by_stride_fused_and_by_the_layer(
    detector: Detector, frame: Frame, layers: tuple[Layer, ...]
) -> None:
    networks = Networks()
    heat = heat_of(networks, detector, asked_for(detector, frame, find_layer(layers, "backbone.stage3.2")))
    assert [part.stride for part in heat.parts] == [8, 16, 32]
    assert heat.layer is not None
    for part in (heat.fused, *heat.parts, heat.layer):
        assert part.values.shape == heat.input_hw == (96, 128)
        assert 0 <= part.share <= 1
        assert part.picture.ndim == 3
    assert np.allclose(heat.layer.values, heat.parts[0].values)
    assert heat.fused.share > heat.box_share
    again = heat_of(networks, detector, asked_for(detector, frame))
    assert again.layer is None
    assert np.array_equal(again.fused.values, heat.fused.values)


def test_a_box_that_cannot_be_is_told(detector: Detector, frame: Frame) -> None:
    box = (0.0, 0.0, 10.0, 10.0)
    with pytest.raises(OptionError, match="select it again"):
        heat_of(Networks(), detector, Asked(frame, 10**6, 0, box, box))


def test_the_network_that_answers_is_left_as_it_is(detector: Detector, frame: Frame, layers: tuple[Layer, ...]) -> None:
    engine: Any = detector.engine
    before = detector.predict(frame.image)
    networks = Networks()
    heat_of(networks, detector, asked_for(detector, frame))
    unit_of(networks, detector, frame, find_layer(layers, DEEP), True, 0, (5, 5))
    after = detector.predict(frame.image)
    assert np.array_equal(before.scores, after.scores)
    assert not any(parameter.requires_grad for parameter in engine.network.parameters())
    assert not any(module._forward_hooks for module in engine.network.modules())


def test_a_unit_is_sent_back_to_what_it_sees(detector: Detector, frame: Frame, layers: tuple[Layer, ...]) -> None:
    layer = find_layer(layers, DEEP)
    assert layer.field is not None
    _, inputs, _ = prepared(detector, frame.image)
    networks = Networks()
    kept: list[torch.Tensor] = []
    network = networks.plain(detector)
    point = layer.point(True)
    handle = network.get_submodule(point.module).register_forward_hook(lambda _m, _i, out: kept.append(out))
    with torch.no_grad():
        network(inputs)
    handle.remove()
    channel, y, x = (int(n) for n in np.unravel_index(int(kept[0][0].argmax()), kept[0].shape[1:]))
    unit = unit_of(networks, detector, frame, layer, True, channel, (y, x))
    assert unit.value == pytest.approx(float(kept[0].max()), rel=1e-5)
    assert unit.box_xyxy == layer.field.box_xyxy(y, x)
    x1, y1, x2, y2 = unit.box_xyxy
    for picture in (unit.crop, *unit.projections):
        assert picture.shape == (y2 - y1, x2 - x1, 3)
    assert len(unit.projections) == 2
    assert unit.rectified
    assert all(picture.std() > 0 for picture in unit.projections)


def test_a_silent_unit_sends_nothing_back(detector: Detector, frame: Frame, layers: tuple[Layer, ...]) -> None:
    black = Frame(np.zeros_like(frame.image), 0, 0.0)
    networks, layer = Networks(), find_layer(layers, DEEP)
    silent = next(
        unit
        for channel in range(64)
        if (unit := unit_of(networks, detector, black, layer, True, channel, (10, 10))).value <= 0
    )
    assert all((picture == 128).all() for picture in silent.projections)


def test_the_response_is_what_the_layer_computes(detector: Detector, frame: Frame, layers: tuple[Layer, ...]) -> None:
    engine: Any = detector.engine
    layer = find_layer(layers, FIRST)
    assert layer.weights is not None
    module = engine.network.get_submodule(layer.weights)
    _, inputs, letterbox = prepared(detector, frame.image)
    response = response_of(detector, layer, 7, frame)
    with torch.no_grad():
        whole = (module(inputs)[0, 7] - module.bias[7]).numpy()
    height = letterbox.content_wh[1] // response.stride
    # The last row sees the gray below the frame, which the filter does not slide over here.
    assert np.allclose(response.match.response[: height - 1], whole[: height - 1], atol=1e-4)
    assert response.picture.shape[:2] == response.match.response.shape
    assert response.patch.shape == (3, 3, 3)
    assert response.high == pytest.approx(float(np.abs(response.match.response).max()))


def test_filters_are_those_of_the_layer_and_a_pool_has_none(detector: Detector, layers: tuple[Layer, ...]) -> None:
    kinds = [kernels(detector, find_layer(layers, name)).kind for name in (FIRST, DEEP, MIXING)]
    assert kinds == ["matched", "slices", "mixing"]
    with pytest.raises(OptionError, match=f"{POOL} .* has no filters"):
        kernels(detector, find_layer(layers, POOL))


def test_a_map_is_drawn_with_a_ring_around_the_place() -> None:
    cells = np.zeros((8, 10), np.float16)
    cells[2, 7] = 1
    picture = map_picture(cells, (2, 7))
    times = picture.shape[1] // 10
    assert picture.shape == (8 * times, 10 * times, 3)
    white = np.argwhere((picture == 255).all(axis=2)).mean(axis=0) / times
    assert np.allclose(white, (2.5, 7.5), atol=0.1)

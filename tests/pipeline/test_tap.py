"""Feature maps that come with results: always of their own frame, layer and model, whatever changes meanwhile."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from detector.detector import Detector, ModelInfo
from detector.engines.torch_engine import TorchEngine
from detector.inspection.anatomy import Layer, anatomy
from detector.inspection.tapping import TapRequest
from detector.pipeline.results import FrameResult, ModelReady, RunningModel
from detector.pipeline.runner import Runner
from tests.pipeline.fakes import NumberedSource, ReadingFamily, reading_detector
from tests.pipeline.watcher import Watcher, indices


class ReadingNetwork(nn.Module):
    """Its layers give the frame's index, plus a constant each."""

    def __init__(self, constants: dict[str, int]) -> None:
        super().__init__()
        for name, constant in constants.items():
            conv = nn.Conv2d(3, 1, 1)
            assert conv.bias is not None
            with torch.no_grad():
                conv.weight.copy_(torch.tensor([255.0, 0, 0]).reshape(1, 3, 1, 1))
                conv.bias.fill_(constant)
            self.add_module(name, conv)

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        for conv in self.children():
            conv(images)
        return ((images * 255).round()[:, :, 0, 0],)


def network_detector(name: str, **constants: int) -> Detector:
    info = ModelInfo(name, ("thing",), 32, Path("none"))
    return Detector(info, ReadingFamily(), TorchEngine(ReadingNetwork(constants)))


def network_of(detector: Detector) -> nn.Module:
    assert isinstance(detector.engine, TorchEngine)
    return detector.engine.network


def layers_of(detector: Detector) -> dict[str, Layer]:
    network = ReadingNetwork({name: 0 for name, _ in network_of(detector).named_children()})
    return {layer.name: layer for layer in anatomy(network, torch.rand(1, 3, 1, 1))}


CONSTANTS = {"one": 1000, "two": 2000}


def check(result: FrameResult) -> None:
    """Whatever maps a result has, they are of its frame, its model and the layer that they are told to be of."""
    if result.maps is not None:
        assert result.model is not None
        constant = CONSTANTS[result.maps.layer.name] + (500 if result.model.info.name == "other" else 0)
        assert result.maps.peak[0] == pytest.approx(result.frame.index % 256 + constant)


def answering(runner: Runner) -> tuple[Detector, RunningModel]:
    assert runner.detector is not None
    return runner.detector


def load(runner: Runner, watcher: Watcher, detector: Detector) -> tuple[RunningModel, dict[str, Layer]]:
    request = runner.load_model(detector.info.name, lambda: detector)
    watcher.wait(lambda: any(isinstance(event, ModelReady) and event.request == request for event in watcher.events))
    running = answering(runner)
    assert running[0] is detector
    return running[1], layers_of(detector)


def test_maps_come_with_their_own_frame(runner: Runner, watcher: Watcher) -> None:
    model, layers = load(runner, watcher, network_detector("plain", **CONSTANTS))
    runner.set_tap(model, TapRequest(layers["one"]))
    runner.open(lambda: NumberedSource(40))
    watcher.wait(lambda: len(watcher.answered) == 40)
    assert indices(watcher.answered) == list(range(40))
    for result in watcher.answered:
        assert result.maps is not None
        check(result)


def test_without_a_request_nothing_is_read(runner: Runner, watcher: Watcher) -> None:
    model, layers = load(runner, watcher, network_detector("plain", **CONSTANTS))
    runner.set_tap(model, TapRequest(layers["one"]))
    runner.set_tap(None, None)
    runner.open(lambda: NumberedSource(5))
    watcher.wait(lambda: len(watcher.answered) == 5)
    assert all(result.maps is None for result in watcher.answered)
    assert not any(module._forward_hooks for module in network_of(answering(runner)[0]).modules())


def test_changing_layers_models_and_places_never_mixes_maps(runner: Runner, watcher: Watcher) -> None:
    plain = network_detector("plain", **CONSTANTS)
    other = network_detector("other", **{name: constant + 500 for name, constant in CONSTANTS.items()})
    known = [load(runner, watcher, detector) for detector in (plain, other)]
    runner.open(lambda: NumberedSource(None, wait_s=0.0005))
    choose = random.Random(7)
    for _ in range(60):
        what = choose.random()
        if what < 0.5:
            model, layers = choose.choice(known)
            runner.set_tap(model, TapRequest(layers[choose.choice(list(layers))]))
        elif what < 0.7:
            model, layers = load(runner, watcher, choose.choice((plain, other)))
            known.append((model, layers))
        elif what < 0.85:
            runner.seek(choose.randrange(200))
        else:
            runner.open(lambda: NumberedSource(None, wait_s=0.0005))
        time.sleep(choose.random() * 0.01)
    model, layers = load(runner, watcher, plain)
    runner.set_tap(model, TapRequest(layers["two"]))
    answered = len(watcher.answered)
    watcher.wait(lambda: len(watcher.answered) > answered + 20)
    for result in watcher.answered:
        check(result)
    assert sum(result.maps is not None for result in watcher.answered) > 20
    assert watcher.answered[-1].maps is not None
    assert watcher.answered[-1].maps.layer.name == "two"


def test_of_another_model_nothing_is_read(runner: Runner, watcher: Watcher) -> None:
    model, layers = load(runner, watcher, network_detector("plain", **CONSTANTS))
    load(runner, watcher, network_detector("other", **CONSTANTS))
    runner.set_tap(model, TapRequest(layers["one"]))
    runner.open(lambda: NumberedSource(5))
    watcher.wait(lambda: len(watcher.answered) == 5)
    assert all(result.maps is None for result in watcher.answered)


def test_a_paused_frame_is_answered_again_with_maps(runner: Runner, watcher: Watcher) -> None:
    model, layers = load(runner, watcher, network_detector("plain", **CONSTANTS))
    runner.pause()
    runner.open(lambda: NumberedSource(9))
    watcher.wait(lambda: len(watcher.answered) == 1)
    runner.set_tap(model, TapRequest(layers["two"]))
    watcher.wait(lambda: len(watcher.answered) == 2)
    first, again = watcher.answered
    assert again.frame is first.frame
    assert first.maps is None
    assert again.maps is not None
    check(again)


def test_an_engine_without_a_network_has_no_maps(runner: Runner, watcher: Watcher) -> None:
    _, layers = load(runner, watcher, network_detector("plain", **CONSTANTS))
    request = runner.load_model("reader", reading_detector)
    watcher.wait(lambda: any(isinstance(event, ModelReady) and event.request == request for event in watcher.events))
    runner.set_tap(answering(runner)[1], TapRequest(layers["one"]))
    runner.open(lambda: NumberedSource(5))
    watcher.wait(lambda: len(watcher.answered) == 5)
    assert all(result.maps is None for result in watcher.answered)


def test_a_layer_that_is_not_there_costs_the_maps_and_nothing_else(
    runner: Runner, watcher: Watcher, caplog: pytest.LogCaptureFixture
) -> None:
    _, layers = load(runner, watcher, network_detector("plain", **CONSTANTS))
    model, _ = load(runner, watcher, network_detector("short", one=0))
    runner.set_tap(model, TapRequest(layers["two"]))
    runner.open(lambda: NumberedSource(5))
    watcher.wait(lambda: len(watcher.answered) == 5)
    assert all(result.maps is None for result in watcher.answered)
    assert "short has no layer two" in caplog.text

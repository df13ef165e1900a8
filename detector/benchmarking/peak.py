"""How much this machine can compute at best: plain layers in OpenVINO, made on the fly and run beside the networks.

A probe is a few layers of one kind in a row, since a single one would be timed with the way of its numbers in and out.
In int8 every layer takes and gives eight bits, as in a quantised network.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.benchmarking.work import gmac_of_model
from detector.engines.openvino_engine import HINTS, in_another_thread
from detector.engines.protocol import Precision

LAYERS = 4
CONVOLUTIONS = ((64, 160), (64, 80), (64, 40), (128, 80), (128, 40), (256, 40), (256, 20), (512, 20))
"""Channels, and the side of the map."""
PRODUCTS = (512, 1024)
"""Sides of square matrices."""
FINALISTS = 3
SCAN_RUNS = 5
Shape = Sequence[int]


class Probe:
    """A compiled row of layers. name: for people, as "3x3, 128 channels, 40x40"."""

    def __init__(self, name: str, model: Any, precision: Precision, threads: int, shape: Shape) -> None:
        import openvino

        os.environ.setdefault("OPENVINO_TELEMETRY_OPT_OUT", "1")
        self.name, self.precision = name, precision
        self.gmac = gmac_of_model(model)
        settings = {
            "PERFORMANCE_HINT": "LATENCY",
            "NUM_STREAMS": "1",
            "INFERENCE_NUM_THREADS": threads,
            "INFERENCE_PRECISION_HINT": HINTS[precision],
        }
        self.compiled = in_another_thread(lambda: openvino.Core().compile_model(model, "CPU", settings))
        self._request = self.compiled.create_infer_request()
        self._input = np.random.default_rng(0).uniform(0, 1, shape).astype(np.float32)

    def run_ms(self) -> float:
        start_s = time.perf_counter()
        self._request.infer([self._input], share_inputs=True)
        return 1000 * (time.perf_counter() - start_s)


@dataclass(frozen=True)
class Peak:
    """The best of the probes in a precision. gmac_per_s: thousand million multiply-accumulates a second."""

    precision: Precision
    gmac_per_s: float
    probe: str


def convolution_probe(channels: int, side: int, precision: Precision, threads: int) -> Probe:
    """3x3 convolutions with ReLU, so many channels in and out."""
    shape = (1, channels, side, side)
    model = _row_of_layers(shape, (channels, channels, 3, 3), precision)
    return Probe(f"3x3, {channels} channels, {side}x{side}", model, precision, threads, shape)


def product_probe(side: int, precision: Precision, threads: int) -> Probe:
    """Products of square matrices, with ReLU."""
    model = _row_of_layers((side, side), (side, side), precision)
    return Probe(f"matrices, {side}x{side}", model, precision, threads, (side, side))


def best_probes(precisions: Sequence[Precision], threads: int) -> list[Probe]:
    """Of each precision the few that look fastest; what the peak is the rounds tell, beside everything else."""
    found = []
    for precision in precisions:
        probes = [convolution_probe(channels, side, precision, threads) for channels, side in CONVOLUTIONS]
        probes += [product_probe(side, precision, threads) for side in PRODUCTS]
        found += sorted(probes, key=_least_ms_of_a_gmac)[:FINALISTS]
    return found


def peaks(probes: Sequence[Probe], times_ms: Sequence[Sequence[float]]) -> dict[Precision, Peak]:
    """By precision the best of the probes, by the medians of their times."""
    best: dict[Precision, Peak] = {}
    for probe, times in zip(probes, times_ms, strict=True):
        one = Peak(probe.precision, 1000 * probe.gmac / median(times), probe.name)
        if probe.precision not in best or best[probe.precision].gmac_per_s < one.gmac_per_s:
            best[probe.precision] = one
    return best


def share_of_peak(gmac: float | None, network_ms: float, precision: Precision, best: Mapping[Precision, Peak]) -> float:
    """Which part of the peak in its precision a network reaches; NaN where its work or the peak is not known."""
    if gmac is None or precision not in best:
        return float("nan")
    return 1000 * gmac / network_ms / best[precision].gmac_per_s


def _least_ms_of_a_gmac(probe: Probe) -> float:
    probe.run_ms()
    return min(probe.run_ms() for _ in range(SCAN_RUNS)) / probe.gmac


def _row_of_layers(shape: Shape, kernels: Shape, precision: Precision) -> Any:
    import openvino
    from openvino import opset13 as ops

    rng = np.random.default_rng(0)
    fan_in = int(np.prod(kernels[1:]))
    given = ops.parameter(list(shape), openvino.Type.f32)
    x = given
    for _ in range(LAYERS):
        # Maps keep their size from layer to layer, so that none runs out of the range of eight bits.
        weights = rng.normal(0, np.sqrt(2 / fan_in), tuple(kernels)).astype(np.float32)
        if precision == "int8":
            x, weights = _in_eight_bits(x, 0.0, 4.0, 256), _weights_in_eight_bits(weights)
        if len(shape) == 4:
            x = ops.convolution(x, weights, [1, 1], [1, 1], [1, 1], [1, 1])
        else:
            x = ops.matmul(x, weights, False, True)
        x = ops.relu(x)
    return openvino.Model([x], [given], "probe")


def _weights_in_eight_bits(weights: NDArray[np.float32]) -> Any:
    from openvino import opset13 as ops

    most = float(np.abs(weights).max())
    return _in_eight_bits(ops.constant(weights), -most, most, 255)


def _in_eight_bits(x: Any, low: float, high: float, levels: int) -> Any:
    from openvino import opset13 as ops

    ends = (np.float32(low), np.float32(high))
    return ops.fake_quantize(x, *ends, *ends, levels)

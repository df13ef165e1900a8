"""What the machine can do at best: the probes compute what they say, and in the precision that they say."""

import math

import numpy as np
import openvino
import pytest
from openvino import opset13 as ops

from detector.benchmarking import peak
from detector.benchmarking.peak import Peak, best_probes, convolution_probe, peaks, product_probe, share_of_peak
from detector.benchmarking.work import gmac_of_ir, gmac_of_model
from detector.exporting.exportable import load_exportable
from detector.exporting.openvino_model import save_openvino, to_openvino
from detector.footprint import gmac
from tests.commands.made_data import write_untrained_weights


def test_work_is_counted_from_the_shapes():
    given = ops.parameter([1, 8, 10, 12], openvino.Type.f32)
    full = ops.convolution(given, np.zeros((16, 8, 3, 3), np.float32), [2, 2], [1, 1], [1, 1], [1, 1])  # 5 x 6
    depthwise = ops.group_convolution(full, np.zeros((16, 1, 1, 3, 3), np.float32), [1, 1], [1, 1], [1, 1], [1, 1])
    flat = ops.reshape(depthwise, [16, 30], False)
    last = ops.matmul(flat, np.zeros((7, 30), np.float32), False, True)
    counted = gmac_of_model(openvino.Model([last], [given]))
    assert counted * 1e9 == 16 * 30 * 8 * 9 + 16 * 30 * 9 + 16 * 7 * 30


def test_torch_and_openvino_count_the_same_work(tmp_path):
    path = write_untrained_weights(tmp_path / "two.safetensors")
    network = load_exportable(path)
    xml = save_openvino(to_openvino(network), path, "f16")
    for size_hw in ((64, 64), (96, 64)):
        assert gmac_of_ir(xml, size_hw) == pytest.approx(gmac(network, *size_hw), rel=1e-6)
    assert gmac(network, 64, 128) == pytest.approx(2 * gmac(network, 64), rel=1e-6)


@pytest.mark.parametrize("precision", ["f32", "int8"])
@pytest.mark.parametrize(
    ("probe", "kinds", "work"),
    [
        (lambda precision: convolution_probe(32, 8, precision, 1), ("Convolution",), 4 * 32 * 64 * 32 * 9),
        (lambda precision: product_probe(64, precision, 1), ("FullyConnected", "MatMul"), 4 * 64**3),
    ],
)
def test_a_probe_computes_in_its_precision(probe, kinds, work, precision):
    made = probe(precision)
    assert made.gmac * 1e9 == work
    assert made.run_ms() > 0
    told = [op.get_rt_info() for op in made.compiled.get_runtime_model().get_ordered_ops()]
    layers = [one["runtimePrecision"] for one in told if one["layerType"] in kinds]
    assert len(layers) == peak.LAYERS
    assert set(layers) <= ({"f32"} if precision == "f32" else {"i8", "u8"})


def test_a_few_of_each_precision_go_on(monkeypatch):
    monkeypatch.setattr(peak, "CONVOLUTIONS", ((16, 8), (16, 4), (32, 4), (32, 8)))
    monkeypatch.setattr(peak, "PRODUCTS", (16,))
    found = best_probes(("f32", "int8"), 1)
    assert [probe.precision for probe in found] == ["f32"] * peak.FINALISTS + ["int8"] * peak.FINALISTS
    assert len({(probe.name, probe.precision) for probe in found}) == len(found)


def test_the_peak_is_the_best_median_of_its_precision():
    class Made:
        def __init__(self, name, precision, gmac):
            self.name, self.precision, self.gmac = name, precision, gmac

    probes = [Made("a", "f32", 2.0), Made("b", "f32", 3.0), Made("c", "int8", 1.0)]
    best = peaks(probes, [[20.0, 10.0, 99.0], [20.0, 20.0, 1.0], [2.0]])
    assert best == {"f32": Peak("f32", 150.0, "b"), "int8": Peak("int8", 500.0, "c")}
    assert share_of_peak(2.5, 10.0, "int8", best) == pytest.approx(0.5)
    assert math.isnan(share_of_peak(None, 10.0, "int8", best))
    assert math.isnan(share_of_peak(2.5, 10.0, "bf16", best))

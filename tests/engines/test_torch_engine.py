"""torch as an engine gives what the network gives."""

import numpy as np
import pytest
import torch

from detector.engines.torch_engine import TorchEngine, best_device, cpu_has_bf16, has_bf16
from detector.errors import OptionError
from detector.networks.vgg import fold_batch_norm
from detector.networks.yolo import VGGYolo


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return fold_batch_norm(VGGYolo(3)).eval()


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3), dtype=np.uint8)


def plain(network, images):
    with torch.inference_mode():
        inputs = torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255
        return [output.numpy() for output in network(inputs)]


def test_f32_equals_the_plain_forward_pass(network, images):
    engine = TorchEngine(network, "f32")
    outputs = engine.run(images)
    for found, expected in zip(outputs, plain(network, images), strict=True):
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)
    assert (engine.name, engine.precision) == ("torch", "f32")
    assert engine.device == f"CPU x{torch.get_num_threads()}"


def test_bf16_is_close_and_still_gives_float32(network, images):
    logits, boxes = TorchEngine(network, "bf16").run(images)
    expected_logits, expected_boxes = plain(network, images)
    assert logits.dtype == boxes.dtype == np.float32
    assert not np.array_equal(logits, expected_logits)  # it did compute in bf16
    np.testing.assert_allclose(logits, expected_logits, atol=0.05)
    np.testing.assert_allclose(boxes, expected_boxes, atol=1.0)


def test_the_input_is_left_as_it_was(network, images):
    before = images.copy()
    TorchEngine(network).run(images)
    np.testing.assert_array_equal(images, before)


def test_int8_is_refused(network):
    with pytest.raises(OptionError, match="int8"):
        TorchEngine(network, "int8")


class Refusing(torch.nn.Module):
    """Stands in for a GPU: runs on its own device only, and fails there as asked."""

    def __init__(self, error):
        super().__init__()
        self.error, self.calls = error, 0

    def forward(self, images):
        self.calls += 1
        if self.error is not None:
            error, self.error = self.error, None
            raise error
        return (images.mean(dim=(1, 2, 3)),)


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (torch.OutOfMemoryError("tried to allocate 2 GiB\nmore"), "no memory left"),
        (RuntimeError("driver lost"), "failed"),
    ],
)
def test_a_gpu_that_fails_while_running_is_given_up_for_the_cpu(error, word, images, caplog, monkeypatch):
    network = Refusing(error)
    engine = TorchEngine(network)
    # There is no GPU to test on: the CPU under another name.
    engine._device = StandInGpu()
    monkeypatch.setattr(torch.Tensor, "to", to_the_stand_in)
    assert engine.device == "CUDA"
    (found,) = engine.run(images)
    np.testing.assert_allclose(found, images.mean(axis=(1, 2, 3)) / 255, rtol=1e-5)
    assert engine.device.startswith("CPU")
    assert network.calls == 2
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert word in record.message
    assert "\n" not in record.message
    engine.run(images)
    assert len(caplog.records) == 1


def test_a_failure_on_the_cpu_is_told_as_it_is(images):
    with pytest.raises(RuntimeError, match="driver"):
        TorchEngine(Refusing(RuntimeError("driver lost"))).run(images)


class StandInGpu:
    type = "cuda"


REAL_TO = torch.Tensor.to


def to_the_stand_in(tensor, *args, **options):
    return tensor if isinstance(args[0], StandInGpu) else REAL_TO(tensor, *args, **options)


@pytest.mark.parametrize(
    ("cuda", "mps", "best"), [(True, False, "cuda"), (True, True, "cuda"), (False, True, "mps"), (False, False, "cpu")]
)
def test_the_best_device_is_a_gpu_where_there_is_one(monkeypatch, cuda, mps, best):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert best_device() == torch.device(best)


@pytest.mark.parametrize(
    ("device", "cuda_has", "expected"),
    [("cuda", True, True), ("cuda", False, False), ("mps", True, False), ("cpu", False, cpu_has_bf16())],
)
def test_bf16_is_worth_it_where_the_hardware_computes_in_it(monkeypatch, device, cuda_has, expected):
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: cuda_has)
    assert has_bf16(torch.device(device)) == expected


def test_whether_the_cpu_has_bf16_is_a_plain_answer():
    assert cpu_has_bf16() in (True, False)

"""torch as an engine gives what the network gives."""

import numpy as np
import pytest
import torch

from detector.engines.torch_engine import TorchEngine, cpu_has_bf16
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


def test_whether_the_cpu_has_bf16_is_a_plain_answer():
    assert cpu_has_bf16() in (True, False)

"""onnxruntime as an engine: colours, layout, errors."""

import sys

import numpy as np
import pytest

from detector.engines.onnx_engine import OnnxEngine
from detector.errors import OptionError, WeightsError


@pytest.fixture(scope="module")
def identity_file(tmp_path_factory):
    """An ONNX model that gives back its input `[B, 3, S, S]`."""
    import onnx
    from onnx import TensorProto, helper

    shape = ["batch", 3, "height", "width"]
    graph = helper.make_graph(
        [helper.make_node("Identity", ["images"], ["output"])],
        "identity",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, shape)],
    )
    path = tmp_path_factory.mktemp("onnx") / "identity.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)
    return path


def test_the_model_gets_bgr_0_to_255_channels_first(identity_file):
    images = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3), dtype=np.uint8)
    engine = OnnxEngine(identity_file, threads=1)
    (found,) = engine.run(images)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, images[..., ::-1].transpose(0, 3, 1, 2))
    assert (engine.name, engine.precision, engine.device) == ("onnxruntime", "f32", "CPU x1")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(WeightsError, match=r"gone\.onnx does not exist"):
        OnnxEngine(tmp_path / "gone.onnx")


@pytest.mark.parametrize("content", [b"", b"this is no model"])
def test_a_damaged_file_is_named(tmp_path, content):
    path = tmp_path / "broken.onnx"
    path.write_bytes(content)
    with pytest.raises(WeightsError, match=r"broken\.onnx"):
        OnnxEngine(path)


def test_without_onnxruntime_the_way_out_is_told(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(OptionError, match="pip install"):
        OnnxEngine(tmp_path / "any.onnx")

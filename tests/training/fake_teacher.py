"""A tiny ONNX file with a YOLOX's inputs and outputs, whose answers follow from the mean colour of each cell."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from detector.families.coco import COCO_CLASS_NAMES
from detector.training.teacher import HINT_TENSORS

GREEN_BGR, RED_BGR = 1, 2


def write_teacher(path: Path, classes: int = 80, hints: bool = True) -> Path:
    """Objectness 1; `cat` scores as green as a cell is, `dog` as red; each box reaches one stride around its centre."""
    kernel = np.zeros((5 + classes, 3, 1, 1), np.float32)
    bias = np.zeros(5 + classes, np.float32)
    bias[:2] = 0.5  # the cell's centre
    bias[2:4] = np.log(2)
    bias[4] = 1.0
    if classes == len(COCO_CLASS_NAMES):
        kernel[5 + COCO_CLASS_NAMES.index("cat"), GREEN_BGR] = 1 / 255
        kernel[5 + COCO_CLASS_NAMES.index("dog"), RED_BGR] = 1 / 255
    stem = np.random.default_rng(0).normal(size=(64, 3, 1, 1)).astype(np.float32) / 255
    # What hangs at no output is forgotten on reading; through zeros it hangs there and changes nothing.
    nothing = np.zeros((5 + classes, 64, 1, 1), np.float32)
    constants = {
        "kernel": kernel,
        "bias": bias,
        "stem": stem,
        "nothing": nothing,
        "shape": np.array([0, 5 + classes, -1], np.int64),
    }
    nodes, parts = [], []
    for stride, hint in zip((8, 16, 32), HINT_TENSORS, strict=True):
        sides = [stride, stride]
        nodes += [
            helper.make_node("AveragePool", ["images"], [f"mean{stride}"], kernel_shape=sides, strides=sides),
            helper.make_node("Conv", [f"mean{stride}", "kernel", "bias"], [f"rows{stride}"]),
        ]
        rows = f"rows{stride}"
        if hints:
            nodes += [
                helper.make_node("Conv", [f"mean{stride}", "stem"], [hint]),
                helper.make_node("Conv", [hint, "nothing"], [f"zero{stride}"]),
                helper.make_node("Add", [rows, f"zero{stride}"], [f"sum{stride}"]),
            ]
            rows = f"sum{stride}"
        nodes.append(helper.make_node("Reshape", [rows, "shape"], [f"flat{stride}"]))
        parts.append(f"flat{stride}")
    nodes += [
        helper.make_node("Concat", parts, ["all"], axis=2),
        helper.make_node("Transpose", ["all"], ["output"], perm=[0, 2, 1]),
    ]
    graph = helper.make_graph(
        nodes,
        "teacher",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, ["B", 3, "S", "S"])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["B", "N", 5 + classes])],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, str(path))
    return path

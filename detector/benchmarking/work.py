"""How much work a network of OpenVINO's is, counted from the shapes of its operations."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any


def gmac_of_ir(xml: Path, input_hw: tuple[int, int]) -> float:
    """Thousand million multiply-accumulates of a stored network, which takes frames `[B, H, W, 3]`, for one of so many
    pixels."""
    import openvino

    model = openvino.Core().read_model(xml)
    model.reshape([1, *input_hw, 3])
    return gmac_of_model(model)


def gmac_of_model(model: Any) -> float:
    """The same of an `openvino.Model` whose shapes are all known: its convolutions and matrix products."""
    return sum(_macs(operation) for operation in model.get_ordered_ops()) / 1e9


def _macs(operation: Any) -> int:
    kind = operation.get_type_name()
    if kind not in ("Convolution", "GroupConvolution", "MatMul"):
        return 0
    given = math.prod(operation.get_output_shape(0))
    second = list(operation.input(1).get_shape())
    if kind == "Convolution":  # [out, in, kh, kw]
        return given * math.prod(second[1:])
    if kind == "GroupConvolution":  # [groups, out, in, kh, kw]
        return given * math.prod(second[2:])
    across = second[-1] if operation.get_attributes()["transpose_b"] else second[-2]
    return given * int(across)

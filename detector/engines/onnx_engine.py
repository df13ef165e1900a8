"""onnxruntime, for models that come as ONNX files: the teacher and measured peers."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.engines.protocol import Precision
from detector.errors import OptionError, WeightsError


class OnnxEngine:
    """Runs an ONNX file that takes float32 `[B, 3, S, S]` **BGR 0-255**, as YOLOX does.

    Raises:
        OptionError: onnxruntime is not installed.
        WeightsError: the file is missing or no such model.
    """

    name = "onnxruntime"
    precision: Precision = "f32"

    def __init__(self, path: Path, threads: int | None = None) -> None:
        self.threads = threads or os.cpu_count() or 1
        self.session = open_session(path, self.threads)
        self.input_name = self.session.get_inputs()[0].name

    @property
    def device(self) -> str:
        return f"CPU x{self.threads}"

    def side_by_side(self, frames: int) -> None:
        """onnxruntime shares out its threads within a frame only."""

    def run(self, inputs: NDArray[np.uint8]) -> tuple[NDArray[np.float32], ...]:
        bgr = np.ascontiguousarray(inputs[..., ::-1].transpose(0, 3, 1, 2), dtype=np.float32)  # [B, 3, S, S]
        return tuple(self.session.run(None, {self.input_name: bgr}))


def open_session(path: Path, threads: int) -> Any:
    """An `onnxruntime.InferenceSession` on the CPU.

    Raises:
        OptionError: onnxruntime is not installed. WeightsError: the file is missing or no such model.
    """
    try:
        import onnxruntime
    except ImportError as error:
        raise OptionError("ONNX models need onnxruntime: pip install 'looktwice[onnx]'.") from error
    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 4
    if not path.is_file():
        raise WeightsError(f"{path} does not exist; give the path of an ONNX file.")
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's errors share no base class of their own
        raise WeightsError(f"{path} is not an ONNX model that can be run: {error}") from error

"""The teacher: YOLOX (Ge et al., 2107.08430) as an ONNX file, answering at the student's own anchor points.

Its levels, strides and cell order are VGG-YOLO's, so its output needs no matching: row i is the answer of point i.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import numpy as np
import torch
from torch import Tensor

from detector.errors import OptionError, WeightsError
from detector.families.coco import COCO_CLASS_NAMES, coco_name
from detector.families.yolox_onnx import decode_boxes
from detector.training.losses import TeacherAnswer

HINT_TENSORS = ("1028", "1070", "1112")


class Teacher:
    """Runs the ONNX teacher on training views.

    Args:
        path: the ONNX file; input `[B, 3, S, S]` BGR 0-255, output `[B, N, 85]`.
        class_names: the student's classes; each must be one of COCO's by name or alias.
        threads: for onnxruntime.
        hints: whether to also give the head stems, 64 channels at strides 8, 16, 32.

    Raises:
        OptionError: it does not know a class, or its library is not installed. WeightsError: the file is no such model.
    """

    def __init__(self, path: Path, class_names: Sequence[str], threads: int, hints: bool = False) -> None:
        onnxruntime = _imported("onnxruntime")
        onnxruntime.disable_telemetry_events()
        missing = [name for name in class_names if coco_name(name) not in COCO_CLASS_NAMES]
        if missing:
            raise OptionError(f"the teacher does not know {', '.join(missing)}; train without --teacher.")
        self.columns = torch.tensor([COCO_CLASS_NAMES.index(coco_name(name)) for name in class_names])
        if not path.is_file():
            raise WeightsError(f"the teacher {path} does not exist; give the path of a YOLOX ONNX file.")
        if hints:
            _imported("onnx")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            model = _with_hints(path) if hints else str(path)
            self.session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime has no common base for its errors
            raise WeightsError(f"{path} cannot be opened as the teacher: {error}") from error
        if self.session.get_outputs()[0].shape[-1] != 5 + len(COCO_CLASS_NAMES):
            raise WeightsError(f"{path} is no YOLOX with COCO's classes: it does not give 85 values a point.")
        self.input_name = self.session.get_inputs()[0].name
        self.outputs = [self.session.get_outputs()[0].name, *(HINT_TENSORS if hints else ())]

    def __call__(self, images: Tensor) -> tuple[TeacherAnswer, list[Tensor]]:
        """Answer for views `[B, 3, S, S]` RGB uint8; also the hint maps, empty unless asked for."""
        bgr = np.ascontiguousarray(images.flip(1).numpy().astype(np.float32))
        raw, *hints = self.session.run(self.outputs, {self.input_name: bgr})
        boxes = torch.from_numpy(decode_boxes(raw, *images.shape[-2:]))
        answer = torch.from_numpy(raw)  # [B, N, 85]
        scores = answer[..., 4:5] * answer[..., 5:][..., self.columns]
        return TeacherAnswer(scores, boxes), [torch.from_numpy(h) for h in hints]


def _with_hints(path: Path) -> bytes:
    import onnx

    model = onnx.load(str(path))
    for name in HINT_TENSORS:
        model.graph.output.append(onnx.helper.make_empty_tensor_value_info(name))
    return bytes(model.SerializeToString())


def _imported(library: str) -> ModuleType:
    try:
        return importlib.import_module(library)
    except ImportError as error:
        raise OptionError(f"a teacher needs {library}; install it with: pip install 'looktwice[train]'.") from error

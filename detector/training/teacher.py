"""The teacher: YOLOX (Ge et al., 2107.08430) as an ONNX file, answering at the student's own anchor points.

Its levels, strides and cell order are VGG-YOLO's, so its output needs no matching: row i is the answer of point i.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from detector.engines.openvino_engine import in_another_thread, openvino_core
from detector.errors import OptionError, WeightsError
from detector.families.coco import COCO_CLASS_NAMES, coco_name
from detector.families.yolox_onnx import decode_boxes
from detector.training.losses import TeacherAnswer

HINT_TENSORS = ("1028", "1070", "1112")
SMALLEST_INPUT = (1, 3, 32, 32)


class Teacher:
    """Runs the ONNX teacher on training views, by OpenVINO; for each shape of a batch a model is compiled once.

    Args:
        path: the ONNX file; input `[B, 3, S, S]` BGR 0-255, output `[B, N, 85]`.
        class_names: the student's classes; each must be one of COCO's by name or alias.
        threads: to compute on.
        hints: whether to also give the head stems, 64 channels at strides 8, 16, 32.
        bf16: compute in bf16, twice as fast where the CPU has it.

    Raises:
        OptionError: it does not know a class, or its library is not installed. WeightsError: the file is no such model.
    """

    def __init__(
        self, path: Path, class_names: Sequence[str], threads: int, hints: bool = False, bf16: bool = False
    ) -> None:
        self._core = openvino_core()
        missing = [name for name in class_names if coco_name(name) not in COCO_CLASS_NAMES]
        if missing:
            raise OptionError(f"the teacher does not know {', '.join(missing)}; train without --teacher.")
        self.columns = torch.tensor([COCO_CLASS_NAMES.index(coco_name(name)) for name in class_names])
        if not path.is_file():
            raise WeightsError(f"the teacher {path} does not exist; give the path of a YOLOX ONNX file.")
        self._path, self._hints = path, hints
        self._settings = {
            "INFERENCE_PRECISION_HINT": "bf16" if bf16 else "f32",
            "INFERENCE_NUM_THREADS": threads,
            "PERFORMANCE_HINT": "LATENCY",
            "NUM_STREAMS": "1",
            # Processes that train together would all be pinned to the first core.
            "ENABLE_CPU_PINNING": False,
        }
        self._requests: dict[tuple[int, ...], Any] = {}
        answer, *_ = self._request(SMALLEST_INPUT).output_tensors
        if answer.shape[-1] != 5 + len(COCO_CLASS_NAMES):
            raise WeightsError(f"{path} is no YOLOX with COCO's classes: it does not give 85 values a point.")

    def __call__(self, images: Tensor) -> tuple[TeacherAnswer, list[Tensor]]:
        """Answer for views `[B, 3, S, S]` RGB uint8; also the hint maps, empty unless asked for."""
        bgr = np.ascontiguousarray(images.flip(1).numpy().astype(np.float32))
        request = self._request(bgr.shape)
        request.infer([bgr], share_inputs=True)
        raw, *hints = (tensor.data.copy() for tensor in request.output_tensors)
        boxes = torch.from_numpy(decode_boxes(raw, *images.shape[-2:]))
        answer = torch.from_numpy(raw)  # [B, N, 85]
        scores = answer[..., 4:5] * answer[..., 5:][..., self.columns]
        return TeacherAnswer(scores, boxes), [torch.from_numpy(h) for h in hints]

    def _request(self, shape: tuple[int, ...]) -> Any:
        """To be run on a batch of this shape."""
        if shape not in self._requests:
            try:
                model = self._core.read_model(self._path)
                if self._hints:
                    model.add_outputs(list(HINT_TENSORS))
                model.reshape(list(shape))
                compiled = in_another_thread(lambda: self._core.compile_model(model, "CPU", self._settings))
                self._requests[shape] = compiled.create_infer_request()
            except RuntimeError as error:
                reason = str(error).strip().splitlines()[-1]
                raise WeightsError(f"{self._path} cannot be opened as the teacher: {reason}") from error
        return self._requests[shape]

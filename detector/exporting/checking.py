"""Whether an exported network says what it said in torch: the file itself is run on the same frames."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from detector.detections import Candidates
from detector.engines.openvino_engine import IrFile, OpenVinoEngine
from detector.exporting.exportable import Exportable
from detector.families.grid import STRIDES
from detector.families.vgg_yolo import VGGYoloDistancesFamily
from detector.geometry import Letterbox, box_iou

SCORE_FLOOR = 0.05
MATCH_IOU, MATCH_SCORE = 0.99, 0.01

Outputs = tuple[NDArray[np.float32], ...]
Run = Callable[[NDArray[np.uint8]], Outputs]
"""One frame's input RGB uint8 `[S, S, 3]` -> class logits `[N, C]`, distances `[N, 4]`."""


@dataclass(frozen=True)
class Agreement:
    """boxes: how many score at least `SCORE_FLOOR` in torch. matching: those that the other gives too, from the same
    anchor point: IoU above 0.99 and every score within 0.01. worst_score: the largest difference of a score.
    """

    boxes: int
    matching: int
    worst_score: float

    @property
    def share(self) -> float:
        return self.matching / self.boxes if self.boxes else 1.0


def run_in_torch(network: Exportable) -> Run:
    def run(frame: NDArray[np.uint8]) -> Outputs:
        with torch.inference_mode():
            return tuple(output[0].numpy() for output in network(_planes(frame)))

    return run


def run_openvino(ir: IrFile, size: int) -> Run:
    engine = OpenVinoEngine(ir, (size, size))
    return lambda frame: tuple(output[0] for output in engine.run(frame[None]))


def run_onnx(path: Path) -> Run:
    """Raises OptionError where onnxruntime is not installed."""
    from detector.engines.onnx_engine import open_session

    session = open_session(path, threads=1)
    name = session.get_inputs()[0].name

    def run(frame: NDArray[np.uint8]) -> Outputs:
        return tuple(output[0] for output in session.run(None, {name: _planes(frame).numpy()}))

    return run


def run_torchscript(path: Path) -> Run:
    # No pickle of ours: TorchScript's own loader reads code and tensors.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        network = torch.jit.load(str(path), map_location="cpu").eval()

    def run(frame: NDArray[np.uint8]) -> Outputs:
        with torch.inference_mode():
            return tuple(output[0].numpy() for output in network(_planes(frame)))

    return run


def agreement(reference: Run, other: Run, frames: Iterable[NDArray[np.uint8]]) -> Agreement:
    """How far `other` gives the boxes that `reference` gives, over all `frames`, RGB uint8 of whole cells."""
    boxes = matching = 0
    worst = 0.0
    for frame in frames:
        expected, found = (_candidates(run(frame), frame.shape) for run in (reference, other))
        rows = np.flatnonzero(expected.scores.max(axis=1) >= SCORE_FLOOR)
        ious = np.array([box_iou(expected.boxes_xyxy[i : i + 1], found.boxes_xyxy[i : i + 1])[0, 0] for i in rows])
        off = np.abs(expected.scores[rows] - found.scores[rows]).max(axis=1, initial=0)
        boxes += len(rows)
        matching += int(((ious > MATCH_IOU) & (off <= MATCH_SCORE)).sum())
        worst = max(worst, float(off.max(initial=0)))
    return Agreement(boxes, matching, worst)


def _candidates(outputs: Outputs, shape: tuple[int, ...]) -> Candidates:
    """Of every anchor point, in input pixels."""
    height, width = shape[:2]
    letterbox = Letterbox.fit((width, height), max(width, height), STRIDES[-1])
    return VGGYoloDistancesFamily().interpret(outputs, letterbox, 0.0)


def _planes(frame: NDArray[np.uint8]) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(frame.transpose(2, 0, 1))[None]).float().div(255)  # [1, 3, S, S]

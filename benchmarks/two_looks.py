"""What a second look costs: detectors timed on the same frames in one run, in turns.

    python -m benchmarks.two_looks                          the shipped two and torchvision's smallest Faster R-CNN
    python -m benchmarks.two_looks --models A,B --json f.json

Whole predictions are timed, from the frame to its candidates, all in torch and f32 at 320 pixels. They take turns
frame by frame, so that other work on the machine hits all alike; told are medians, and the median of the ratios to the
first. Weights of torchvision that are not on this disk are replaced by untrained ones: that changes what is found, and
hardly what it costs.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from torchvision.models import detection

from detector.detector import Detector
from detector.engines.torch_engine import TorchEngine
from detector.errors import LooktwiceError
from detector.families.torchvision_coco import COCO_OUTPUTS, TorchvisionFamily, class_columns
from detector.families.torchvision_published import ARCHITECTURES
from detector.frames import Frame, open_source
from detector.machine import busy_cores, hardware, today, versions
from detector.networks.torchvision_detectors import open_up
from detector.registry import load_detector, model_info

SMALLEST_OF_TORCHVISION = "fasterrcnn_mobilenet_v3_large_320_fpn"
MODELS = f"vgg-yolo-voc20,faster-rcnn-vgg-voc20,{SMALLEST_OF_TORCHVISION}"
SIZE = 320
WARM_UP = 5


@dataclass(frozen=True)
class Cost:
    """A model's medians: milliseconds a frame, of the network alone, and how many times the first model's time."""

    model: str
    size: int
    engine: str
    precision: str
    device: str
    parameters: int
    ms: float
    network_ms: float
    times_first: float


def loaded(model: str) -> Detector:
    """A model at 320 pixels in f32, untrained where it is one of torchvision's whose weights are not on this disk."""
    info = model_info(model)
    if info.source and not info.file.is_file():
        return Detector(replace(info, name=f"{model} (untrained)"), *untrained(model))
    return load_detector(model, None if info.source else SIZE, "f32", engine="torch", device="cpu")


def untrained(model: str) -> tuple[TorchvisionFamily, TorchEngine]:
    """One of torchvision's networks as it is built, with the classes of its published weights."""
    network = getattr(detection, model)(weights=None, weights_backbone=None, num_classes=COCO_OUTPUTS)
    opened = open_up(network, class_columns(COCO_OUTPUTS))
    return TorchvisionFamily(ARCHITECTURES[model]), TorchEngine(opened, "f32")


def frames_of(source: str, count: int) -> Iterator[NDArray[np.uint8]]:
    """The first `count` frames of a file or of the sample, again from its start where it ends."""
    while True:
        opened = open_source(source)
        found = 0
        try:
            while isinstance(frame := opened.read(), Frame):
                yield frame.image
                found += 1
                count -= 1
                if count == 0:
                    return
        finally:
            opened.close()
        if not found:
            sys.exit(f"{source} has no frames")


def measure(detectors: Sequence[Detector], frames: Iterator[NDArray[np.uint8]]) -> list[Cost]:
    """Every detector on every frame, in turns; the first `WARM_UP` frames do not count."""
    whole_ms: list[list[float]] = [[] for _ in detectors]
    network_ms: list[list[float]] = [[] for _ in detectors]
    for number, frame in enumerate(frames):
        for i, detector in enumerate(detectors):
            started_s = time.perf_counter()
            detector.predict(frame)
            if number >= WARM_UP:
                whole_ms[i].append(1000 * (time.perf_counter() - started_s))
                network_ms[i].append(1000 * detector.times.network_s)
    return [
        Cost(
            detector.info.name,
            detector.size,
            detector.engine.name,
            detector.engine.precision,
            detector.engine.device,
            detector.info.parameters or 0,
            statistics.median(whole_ms[i]),
            statistics.median(network_ms[i]),
            statistics.median(own / first for own, first in zip(whole_ms[i], whole_ms[0], strict=True)),
        )
        for i, detector in enumerate(detectors)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", default=MODELS, help=f"by commas; {MODELS} by default")
    parser.add_argument("--source", default="sample", help="a file; the built-in sample by default")
    parser.add_argument("--frames", type=int, default=60)
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args()
    try:
        detectors = [loaded(name) for name in options.models.split(",")]
    except LooktwiceError as error:
        sys.exit(f"two_looks: {error}")
    busy = busy_cores()
    costs = measure(detectors, frames_of(options.source, options.frames + WARM_UP))
    table = Table(title=f"{hardware()}, {busy:.1f} cores busy with other things, {today()}")
    for heading in ("model", "input", "engine", "parameters", "ms a frame", "network ms", "times the first"):
        table.add_column(heading, justify="left" if heading in ("model", "engine") else "right")
    for cost in costs:
        engine = f"{cost.engine} {cost.precision} {cost.device}"
        figures = (f"{cost.parameters / 1e6:.2f} M", f"{cost.ms:.1f}", f"{cost.network_ms:.1f}")
        table.add_row(cost.model, str(cost.size), engine, *figures, f"{cost.times_first:.2f}")
    Console().print(table)
    if options.json:
        about = {"hardware": hardware(), "busy_cores": busy, "date": today(), "versions": versions()}
        options.json.write_text(json.dumps({**about, "costs": [asdict(cost) for cost in costs]}, indent=2))


if __name__ == "__main__":
    main()

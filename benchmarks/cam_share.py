"""Whether the heat map of a detection is about that detection: how much of its heat lies on its box.

    python -m benchmarks.cam_share --data instances_val.json --images val/
    python -m benchmarks.cam_share --data instances_val.json --images val/ --model faster-rcnn-vgg-voc20 --limit 100

Counted are detections that are right (IoU 0.5 with a true box of their class, one to one), have a score of 0.5 or more
and cover less than a quarter of the frame. Heat is not cut by the box; only what lies on the gray beside the frame does
not count, as nobody is shown it. Told are, for each layer and for ways to fuse them:

share      mean share of a map's heat inside its own box
chance     the same for heat spread evenly: the mean share of the frame that the boxes cover
others     where a photograph has several such detections: mean share of the *other* maps' heat in this box
times      share, of those photographs, over others
pointing   how often the hottest place lies in the own box (Zhang et al., 1608.00507)
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from torch import nn

from detector.comparison.judging import judge
from detector.data.datasets import DataSet, Photograph, read_data_set
from detector.data.frame_truth import FrameTruth
from detector.detector import Detector
from detector.engines.torch_engine import TorchEngine
from detector.errors import LooktwiceError
from detector.geometry import box_area
from detector.inspection.anatomy import Point
from detector.inspection.cam import default_layers, explain_detections, fuse
from detector.inspection.network_copy import shared_copy
from detector.inspection.targets import DetectionTarget
from detector.machine import hardware, today, versions
from detector.registry import DEFAULT_MODEL, load_detector
from detector.scoring import read_photograph
from detector.selection import Thresholds, select

SCORE = 0.5
LARGEST_SHARE = 0.25
Maps = list[NDArray[np.float32]]
Way = Callable[[Maps, tuple[int, int]], NDArray[np.float32]]


@dataclass(frozen=True)
class Explained:
    """A photograph's detections that count, and their maps.

    boxes_xyxy: float32 `[K, 4]` in input pixels. content_wh: of the frame in the input. size_hw: of the input.
    maps: of each detection one map of each layer.
    """

    boxes_xyxy: NDArray[np.float32]
    content_wh: tuple[int, int]
    size_hw: tuple[int, int]
    maps: list[Maps]


@dataclass(frozen=True)
class Shares:
    """Means over all detections; own_of_several and others over those with company, `several` of them. See above."""

    detections: int
    share: float
    chance: float
    several: int
    own_of_several: float
    others: float
    pointing: float

    @property
    def times(self) -> float:
        return self.own_of_several / self.others if self.others else float("inf")


def explained(
    detector: Detector, network: nn.Module, layers: Sequence[Point], data: DataSet, photograph: Photograph
) -> Explained | None:
    """None where no detection counts."""
    image, truth = read_photograph(photograph)
    candidates = detector.predict(image)
    detections = select(candidates, Thresholds(score=SCORE))
    names = tuple(data.class_names[label] for label in truth.labels)
    frame_truth = FrameTruth(truth.boxes_xyxy.astype(np.float32), names, truth.difficult, frozenset(data.class_names))
    right = judge(detections, detector.class_names, frame_truth).true_positive
    covered = box_area(detections.boxes_xyxy) / (image.shape[0] * image.shape[1])
    rows = np.flatnonzero(right & (covered < LARGEST_SHARE))
    if not len(rows):
        return None
    prepared, letterbox = detector.prepare(image)
    inputs = torch.from_numpy(prepared)[None].permute(0, 3, 1, 2).float() / 255
    boxes = letterbox.to_input(detections.boxes_xyxy[rows])
    grown_from = detections.candidate[rows]
    whole = letterbox.to_input(candidates.boxes_xyxy[grown_from])
    targets = [
        DetectionTarget(
            detector.family.output_row(int(candidates.origin[candidate]), letterbox),
            int(detections.labels[row]),
            tuple(box),
        )
        for row, candidate, box in zip(rows, grown_from, whole.tolist(), strict=True)
    ]
    maps = explain_detections(network, inputs, targets, layers)
    return Explained(boxes, letterbox.content_wh, (prepared.shape[0], prepared.shape[1]), maps)


def shares_of(found: Sequence[Explained], way: Way) -> Shares:
    """The figures of one way to make one map of each detection's several."""
    own: list[float] = []
    chance: list[float] = []
    pointing: list[bool] = []
    own_of_several: list[float] = []
    others: list[float] = []
    for one in found:
        width, height = one.content_wh
        heats = [way(maps, one.size_hw)[:height, :width].astype(np.float64) for maps in one.maps]
        for number, box in enumerate(one.boxes_xyxy):
            inside = _inside(box, one.content_wh)
            in_box = [float(heat[inside].sum() / max(heat.sum(), 1e-12)) for heat in heats]
            own.append(in_box[number])
            chance.append(_area(inside) / (width * height))
            pointing.append(_points_inside(heats[number], inside))
            if len(heats) > 1:
                own_of_several.append(in_box[number])
                others.append(float(np.mean([share for other, share in enumerate(in_box) if other != number])))
    means = [float(np.mean(values)) if values else 0.0 for values in (own, chance, own_of_several, others, pointing)]
    return Shares(len(own), means[0], means[1], len(others), means[2], means[3], means[4])


def ways(layers: Sequence[Point]) -> Mapping[str, Way]:
    """What is compared, the default first."""

    def alone(number: int) -> Way:
        return lambda maps, size_hw: fuse([maps[number]], size_hw)

    lifted = [number < len(layers) - 1 for number in range(len(layers))]
    return {
        "common (default)": fuse,
        "highest": lambda maps, size_hw: fuse(maps, size_hw, "highest"),
        "highest, all but the last lifted": lambda maps, size_hw: fuse(maps, size_hw, "highest", lifted),
        **{layer.module: alone(number) for number, layer in enumerate(layers)},
    }


def _inside(box_xyxy: NDArray[np.float32], content_wh: tuple[int, int]) -> tuple[slice, slice]:
    """The pixels of a box, at least one."""
    x1, y1, x2, y2 = (round(float(side)) for side in box_xyxy)
    return slice(max(0, y1), max(y1 + 1, min(y2, content_wh[1]))), slice(
        max(0, x1), max(x1 + 1, min(x2, content_wh[0]))
    )


def _area(inside: tuple[slice, slice]) -> int:
    return (inside[0].stop - inside[0].start) * (inside[1].stop - inside[1].start)


def _points_inside(heat: NDArray[np.float64], inside: tuple[slice, slice]) -> bool:
    y, x = np.unravel_index(int(heat.argmax()), heat.shape)
    hit = inside[0].start <= y < inside[0].stop and inside[1].start <= x < inside[1].stop
    return bool(heat.max() > 0 and hit)


def run_over(detector: Detector, data: DataSet, limit: int | None) -> tuple[tuple[Point, ...], list[Explained]]:
    """The layers, and every photograph with a detection that counts."""
    assert isinstance(detector.engine, TorchEngine)
    network = shared_copy(detector.engine.network)
    layers = default_layers(network, torch.zeros(1, 3, detector.size, detector.size))
    looks = (explained(detector, network, layers, data, photograph) for photograph in data.photographs[:limit])
    return layers, [look for look in looks if look is not None]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="annotations: COCO .json, VOC folder or YOLO folder")
    parser.add_argument("--images", type=Path, help="folder of the photographs; by default beside the annotations")
    parser.add_argument("--model", default=DEFAULT_MODEL, help=f"one that torch runs; {DEFAULT_MODEL} by default")
    parser.add_argument("--limit", type=int, help="only the first so many photographs")
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args()
    try:
        detector = load_detector(options.model, precision="f32", engine="torch", device="cpu")
        if not isinstance(detector.engine, TorchEngine):
            sys.exit(f"cam_share: {options.model} has no gradients; name a model that torch runs")
        data = read_data_set(options.data, options.images)
        layers, found = run_over(detector, data, options.limit)
    except LooktwiceError as error:
        sys.exit(f"cam_share: {error}")
    if not found:
        sys.exit("cam_share: no detection counts in these photographs")
    figures = {name: shares_of(found, way) for name, way in ways(layers).items()}
    Console(width=120).print(table(f"{detector.info.name} at {detector.size}, {hardware()}, {today()}", figures))
    if options.json:
        about = {"model": options.model, "hardware": hardware(), "date": today(), "versions": versions()}
        rows = {name: {**asdict(one), "times": one.times} for name, one in figures.items()}
        options.json.write_text(json.dumps({**about, "figures": rows}, indent=2))


def table(title: str, figures: Mapping[str, Shares]) -> Table:
    made = Table(title=title)
    made.add_column("map", no_wrap=True)
    for heading in ("boxes", "share", "chance", "in company", "share", "others", "times", "pointing"):
        made.add_column(heading, justify="right", no_wrap=True)
    for name, one in figures.items():
        company = (str(one.several), f"{one.own_of_several:.3f}", f"{one.others:.3f}", f"{one.times:.2f}")
        made.add_row(
            name, str(one.detections), f"{one.share:.3f}", f"{one.chance:.3f}", *company, f"{one.pointing:.3f}"
        )
    return made


if __name__ == "__main__":
    main()

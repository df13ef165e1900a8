"""How well a model follows a teacher on clips without annotations.

    python -m benchmarks.clips --teacher yolox_nano.onnx bottle-detection.mp4:bottle people.mp4:person

For each clip and class `python main.py detect` runs at the model's default score. *Found*: of the frames in which the
teacher has a box of the class at score 0.3 or more, the share with one of ours that overlaps one of those by IoU 0.5 or
more. *False*: of the frames in which the teacher has none at 0.1 or more, the share in which we have any.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from rich.table import Table

from detector.frames import frames_of, open_source
from detector.geometry import box_iou
from detector.machine import hardware, today
from detector.registry import DEFAULT_MODEL, load_detector
from detector.selection import Thresholds, select

SURE_SCORE, FAINT_SCORE, ENOUGH_IOU = 0.3, 0.1, 0.5
Boxes = dict[int, NDArray[np.float32]]


def detected_boxes(clip: Path, name: str, model: str, score: float | None) -> Boxes:
    """Boxes `[N, 4]` by frame as `detect` writes them."""
    with tempfile.TemporaryDirectory() as folder:
        words = ["detect", str(clip), "--output", folder, "--model", model, "--no-video"]
        if score is not None:
            words += ["--score", str(score)]
        subprocess.run([sys.executable, "main.py", *words], check=True, stdout=subprocess.DEVNULL)
        rows: dict[int, list[list[float]]] = defaultdict(list)
        for row in csv.DictReader((Path(folder) / "detections.csv").open()):
            if row["class"] == name:
                rows[int(row["frame"])].append([float(row[key]) for key in ("x1", "y1", "x2", "y2")])
    return {index: np.array(boxes, np.float32) for index, boxes in rows.items()}


def teacher_boxes(clip: Path, name: str, teacher: Path) -> tuple[Boxes, Boxes, int]:
    """The teacher's sure and faint boxes by frame, and the number of frames."""
    detector = load_detector(str(teacher))
    label = detector.class_names.index(name)
    sure: Boxes = {}
    faint: Boxes = {}
    source, count = open_source(str(clip)), 0
    for frame in track(frames_of(source), description=f"{clip.name}: teacher", transient=True):
        found = select(detector.predict(frame.image), Thresholds(FAINT_SCORE, labels=frozenset({label})))
        if len(found):
            faint[frame.index] = found.boxes_xyxy
        if (found.scores >= SURE_SCORE).any():
            sure[frame.index] = found.boxes_xyxy[found.scores >= SURE_SCORE]
        count += 1
    source.close()
    return sure, faint, count


def percent(part: int, whole: int) -> float | None:
    """None where there is nothing to take a share of."""
    return 100 * part / whole if whole else None


def told(figure: float | None) -> str:
    return "-" if figure is None else f"{figure:.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clips", nargs="+", metavar="CLIP:CLASS")
    parser.add_argument("--teacher", type=Path, required=True, help="YOLOX as an ONNX file")
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--score", type=float, help="instead of the model's default")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    table = Table("clip", "class", "frames", "teacher sure", "found %", "teacher none", "false %")
    table.title = f"{options.model} against {options.teacher.name}, {hardware()}, {today()}"
    figures = []
    for text in options.clips:
        path, name = text.rsplit(":", 1)
        ours = detected_boxes(Path(path), name, options.model, options.score)
        sure, faint, count = teacher_boxes(Path(path), name, options.teacher)
        hits = sum(i in ours and bool((box_iou(ours[i], boxes) >= ENOUGH_IOU).any()) for i, boxes in sure.items())
        none = count - len(faint)
        wrong = len(set(ours) - set(faint))
        found, false = percent(hits, len(sure)), percent(wrong, none)
        table.add_row(Path(path).name, name, str(count), str(len(sure)), told(found), str(none), told(false))
        figures.append({"clip": Path(path).name, "class": name, "found_percent": found, "false_percent": false})
    Console().print(table)
    if options.json:
        options.json.write_text(json.dumps({"date": today(), "hardware": hardware(), "clips": figures}, indent=2))


if __name__ == "__main__":
    main()

"""Measure how good a model is on annotated photographs.

Average precision follows VOC's rules: scores above 0.005, class-wise NMS at IoU 0.5, at most 100 detections a
photograph, difficult objects neither hit nor miss. AP50 is the area under precision-recall at IoU 0.5 (all points),
AP is COCO's mean over IoU 0.5 to 0.95; both are means over classes, 0 to 100. Precision, recall and false boxes are
told at the model's default score, and at the score with the best F1. The expected calibration error tells how well a
score says how many of such boxes are right.

The data set is a COCO .json file with a folder of photographs, a Pascal VOC folder (Annotations/) or a YOLO folder
(labels/). Its classes are matched with the model's by name.

Exit codes: 0 when the whole data set counted, 1 when broken boxes or missing photographs were left out (each is named,
and the figures say how many), 2 when something is wrong with options, model, data or files.

examples:
  looktwice evaluate --data val.json --images val/
  looktwice evaluate --data val.json --images val/ --size 320 --json figures.json --plot curves.png
  looktwice evaluate --data val.json --images val/ --model runs/a/weights.safetensors --against vgg-yolo-voc20
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from detector.commands.fetching import fetch_shown
from detector.data.datasets import DataSet, LeftOut, read_data_set
from detector.errors import OptionError
from detector.evaluation.average_precision import Figures, figures
from detector.evaluation.bootstrap import Comparison, Interval, compare
from detector.evaluation.operating import OperatingPoint, best_operating_point, operating_point
from detector.evaluation.reliability import FLOOR, Reliability, reliability
from detector.files import write_atomically
from detector.machine import hardware, today, versions
from detector.registry import DEFAULT_MODEL, ENGINES, PRECISIONS, EngineChoice, PrecisionChoice, load_detector
from detector.scoring import Scored, score_detector
from detector.weights_file import is_ours


@dataclass(frozen=True)
class Measured:
    """A model measured on a data set. left_out: of the data. seconds: reading, running and selecting."""

    model: str
    file: Path
    size: int
    engine: str
    precision: str
    device: str
    scored: Scored
    figures: Figures
    at_default_score: OperatingPoint
    best_f1: OperatingPoint
    reliability: Reliability
    left_out: LeftOut
    seconds: float


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, help="annotations: COCO .json, VOC folder or YOLO folder")
    parser.add_argument("--images", type=Path, help="folder of the photographs; by default beside the annotations")
    parser.add_argument(
        "--model", default=DEFAULT_MODEL, help=f"a name, a .safetensors or an .onnx file; {DEFAULT_MODEL} by default"
    )
    parser.add_argument(
        "--size", type=int, help="side of the network's input, a multiple of 32; the model's by default"
    )
    parser.add_argument(
        "--precision", choices=PRECISIONS, default="f32", help="what the network computes in; f32 is exact"
    )
    parser.add_argument("--engine", choices=ENGINES, default="auto", help="what runs the network")
    parser.add_argument("--threads", type=int, help="threads for the network; all cores by default")
    parser.add_argument("--limit", type=int, help="only the first so many photographs")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure to FILE")
    parser.add_argument("--plot", type=Path, metavar="PICTURE", help="draw precision against recall, class by class")
    parser.add_argument(
        "--sheet", type=Path, metavar="PICTURE", help="draw photographs without an error, and those with most errors"
    )
    parser.add_argument(
        "--against", metavar="MODEL", help="a second model: the difference with its 95 %% paired bootstrap interval"
    )
    parser.add_argument("--against-size", type=int, metavar="N", help="the second model's size; its own by default")
    parser.add_argument("--against-precision", choices=PRECISIONS, help="the second model's; by default the first's")
    parser.add_argument("--against-engine", choices=ENGINES, help="the second model's; by default the first's")


def run(arguments: argparse.Namespace) -> int:
    for option in ("threads", "limit"):
        value = getattr(arguments, option)
        if value is not None and value < 1:
            raise OptionError(f"--{option} is {value}; it must be 1 or more.")
    for option in ("against_size", "against_precision", "against_engine"):
        if getattr(arguments, option) is not None and arguments.against is None:
            raise OptionError(f"--{option.replace('_', '-')} needs --against MODEL.")
    data = read_data_set(arguments.data, arguments.images)
    threads, limit = arguments.threads, arguments.limit
    measured = measure(arguments.model, arguments.size, data, arguments.precision, threads, limit, arguments.engine)
    print_report(measured, data)
    document = as_document(measured) | {"data": str(arguments.data)}
    if arguments.against is not None:
        precision = arguments.against_precision or arguments.precision
        engine = arguments.against_engine or arguments.engine
        other = measure(arguments.against, arguments.against_size, data, precision, threads, limit, engine)
        comparison = compare(measured.scored.protocol, other.scored.protocol)
        print_comparison(measured, other, comparison)
        print_pyramids(measured, other)
        document["against"] = as_document(other) | {"comparison": asdict(comparison)}
    if arguments.json is not None:
        write_atomically(arguments.json, json.dumps(document, indent=2) + "\n")
    if arguments.plot is not None:
        from detector.evaluation.picture import draw_precision_recall

        draw_precision_recall(
            arguments.plot,
            measured.scored.protocol,
            measured.figures,
            _headline(measured),
            measured.at_default_score.score,
        )
    if arguments.sheet is not None:
        write_sheet(arguments.sheet, measured, data)
    if data.left_out:
        print(f"looktwice: the figures are not of all of {arguments.data}: {data.left_out}.", file=sys.stderr)
        return 1
    return 0


def write_sheet(path: Path, measured: Measured, data: DataSet) -> None:
    """Write the sheet of the best and the worst photographs at the default score. Raises OutputError."""
    from detector.error_sheet import draw_sheet, verdict_of
    from detector.picture_files import write_picture
    from detector.scoring import read_photograph

    score = measured.at_default_score.score
    verdicts = [verdict_of(detections, truth, score) for detections, truth in measured.scored.pairs]
    title = f"{_headline(measured)}; score above {score:.2f}"
    photographs = data.photographs
    write_picture(path, draw_sheet(verdicts, lambda i: read_photograph(photographs[i])[0], data.class_names, title))


def measure(
    model: str,
    size: int | None,
    data: DataSet,
    precision: PrecisionChoice = "f32",
    threads: int | None = None,
    limit: int | None = None,
    engine: EngineChoice = "auto",
) -> Measured:
    """Load a model, run it over the data set and compute its figures, with a progress bar on a terminal.

    Raises:
        LooktwiceError: as `load_detector` and `score_detector` do.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    fetch_shown(model)
    detector = load_detector(model, size, precision, threads, engine=engine)
    start_s = time.perf_counter()
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task(f"{detector.info.name} at {detector.size}", total=len(data.photographs[:limit]))
        scored = score_detector(detector, data, limit, lambda: progress.advance(task))
    return Measured(
        model=detector.info.name,
        file=detector.info.file,
        size=detector.size,
        engine=detector.engine.name,
        precision=detector.engine.precision,
        device=detector.engine.device,
        scored=scored,
        figures=figures(scored.protocol),
        at_default_score=operating_point(scored.shown, detector.info.default_score),
        best_f1=best_operating_point(scored.shown),
        reliability=reliability(scored.shown),
        left_out=data.left_out,
        seconds=time.perf_counter() - start_s,
    )


def as_document(measured: Measured) -> dict[str, Any]:
    """Everything that was measured and on what, ready for JSON. Average precision is null where nothing is to find."""
    per_class = {
        name: {"ap50": _rounded(one.ap50), "ap": _rounded(one.ap), "truths": one.truths}
        for name, one in measured.figures.per_class.items()
    }
    return {
        "ap50": _rounded(measured.figures.ap50),
        "ap": _rounded(measured.figures.ap),
        "per_class": per_class,
        "photographs": measured.scored.protocol.photograph_count,
        "left_out": asdict(measured.left_out),
        "at_default_score": asdict(measured.at_default_score),
        "best_f1": asdict(measured.best_f1),
        "reliability": asdict(measured.reliability),
        "model": measured.model,
        "file": str(measured.file),
        "sha256": hashlib.sha256(measured.file.read_bytes()).hexdigest(),
        "pyramid_sha256": _pyramid(measured.file),
        "size": measured.size,
        "engine": measured.engine,
        "precision": measured.precision,
        "device": measured.device,
        "hardware": hardware(),
        "versions": versions(),
        "date": today(),
        "seconds": round(measured.seconds, 1),
    }


def print_report(measured: Measured, data: DataSet) -> None:
    """The table of classes and the figures at the default and the best score, on standard output."""
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False, soft_wrap=True)
    console.print(_headline(measured))
    table = Table(box=None, pad_edge=False)
    table.add_column("class")
    for heading in ("true boxes", "AP50", "AP"):
        table.add_column(heading, justify="right")
    for name in data.class_names:
        one = measured.figures.per_class[name]
        figures_of_class = (f"{one.ap50:.1f}", f"{one.ap:.1f}") if one.truths else ("-", "-")
        table.add_row(name, str(one.truths), *figures_of_class)
    console.print(table)
    for title, point in (("default score", measured.at_default_score), ("best F1 at", measured.best_f1)):
        console.print(
            f"{title} {point.score:.2f}: precision {point.precision:.3f}, recall {point.recall:.3f}, "
            f"F1 {point.f1:.3f}, {point.false_per_frame:.2f} false boxes a photograph"
        )
    console.print(
        f"expected calibration error {measured.reliability.error:.3f}: what scores from {FLOOR:g} on and the share of "
        "right boxes differ by, on average"
    )
    console.print(f"{measured.engine} {measured.precision} on {measured.device}, {measured.seconds:.1f} s")


def print_comparison(first: Measured, second: Measured, comparison: Comparison) -> None:
    """The differences and what they are worth, on standard output."""
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=True)
    console.print(f"\nagainst {_headline(second)}")
    for name, interval in (("AP50", comparison.ap50), ("AP", comparison.ap)):
        console.print(f"{name} {told(interval)}")


def print_pyramids(first: Measured, second: Measured) -> None:
    """Whether both look at the same feature maps, where both say what they look at, on standard output."""
    own, other = _pyramid(first.file), _pyramid(second.file)
    if own is None or other is None:
        return
    if own == other:
        print(f"backbone and neck of both are the same, SHA-256 {own}")
    else:
        print(f"backbone and neck differ: SHA-256 {own[:16]} and {other[:16]}")


def _pyramid(file: Path) -> str | None:
    """The checksum of backbone and neck of weights of ours."""
    if not is_ours(file):
        return None
    from detector.networks.storage import pyramid_sha256

    return pyramid_sha256(file)


def told(interval: Interval) -> str:
    """A difference in words, for example "+1.2 (95 % interval -0.3 to +2.7), within chance"."""
    verdict = "beyond chance" if interval.excludes_zero() else "within chance"
    return f"{interval.difference:+.1f} (95 % interval {interval.low:+.1f} to {interval.high:+.1f}), {verdict}"


def _headline(measured: Measured) -> str:
    found, count = measured.figures, measured.scored.protocol.photograph_count
    rest = f" ({measured.left_out})" if measured.left_out else ""
    ran = f"{measured.size}, {measured.engine} {measured.precision}"
    return f"{measured.model} at {ran}: AP50 {found.ap50:.1f}, AP {found.ap:.1f} on {count} photographs{rest}"


def _rounded(value: float) -> float | None:
    return None if value != value else round(value, 3)

"""Measure how fast networks run here: VGG-YOLO on every engine, Faster R-CNN, and other people's detectors.

All of them look at the same frames with the same number of threads in one run, by turns: in every round each has its
few looks, so that whatever else the machine does hits all alike. Figures are medians, and ratios of medians:

  ms         from the frame, RGB, to the boxes that are kept at the model's usual score, of which
             network, prepare (scaling, layout) and post (candidates, NMS) are parts
  FPS        the same as frames a second; live: of the real-time loop, whose reader and lane are threads of their own,
             on frames in memory; speed: FPS over the first row's
  AP50       of this very engine and precision: what the card tells, or with --data what is measured now
  MB, GMAC   size of the file; thousand million multiply-accumulates a frame
  peak       which share that is of the most that this machine computes in that precision: the best of plain 3x3
             convolutions and matrix products in OpenVINO, measured by turns with everything else

Our models compute the part of the square input that the frame reaches into; beside them stands one row of ours with
the whole square, and rows of YOLOX with the part.

Frames are those of the built-in sample, resized to 1280x720, or those of --source as they are. torchvision's detectors
and VGG-YOLO on the canonical VGG-16 have random weights, which take as long as learned ones. What cannot run here is
left out with a sentence.

examples:
  looktwice benchmark
  looktwice benchmark --peer-onnx yolox_nano.onnx --json figures.json
  looktwice benchmark --only vgg-yolo-voc20 --threads 1 --quick
  looktwice benchmark --data val.json --images val/ --plot figures.png

exit code: 0 measured; 2 something is wrong with options, models, data or files, or nothing of it can run here.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.benchmarking.console import print_results
from detector.benchmarking.entries import Entry, Ready, Workshop, chosen, make_ready
from detector.benchmarking.live import live_fps
from detector.benchmarking.ours import one_stage_entries, refuse_foreign, two_stage_entries
from detector.benchmarking.peak import Probe, best_probes, peaks
from detector.benchmarking.peers import untrained_entries, yolox_entries
from detector.benchmarking.plot import check_plot, draw_results
from detector.benchmarking.results import Conditions, Results, rows_of
from detector.benchmarking.turns import TIMED_LOOKS, Times, take_turns, timed_look
from detector.data.datasets import DataSet, read_data_set
from detector.engines.openvino_engine import openvino_is_there
from detector.engines.threads import settle_threads
from detector.errors import DataSetError, OptionError, SourceError
from detector.evaluation.average_precision import figures
from detector.files import write_atomically
from detector.frames import frames_of, is_live, open_source
from detector.machine import busy_cores, hardware, today, usable_cores, versions
from detector.registry import DEFAULT_MODEL, SHIPPED
from detector.scoring import score_detector

SAMPLE, SAMPLE_WH = "sample", (1280, 720)
FRAMES, SAMPLE_STEP = 24, 25
ROUNDS, QUICK_ROUNDS = 12, 2
LIVE_ROUNDS = 3
SIZES = "320,256"
Frames = Sequence[NDArray[np.uint8]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", default=DEFAULT_MODEL, help=f"VGG-YOLO's weights; {DEFAULT_MODEL} by default")
    parser.add_argument(
        "--sizes", default=SIZES, metavar="N,N",
        help=f"input sides; at the first every engine and precision, at others openvino int8; {SIZES} by default",
    )  # fmt: skip
    parser.add_argument("--two-stage", default=SHIPPED[1], metavar="MODEL", help=f"Faster R-CNN; {SHIPPED[1]}")
    parser.add_argument("--peer-onnx", type=Path, metavar="FILE", help="a YOLOX as an ONNX file, 416 px")
    parser.add_argument("--only", metavar="NAME,NAME", help="only these models")
    parser.add_argument("--source", default=SAMPLE, help="where frames come from; the built-in sample by default")
    parser.add_argument("--threads", type=int, metavar="N", help="for each network; all cores by default")
    parser.add_argument("--rounds", type=int, metavar="N", help=f"{ROUNDS} by default, of {TIMED_LOOKS} looks each")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_ROUNDS} rounds: a glance, not a measurement")
    parser.add_argument("--data", type=Path, help="annotations to measure AP50 by: COCO .json, VOC or YOLO folder")
    parser.add_argument("--images", type=Path, help="folder of the photographs; by default beside the annotations")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure to FILE")
    parser.add_argument("--plot", type=Path, metavar="PICTURE", help="draw AP50 over frames a second")


def run(arguments: argparse.Namespace) -> int:
    for option in ("threads", "rounds"):
        value = getattr(arguments, option)
        if value is not None and value < 1:
            raise OptionError(f"--{option} is {value}; it must be 1 or more.")
    if arguments.rounds is not None and arguments.quick:
        raise OptionError("--quick is a number of rounds; leave out --rounds or --quick.")
    if arguments.images is not None and arguments.data is None:
        raise OptionError("--images needs --data FILE.")
    if arguments.plot is not None:
        check_plot(arguments.plot)
    # Before torch is imported by whatever needs it.
    settle_threads()
    entries = _entries(arguments)
    data = None if arguments.data is None else read_data_set(arguments.data, arguments.images)
    frames = _frames(arguments.source)
    rounds = QUICK_ROUNDS if arguments.quick else arguments.rounds or ROUNDS
    with tempfile.TemporaryDirectory(prefix="looktwice-benchmark-") as folder:
        workshop = Workshop(arguments.threads or usable_cores(), (frames[0].shape[1], frames[0].shape[0]), Path(folder))
        results = measure(entries, frames, workshop, rounds, data)
    print_results(results)
    if arguments.json is not None:
        write_atomically(arguments.json, json.dumps(results.document(), indent=2) + "\n")
    if arguments.plot is not None:
        draw_results(arguments.plot, results)
    return 0


def measure(
    entries: Sequence[Entry], frames: Frames, workshop: Workshop, rounds: int, data: DataSet | None = None
) -> Results:
    """Load the entries, let them take turns, and put their figures together, with progress on a terminal.

    Args:
        frames: RGB uint8 `[H, W, 3]`, all of one size. data: to measure AP50 by.

    Raises:
        OptionError: none of them can run here.
    """
    busy = busy_cores()
    live_rounds = min(rounds, LIVE_ROUNDS)
    # Scaling is a part of what is timed, and takes no more threads than the networks.
    cv2.setNumThreads(workshop.threads)
    with _bars() as bars:
        loading = bars.add_task("loading", total=len(entries))
        ready, notes = make_ready(entries, workshop, lambda title: bars.update(loading, advance=1, description=title))
        if not ready:
            raise OptionError("none of the models can run here: " + " ".join(notes))
        probes = _probes(ready, workshop.threads, notes)
        acts: list[Callable[[int], Times | float]] = [partial(_look, one, frames) for _, one in ready]
        acts += [partial(_probe, probe) for probe in probes]
        turns = bars.add_task("taking turns", total=rounds * len(acts))
        given = take_turns(acts, rounds, advance=lambda: bars.advance(turns))
        rates = bars.add_task("live", total=live_rounds * len(ready))
        loops = [partial(_live, one, frames) for _, one in ready]
        live = take_turns(loops, live_rounds, warm=0, timed=1, advance=lambda: bars.advance(rates))
        scoring = bars.add_task("AP50", total=None if data is None else len(ready))
        ap50 = {} if data is None else _scored(ready, data, notes, lambda: bars.advance(scoring))
    looks: Any = given[: len(ready)]
    probed: Any = given[len(ready) :]
    best = peaks(probes, probed)
    conditions = Conditions(
        hardware=hardware(),
        versions=versions(),
        date=today(),
        threads=workshop.threads,
        busy_cores=round(busy, 2),
        frame_size_wh=workshop.frame_size_wh,
        rounds=rounds,
        looks=rounds * TIMED_LOOKS,
    )
    rows = rows_of(ready, looks, live, best, ap50)
    if any(row.peak_share is not None and row.peak_share > 1 for row in rows):
        notes.append("a share of the peak above 100 % says that something disturbed the run; measure again, alone.")
    return Results(conditions, rows, best, notes)


def _entries(arguments: argparse.Namespace) -> list[Entry]:
    try:
        sizes = [int(word) for word in arguments.sizes.split(",")]
    except ValueError as error:
        raise OptionError(f"--sizes is {arguments.sizes}; give numbers such as {SIZES}.") from error
    for model in (arguments.model, arguments.two_stage):
        refuse_foreign(model)
    entries = one_stage_entries(arguments.model, sizes)
    if arguments.peer_onnx is not None:
        entries += yolox_entries(arguments.peer_onnx)
    entries += untrained_entries(sizes[0]) + two_stage_entries(arguments.two_stage)
    return chosen(entries, [] if arguments.only is None else [name.strip() for name in arguments.only.split(",")])


def _frames(source: str) -> Frames:
    if is_live(source):
        raise OptionError(f"{source} is live; a benchmark needs frames that are there: a file, a folder or the sample.")
    with closing(open_source(source)) as opened:
        step = SAMPLE_STEP if source == SAMPLE else 1
        images = [frame.image for frame in islice(frames_of(opened), 0, FRAMES * step, step)]
    if not images:
        raise SourceError(f"{source} holds no frame.")
    size_wh = SAMPLE_WH if source == SAMPLE else (images[0].shape[1], images[0].shape[0])
    return [np.asarray(cv2.resize(image, size_wh, interpolation=cv2.INTER_CUBIC), np.uint8) for image in images]


def _look(ready: Ready, frames: Frames, number: int) -> Times:
    return timed_look(ready.detector, frames[number % len(frames)])


def _live(ready: Ready, frames: Frames, _number: int) -> float:
    return live_fps(ready.detector, frames)


def _probe(probe: Probe, _number: int) -> float:
    return probe.run_ms()


def _probes(ready: Sequence[tuple[Entry, Ready]], threads: int, notes: list[str]) -> list[Probe]:
    if not openvino_is_there():
        notes.append("no share of the machine's peak is told, for it is measured with OpenVINO: pip install openvino.")
        return []
    return best_probes(list(dict.fromkeys(entry.precision for entry, _ in ready)), threads)


def _scored(
    ready: Sequence[tuple[Entry, Ready]], data: DataSet, notes: list[str], advance: Callable[[], None]
) -> dict[Entry, float]:
    """AP50 of every trained row; a note for each that does not know the classes."""
    found = {}
    for entry, one in ready:
        advance()
        if not one.trained:
            continue
        try:
            found[entry] = figures(score_detector(one.detector, data).protocol).ap50
        except DataSetError as error:
            notes.append(f"{entry.title} has no AP50: {error}")
    if data.left_out:
        notes.append(f"AP50 is not of all of the data: {data.left_out}.")
    return found


def _bars() -> Any:
    """A bar for each step on a terminal; nothing in a log."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True, disable=not sys.stderr.isatty())

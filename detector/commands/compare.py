"""Compare models on the same frames: where they agree, where they differ, what each costs.

Every model looks at every frame, one after the other. Boxes of two models go together one to one where they overlap
(IoU) at least 0.5; they agree, or their labels differ, or only one model has them. With more than two models the first
one is the reference that each other one is compared with.

--models takes names and files, separated by commas; NAME@SIZE gives a model an input size of its own.

OUTPUT gets:
  summary.html     one page: tables, plots, the frames that the models disagree on most
  summary.json     its figures
  frames.csv       a row per frame and pair        frames.jsonl    the same, a line of JSON per frame
  detections.csv   a row per box and pair          comparison.mp4  the frames side by side, with boxes

--data FILE judges every model by annotations, too: what is right, false and missed, AP50 and AP, and the difference
with its 95 % interval (paired bootstrap). It needs photographs, whose file names the annotations know.

Ctrl-C ends it after the frame at hand; what was done until then is whole.

examples:
  looktwice compare clip.mp4 --models faster-rcnn-vgg-voc20,vgg-yolo-voc20 --output compared
  looktwice compare sample --models vgg-yolo-voc20@320,vgg-yolo-voc20@224 --output compared --every 5
  looktwice compare val/ --models a.safetensors,b.safetensors --output compared --data instances.json
  looktwice compare camera --models vgg-yolo-voc20,yolox_nano.onnx --output compared --seconds 30

exit code: 0 all went well; 1 a model failed, or not all of the source or the annotations could be read (what could be
is there); 2 nothing could be done; 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from detector.commands.fetching import fetch_shown
from detector.comparison import DEFAULT_IOU
from detector.comparison.pairing import check_iou
from detector.detector import CANDIDATE_FLOOR, Detector
from detector.errors import OptionError, OutputError, SourceError, WeightsError
from detector.frames import FrameSource, is_live, open_source, shown_address
from detector.lockstep.console import print_summary
from detector.lockstep.extent import Extent, parse_time
from detector.lockstep.lanes import Lane
from detector.lockstep.loading import Wanted, load_all, wanted_models
from detector.lockstep.run import Order, Outcome, run_lockstep
from detector.lockstep.summary import ModelSummary
from detector.lockstep.truth import read_truths
from detector.machine import hardware, today, versions
from detector.registry import ENGINES, PRECISIONS, load_detector
from detector.selection import Thresholds
from detector.weights_file import is_ours
from detector.writers import output_error

STOPPED_EXIT_CODE = 130


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="SOURCE", help="a video, a picture, a folder of pictures, `sample`, `camera`")
    parser.add_argument("--models", required=True, metavar="A,B", help="two or more; the first is the reference")
    parser.add_argument(
        "--output", required=True, type=Path, metavar="DIR", help="folder for the results; made if need be"
    )
    parser.add_argument("--data", type=Path, help="annotations of the pictures: COCO .json, or a Pascal VOC folder")
    parser.add_argument("--images", type=Path, metavar="DIR", help="folder that the names in the .json start from")
    parser.add_argument(
        "--size", type=int, metavar="N", help="input side of models without @SIZE; their own by default"
    )
    parser.add_argument("--score", type=float, metavar="T", help="keep scores above T, 0..1; each model's by default")
    parser.add_argument(
        "--iou", type=float, default=DEFAULT_IOU, metavar="T",
        help=f"boxes that overlap this much go together; {DEFAULT_IOU:g} by default",
    )  # fmt: skip
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every N-th frame")
    parser.add_argument("--from", dest="start", default="0", metavar="TIME", help="begin there: 12.5 or 1:02.5")
    parser.add_argument("--to", dest="end", metavar="TIME", help="end there")
    parser.add_argument("--limit", type=int, metavar="N", help="at most N frames")
    parser.add_argument("--seconds", type=float, metavar="S", help="so long; a camera needs this or --limit")
    parser.add_argument(
        "--precision", choices=PRECISIONS, default="auto",
        help="what the networks compute in; auto is bf16 where the CPU has it, and never int8",
    )  # fmt: skip
    parser.add_argument("--engine", choices=ENGINES, default="auto", help="what runs all of them; auto: each the best")
    parser.add_argument("--threads", type=int, metavar="N", help="for the networks; all cores by default")
    parser.add_argument("--no-video", action="store_true", help="write no comparison.mp4")


def run(arguments: argparse.Namespace) -> int:
    wanted = wanted_models(arguments.models, arguments.size)
    if arguments.score is not None:
        Thresholds(score=arguments.score)
    check_iou(arguments.iou)
    if arguments.threads is not None and arguments.threads < 1:
        raise OptionError(f"--threads is {arguments.threads}; it must be 1 or more.")
    if arguments.images is not None and arguments.data is None:
        raise OptionError("--images needs --data FILE.")
    extent = Extent(
        parse_time(arguments.start),
        None if arguments.end is None else parse_time(arguments.end),
        arguments.every,
        arguments.limit,
        arguments.seconds,
    )
    refuse_endless(arguments.source, extent)
    floor = CANDIDATE_FLOOR if arguments.score is None else min(CANDIDATE_FLOOR, arguments.score)

    def load(one: Wanted) -> Detector:
        fetch_shown(one.model)
        return load_detector(
            one.model, one.size, arguments.precision, arguments.threads, floor, engine=arguments.engine
        )

    order = Order(arguments.output, extent, arguments.iou, not arguments.no_video)
    return compare_on(arguments.source, wanted, load, order, arguments.score, arguments.data, arguments.images)


def refuse_endless(source: str, extent: Extent) -> None:
    """Before anything is loaded or switched on. Raises OptionError."""
    if not is_live(source):
        return
    shown = shown_address(source)
    if extent.limit is None and extent.seconds is None:
        raise OptionError(f"{shown} never ends; say how much of it to take with --seconds S or --limit N.")
    if extent.start_s > 0 or extent.end_s is not None:
        raise OptionError(f"--from and --to suit files; of {shown} take --seconds S or --limit N.")


def compare_on(
    source: str,
    wanted: Sequence[Wanted],
    load: Callable[[Wanted], Detector],
    order: Order,
    score: float | None = None,
    data: Path | None = None,
    images: Path | None = None,
    opener: Callable[[str], FrameSource] = open_source,
) -> int:
    """Load the models, run them over the source, and tell what came of it.

    Args:
        load: makes a detector of each. score: see `load_all`. data, images: see `read_truths`.

    Returns:
        The exit code.

    Raises:
        SourceError, DataSetError, OptionError, OutputError, WeightsError: nothing could be done.
    """
    with closing(opener(source)) as opened:
        shown = shown_address(source)
        truths = None if data is None else read_truths(data, images, source, opened.info)
        if order.output.exists() and not order.output.is_dir():
            raise OutputError(f"{order.output} is a file; give --output a folder.")
        lanes, facts, not_loaded = load_all(wanted, load, score, _gmac, _say)
        if not lanes:
            raise WeightsError("none of the models can be loaded; nothing was compared.")
        _make_folder(order.output)
        about = _about(shown, order, data)
        with _progress() as progress:
            task = progress.add_task(Path(shown).name or shown, total=order.extent.expected(opened.info))
            outcome = run_lockstep(
                opened, lanes, facts, about, order, truths, not_loaded, lambda: progress.advance(task), _say
            )
    code = _told(outcome, lanes, not_loaded, shown)
    return 1 if code == 0 and truths is not None and truths.trouble else code


def _told(outcome: Outcome, lanes: Sequence[Lane], not_loaded: Sequence[ModelSummary], shown: str) -> int:
    """Tell what came of it and give the exit code."""
    if outcome.trouble:
        _say(outcome.trouble)
    if outcome.summary is None:
        if outcome.stopped:
            _say("stopped before the first frame.")
            return STOPPED_EXIT_CODE
        if all(lane.failure for lane in lanes):
            raise WeightsError("every model failed on the first frame; nothing was compared.")
        raise SourceError(f"{shown} holds no frame in what was asked for.")
    print_summary(outcome.summary)
    print("written: " + ", ".join(str(path) for path in outcome.written))
    if outcome.stopped:
        _say(f"stopped after {outcome.summary.frames} frames; what was done until then is whole.")
        return STOPPED_EXIT_CODE
    return 1 if outcome.trouble or not_loaded or any(lane.failure for lane in lanes) else 0


def _gmac(detector: Detector) -> float | None:
    """At the size it runs at: from its card, or counted."""
    if detector.size == detector.info.size and detector.info.gmac is not None:
        return detector.info.gmac
    if not is_ours(detector.info.file):
        return None
    if detector.engine.name == "openvino":
        # What is exported takes one look, all of it convolutions: their work goes by the input's area.
        area = (detector.size / detector.info.size) ** 2
        return None if detector.info.gmac is None else round(detector.info.gmac * area, 3)
    from detector.engines.torch_engine import TorchEngine
    from detector.footprint import gmac

    return round(gmac(detector.engine.network, detector.size), 3) if isinstance(detector.engine, TorchEngine) else None


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise output_error(folder, error) from error


def _about(shown: str, order: Order, data: Path | None) -> dict[str, str]:
    told = {"source": shown}
    if data is not None:
        told["annotations"] = str(data)
    libraries = ", ".join(f"{name} {version}" for name, version in versions().items())
    return told | {
        "boxes go together": f"from IoU {order.iou:g} on",
        "hardware": hardware(),
        "versions": libraries,
        "date": today(),
    }


def _say(sentence: str) -> None:
    print(f"looktwice: {sentence}", file=sys.stderr)


def _progress() -> Progress:
    """A bar on a terminal; nothing in a log."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)

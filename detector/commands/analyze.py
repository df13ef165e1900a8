"""Analyses whole videos: what was where, when.

Each source gets a folder of its own, OUTPUT/NAME, with

  frames.jsonl         what was found, frame by frame; everything else is made of it
  detections.csv       one row per detection: frame, time, track, class, score, box; .jsonl and .parquet hold the same
  coco.json mot.txt    for other programs                    about.json   source, model and settings, what each file is
  classes.srt .vtt     the classes on screen, as subtitles   summary.json .html   how much of what, and when
  tracks.jsonl         who is who from frame to frame (with --track)
  counts.json          crossings of lines and stays in zones (with --scene)
  annotated.mp4        the video with its boxes and its sound (with --annotate); of photographs, a folder of pictures

Nothing is lost: a run that was stopped, killed or ran out of disk is gone on with by the same words, at the exact
frame, and ends with the same bytes. What is finished is not done again; --track, --scene, --annotate can come later.
Until it is finished, a file has .part before its ending.

SOURCE is a video, a photograph, a folder (each video in it, or else its photographs as one source), a pattern such as
"holiday/**/*.mp4", or `sample`.

With --cluster, sources and parts of long ones are spread over the machines of a Ray cluster, which read and write the
same paths; `local` starts one of this computer. It needs Ray: pip install 'looktwice[cluster]'.

examples:
  looktwice analyze clip.mp4 --output found
  looktwice analyze clip.mp4 --output found --track --annotate
  looktwice analyze recordings/ --output found --fps 5 --classes person,car --jobs 2
  looktwice analyze recordings/ --output found --cluster 10.0.0.5:6379
  looktwice analyze long.mkv --output found --from 1:00:00 --to 1:30:00 --size 256

exit code: 0 all went well; 1 some source could not be read, or not all of it (the others are there, a list is at the
end); 2 nothing could be done; 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import argparse
import shlex
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from detector.analysis.console import Board
from detector.analysis.finish import Wanted
from detector.analysis.looking import Flag
from detector.analysis.order import RunOrder, lanes_here, load_detectors
from detector.analysis.places import Places
from detector.analysis.scene import read_scene
from detector.analysis.sources import distinct, sources_of
from detector.analysis.task import Report, Task, do
from detector.analysis.tracker import TRACKERS
from detector.analysis.workers import Told, work_through
from detector.commands.detect import DEFAULT_NMS_IOU, labels_named
from detector.commands.fetching import fetch_shown
from detector.detector import Detector
from detector.errors import LooktwiceError, OptionError, OutputError
from detector.frames import is_live, shown_address
from detector.lockstep.extent import parse_time
from detector.lockstep.stopping import Stopping
from detector.registry import DEFAULT_MODEL, ENGINES, PRECISIONS, check_size, engine_for, model_info
from detector.selection import Thresholds
from detector.writers import output_error

STOPPED_EXIT_CODE = 130
Means = Callable[[Sequence[Task], Told, Flag], Iterator[Report]]
"""What does tasks: here, in processes, or on a cluster."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "sources", nargs="+", metavar="SOURCE", help="a video, a folder, a pattern, `sample`; see above"
    )
    parser.add_argument(
        "--output", required=True, type=Path, metavar="DIR", help="folder for the results; made if need be"
    )
    parser.add_argument(
        "--model", default=DEFAULT_MODEL, help=f"a name, a .safetensors or an .onnx file; {DEFAULT_MODEL} by default"
    )
    parser.add_argument("--size", type=int, metavar="N", help="side of the network's input, a multiple of 32")
    parser.add_argument(
        "--precision", choices=PRECISIONS, default="auto",
        help="what the network computes in; auto is bf16 where the CPU has it",
    )  # fmt: skip
    parser.add_argument("--engine", choices=ENGINES, default="auto", help="what runs the network")
    parser.add_argument(
        "--score", type=float, metavar="T", help="keep scores above T, 0..1; the model's own by default"
    )
    parser.add_argument(
        "--nms", type=float, default=DEFAULT_NMS_IOU, metavar="T",
        help=f"of two boxes of a class that overlap (IoU) more than T the weaker goes; {DEFAULT_NMS_IOU:g} by default",
    )  # fmt: skip
    parser.add_argument("--classes", metavar="A,B", help="only these class names, comma-separated")
    thinning = parser.add_mutually_exclusive_group()
    thinning.add_argument("--every", type=int, default=1, metavar="N", help="only every N-th frame")
    thinning.add_argument("--fps", type=float, metavar="F", help="at most F frames a second of the video")
    parser.add_argument(
        "--from", dest="start", default="0", metavar="TIME", help="begin there: 12.5, 1:02.5 or 1:00:00"
    )
    parser.add_argument("--to", dest="end", metavar="TIME", help="end there")
    parser.add_argument(
        "--track", nargs="?", const=TRACKERS[0], choices=TRACKERS,
        help=f"follow objects from frame to frame; {TRACKERS[0]} where none is named",
    )  # fmt: skip
    parser.add_argument("--annotate", action="store_true", help="make a video with the boxes drawn into it")
    parser.add_argument(
        "--scene",
        type=Path,
        metavar="FILE",
        help="lines and zones to count at, as the window writes them; needs --track",
    )
    spreading = parser.add_mutually_exclusive_group()
    spreading.add_argument("--jobs", type=int, default=1, metavar="N", help="so many sources at once, in processes")
    spreading.add_argument(
        "--cluster", metavar="ADDRESS", help="on the machines of a Ray cluster, HOST:PORT, or `local`; see above"
    )
    beginning = parser.add_mutually_exclusive_group()
    beginning.add_argument("--resume", action="store_true", help="go on where a run before stopped: done anyway")
    beginning.add_argument(
        "--again", action="store_true", help="begin anew, also where results of other options or another state are"
    )


@dataclass(frozen=True)
class _Asked:
    """Ctrl-C, as a run wants to be told."""

    stopping: Stopping

    def is_set(self) -> bool:
        return self.stopping.asked

    def wait(self, timeout: float | None = None) -> bool:
        time.sleep(timeout or 0)
        return self.stopping.asked


def run(arguments: argparse.Namespace) -> int:
    order = order_of(arguments)
    if arguments.jobs < 1:
        raise OptionError(f"--jobs is {arguments.jobs}; it must be 1 or more.")
    scene = None if arguments.scene is None else read_scene(arguments.scene)
    if scene is not None and arguments.track is None:
        raise OptionError("--scene counts who is followed; add --track.")
    for source in arguments.sources:
        if is_live(source):
            raise OptionError(f"{shown_address(source)} never ends; record it, and analyse the recording.")
    wanted = Wanted(track=arguments.track, scene=scene, annotate=arguments.annotate)
    fetch_shown(arguments.model)
    make_folder(arguments.output)
    failures: list[Report] = []
    tasks = tasks_of(arguments.sources, arguments.output, order, wanted, arguments.again, failures)
    jobs = max(1, min(arguments.jobs, len(tasks)))
    with ExitStack() as stack:
        if arguments.cluster is not None:
            from detector.analysis.cluster import joined_cluster, work_on_cluster

            ray = stack.enter_context(joined_cluster(arguments.cluster))
            means: Means = partial(work_on_cluster, ray=ray)
        elif jobs > 1:
            means = partial(work_through, jobs=jobs)
        else:
            means = partial(work_here, detectors=load_detectors(order, lanes_here()) if tasks else ())
        return analyze_all(tasks, means, failures, again_by(arguments))


def order_of(arguments: argparse.Namespace) -> RunOrder:
    """What the options ask of each source.

    Raises:
        OptionError, WeightsError: an option that makes no sense, in one sentence.
    """
    info = model_info(arguments.model)
    if arguments.size is not None:
        check_size(arguments.size)
    engine_for(info, arguments.engine, arguments.precision)
    classes = None
    if arguments.classes is not None:
        labels = labels_named(arguments.classes, info.class_names)
        classes = tuple(name for label, name in enumerate(info.class_names) if label in labels)
    score = info.default_score if arguments.score is None else arguments.score
    Thresholds(score=score, nms_iou=arguments.nms)
    return RunOrder(
        model=arguments.model,
        size=arguments.size,
        precision=arguments.precision,
        engine=arguments.engine,
        score=score,
        nms_iou=arguments.nms,
        classes=classes,
        every=arguments.every,
        fps=arguments.fps,
        from_s=parse_time(arguments.start),
        to_s=None if arguments.end is None else parse_time(arguments.end),
    )


def tasks_of(
    words: Sequence[str], output: Path, order: RunOrder, wanted: Wanted, again: bool, failures: list[Report]
) -> list[Task]:
    """A task for each source that `words` mean; what means nothing is added to `failures`."""
    places, found, tasks = Places(output), [], []
    for word in words:
        try:
            found += sources_of(word)
        except LooktwiceError as error:
            failures.append(Report(word, output, error=str(error)))
    for source in distinct(found):
        try:
            tasks.append(Task(source, places.folder_for(source).path, order, wanted, again))
        except LooktwiceError as error:
            failures.append(Report(source, output, error=str(error)))
    return tasks


def analyze_all(tasks: Sequence[Task], means: Means, failures: Sequence[Report], again: str) -> int:
    """Do all tasks, tell what came of each, and end with a list of what did not go well.

    Args:
        means: what does them. failures: of what never became a task. again: the words that go on after a stop.

    Returns:
        The exit code.
    """
    bad = list(failures)
    with Stopping() as stopping, Board() as board:
        for report in means(tasks, board.tell, _Asked(stopping)):
            board.end(report.source)
            if report.error or report.trouble:
                bad.append(report)
            if not report.error:
                board.say(report.sentence)
        stopped = stopping.asked
    for report in bad:
        print(f"looktwice: {report.error or report.trouble}", file=sys.stderr)
    if stopped:
        print(f"looktwice: stopped; go on with: {again}", file=sys.stderr)
        return STOPPED_EXIT_CODE
    if bad and len(tasks) + len(failures) > 1:
        print(f"looktwice: {len(bad)} of {len(tasks) + len(failures)} sources were not read whole.", file=sys.stderr)
    return 1 if bad else 0


def work_here(tasks: Sequence[Task], told: Told, stop: Flag, detectors: Sequence[Detector]) -> Iterator[Report]:
    """Do the tasks one after the other in this process."""
    for task in tasks:
        if stop.is_set():
            return
        yield do(task, detectors, partial(told, task), stop)


def again_by(arguments: argparse.Namespace) -> str:
    """The command that goes on with what `arguments` began: the same without --again."""
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    words = ["looktwice", "analyze", *arguments.sources, "--output", str(arguments.output)]
    flags = {"start": "--from", "end": "--to"}
    for name, value in vars(arguments).items():
        if name in ("sources", "output", "again", "resume") or value == parser.get_default(name):
            continue
        flag = flags.get(name, f"--{name}")
        words += [flag] if value is True else [flag, str(value)]
    return shlex.join(words)


def make_folder(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"{folder} is a file; give a folder.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise output_error(folder, error) from error

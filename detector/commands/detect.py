"""Detects objects in pictures, folders, videos or the sample, and writes what it found.

OUTPUT gets an annotated picture per photograph (NAME-detected.jpg or .png), an annotated MP4 per video or sample
(NAME-detected.mp4), and one detections.csv and detections.json for all sources, one row per detection:

  source   the file, or the source's word         label    index of the class
  frame    index in the source, from 0            score    0..1
  time_s   seconds from the source's start        x1 y1    top left of the box, pixels of the frame
  class    the class name                         x2 y2    bottom right of the box

Files grow as NAME.part.ENDING and get their own names when they are finished.

examples:
  looktwice detect holiday.jpg --output found
  looktwice detect clip.mp4 --output found --classes person,dog --score 0.5
  looktwice detect clip.mp4 photographs/ --output found --no-pictures
  looktwice detect camera --frames 300 --output found
  looktwice detect camera:0 camera:1 rtsp://door/stream --frames 3000 --output found

Several cameras and streams are watched at once and share one network: frames that wait together go through it as one
batch. Everything else is taken one after the other.

exit code: 0 all went well; 1 not all of a source could be read (what could be is there); 2 nothing could be done.
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from detector.annotated_files import AnnotatedFiles, FreeNames, annotated_files
from detector.commands.fetching import fetch_shown
from detector.detections import Candidates
from detector.detector import CANDIDATE_FLOOR
from detector.errors import OptionError, SourceError
from detector.families.coco import voc_name
from detector.frames import Frame, FrameSource, Lull, SourceInfo, is_live, open_source, shown_address
from detector.machine import usable_cores
from detector.pipeline.shared_detector import SharedDetector
from detector.registry import DEFAULT_MODEL, ENGINES, PRECISIONS, load_detector, model_info
from detector.selection import Thresholds, select
from detector.writers import DetectionWriter, detection_rows, open_detection_writer, output_error, partial_path

DEFAULT_NMS_IOU = Thresholds().nms_iou


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "sources", nargs="+", metavar="SOURCE", help="a picture, a folder of pictures, a video, `sample`, or `camera`"
    )
    parser.add_argument(
        "--output", required=True, type=Path, metavar="DIR", help="folder for the results; made if need be"
    )
    parser.add_argument(
        "--model", default=DEFAULT_MODEL, help=f"a name, a .safetensors or an .onnx file; {DEFAULT_MODEL} by default"
    )
    parser.add_argument(
        "--score", type=float, metavar="T", help="keep scores above T, 0..1; the model's own by default"
    )
    parser.add_argument(
        "--nms", type=float, default=DEFAULT_NMS_IOU, metavar="T",
        help=f"of two boxes of a class that overlap (IoU) more than T the weaker goes; {DEFAULT_NMS_IOU:g} by default",
    )  # fmt: skip
    parser.add_argument("--classes", metavar="A,B", help="only these class names, comma-separated")
    parser.add_argument("--size", type=int, metavar="N", help="side of the network's input, a multiple of 32")
    parser.add_argument(
        "--precision", choices=PRECISIONS, default="auto",
        help="what the network computes in; auto is bf16 where the CPU has it, and never int8",
    )  # fmt: skip
    parser.add_argument("--engine", choices=ENGINES, default="auto", help="what runs the network")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every N-th frame")
    parser.add_argument("--frames", type=int, metavar="N", help="stop after N frames of a source; a camera needs it")
    parser.add_argument("--no-pictures", action="store_true", help="write no annotated pictures")
    parser.add_argument("--no-video", action="store_true", help="write no annotated MP4")


class Predictor(Protocol):
    """What is needed of a detector."""

    def predict(self, image: NDArray[np.uint8]) -> Candidates: ...


@dataclass(frozen=True)
class Plan:
    """What to do with every source. every, frames: see the options. pictures, video: whether to write them."""

    output: Path
    class_names: tuple[str, ...]
    thresholds: Thresholds
    every: int = 1
    frames: int | None = None
    pictures: bool = True
    video: bool = True


@dataclass
class Tally:
    """What came of a source. trouble: why not all of it was read, empty when it was."""

    frames: int = 0
    seconds: float = 0.0
    counts: Counter[str] = field(default_factory=Counter)
    written: list[str] = field(default_factory=list)
    trouble: str = ""

    def sentence(self) -> str:
        found = ", ".join(f"{name} {count}" for name, count in self.counts.most_common()) or "nothing"
        rate = f" at {self.frames / self.seconds:.1f} frames/s" if self.frames > 1 and self.seconds > 0 else ""
        files = f" -> {', '.join(self.written)}" if self.written else ""
        return f"{self.frames} frame{'s' if self.frames != 1 else ''}{rate}: {found}{files}"


def run(arguments: argparse.Namespace) -> int:
    info = model_info(arguments.model)
    for option in ("every", "frames"):
        value = getattr(arguments, option)
        if value is not None and value < 1:
            raise OptionError(f"--{option} is {value}; it must be 1 or more.")
    thresholds = Thresholds(
        score=info.default_score if arguments.score is None else arguments.score,
        nms_iou=arguments.nms,
        labels=None if arguments.classes is None else labels_named(arguments.classes, info.class_names),
    )
    refuse_endless(arguments.sources, arguments.frames)
    plan = Plan(
        arguments.output,
        info.class_names,
        thresholds,
        arguments.every,
        arguments.frames,
        not arguments.no_pictures,
        not arguments.no_video,
    )
    fetch_shown(arguments.model)
    at_once = len(arguments.sources) > 1 and all(is_live(source) for source in arguments.sources)
    detector = load_detector(
        arguments.model,
        arguments.size,
        arguments.precision,
        floor=min(CANDIDATE_FLOOR, thresholds.score),
        engine=arguments.engine,
        frames_at_once=min(usable_cores(), len(arguments.sources)) if at_once else 1,
    )
    about = {
        "model": info.name,
        "size": detector.size,
        "engine": detector.engine.name,
        "precision": detector.engine.precision,
        "score": thresholds.score,
        "nms_iou": thresholds.nms_iou,
    }
    if not at_once:
        return detect_all(detector, arguments.sources, plan, about)
    with SharedDetector(detector) as shared:
        return detect_all(shared, arguments.sources, plan, about, at_once=True)


def labels_named(words: str, class_names: Sequence[str]) -> frozenset[int]:
    """The labels of comma-separated class names. COCO's words are told in VOC's. Raises OptionError."""
    labels = set()
    for word in (part.strip() for part in words.split(",")):
        if word not in class_names:
            near = get_close_matches(voc_name(word.lower()), class_names, n=3)
            hint = f"did you mean {' or '.join(near)}?" if near else f"there is {', '.join(class_names)}."
            raise OptionError(f"the model has no class named {word!r}; {hint}")
        labels.add(class_names.index(word))
    return frozenset(labels)


def refuse_endless(sources: Sequence[str], frames: int | None) -> None:
    """Before anything is loaded or switched on. Raises OptionError."""
    for source in sources:
        if frames is None and is_live(source):
            raise OptionError(f"{shown_address(source)} never ends; say how many frames to take with --frames N.")


def detect_all(
    detector: Predictor,
    sources: Sequence[str],
    plan: Plan,
    about: dict[str, object],
    opener: Callable[[str], FrameSource] = open_source,
    at_once: bool = False,
) -> int:
    """Detect in every source and write the results; a broken source is named and the others go on.

    Args:
        about: goes into the JSON file. at_once: every source in a thread of its own, which `detector` has to bear.

    Returns:
        The exit code: 0, 1 when not all of some source could be read, 2 when none gave a frame.

    Raises:
        OutputError: the results cannot be written; what was written before stays readable.
    """
    _make_folder(plan.output)
    tallies: list[Tally] = []
    names = FreeNames(plan.output)
    with ExitStack() as files:
        writers: list[DetectionWriter] = []
        for ending in ("csv", "json"):
            writer = open_detection_writer(plan.output / f"detections.{ending}", about)
            writers.append(files.enter_context(closing(writer)))
        desk = _Desk(detector, plan, writers, names, opener, files.enter_context(_progress()))
        try:
            found = _each_at_once(desk, sources) if at_once else (_detect_one(desk, source) for source in sources)
            for source, tally in zip(sources, found, strict=True):
                tallies.append(tally)
                _report(source, tally)
        except KeyboardInterrupt:
            print(f"what was found until now is in {partial_path(writers[0].path)}", file=sys.stderr)
            raise
        if not any(tally.frames for tally in tallies):
            for writer in writers:
                writer.close()
                partial_path(writer.path).unlink()
            return 2
        for writer in writers:
            writer.finish()
    print("detections: " + ", ".join(str(writer.path) for writer in writers))
    return 1 if any(tally.trouble for tally in tallies) else 0


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise output_error(folder, error) from error


def _report(source: str, tally: Tally) -> None:
    if tally.trouble:
        print(f"looktwice: {tally.trouble}", file=sys.stderr)
    if tally.frames:
        print(f"{shown_address(source)}: {tally.sentence()}")


@dataclass
class _Desk:
    """What all sources share. Whoever writes or takes a name holds the lock; who finds `stop` set ends."""

    detector: Predictor
    plan: Plan
    writers: Sequence[DetectionWriter]
    names: FreeNames
    opener: Callable[[str], FrameSource]
    progress: Progress
    lock: threading.Lock = field(default_factory=threading.Lock)
    stop: threading.Event = field(default_factory=threading.Event)


def _each_at_once(desk: _Desk, sources: Sequence[str]) -> Iterator[Tally]:
    """The same for several sources in a thread each, in the order of the sources."""
    with ThreadPoolExecutor(len(sources), "source") as pool:
        watched = [pool.submit(_detect_one, desk, source) for source in sources]
        try:
            for one in watched:
                yield one.result()
        finally:
            # However this ends, with Ctrl-C or because nothing can be written: nobody watches on alone.
            desk.stop.set()


def _detect_one(desk: _Desk, source: str) -> Tally:
    plan = desk.plan
    try:
        opened = desk.opener(source)
    except SourceError as error:
        return Tally(trouble=str(error))
    # Neither tables nor names of files shall hold anybody's password.
    source = shown_address(source)
    tally = Tally()
    start_s = time.perf_counter()
    with closing(opened), ExitStack() as files:
        with desk.lock:
            sink = annotated_files(
                source, opened.info, plan.class_names, desk.names, plan.pictures, plan.video, plan.every
            )
        files.callback(sink.close)
        task = desk.progress.add_task(Path(source).name, total=_expected(opened.info, plan))
        files.callback(desk.progress.remove_task, task)
        try:
            frames = _frames_until(desk.stop, opened)
            while (plan.frames is None or tally.frames < plan.frames) and (frame := next(frames, None)) is not None:
                if frame.index % plan.every == 0:
                    _detect_frame(desk, source, frame, sink, tally)
                    desk.progress.advance(task)
        except SourceError as error:
            tally.trouble = str(error)
        tally.trouble = tally.trouble or opened.trouble
        tally.written = sink.finish()
    tally.seconds = time.perf_counter() - start_s
    if tally.frames == 0 and not tally.trouble:
        tally.trouble = f"{source} holds no frame."
    return tally


def _frames_until(stop: threading.Event, source: FrameSource) -> Iterator[Frame]:
    while not stop.is_set() and (frame := source.read()) is not None:
        if not isinstance(frame, Lull):
            yield frame


def _detect_frame(desk: _Desk, source: str, frame: Frame, sink: AnnotatedFiles, tally: Tally) -> None:
    detections = select(desk.detector.predict(frame.image), desk.plan.thresholds)
    named = str(Path(source) / frame.name) if frame.name and Path(source).is_dir() else source
    rows = detection_rows(named, frame.index, frame.time_s, detections, desk.plan.class_names)
    with desk.lock:
        for writer in desk.writers:
            writer.write(rows)
    sink.write(frame, detections)
    tally.frames += 1
    tally.counts.update(str(row["class"]) for row in rows)


def _expected(info: SourceInfo, plan: Plan) -> int | None:
    """How many frames will be looked at, None when nobody knows."""
    if info.frame_count is None:
        return plan.frames
    count = -(-info.frame_count // plan.every)
    return count if plan.frames is None else min(count, plan.frames)


def _progress() -> Progress:
    """A bar on a terminal; nothing in a log."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)

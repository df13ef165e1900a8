"""What `analyze` reaches of what its parts allow, and whether its memory grows with the video.

    python -m benchmarks.analysis rate      1280x720 H.264, the usual model, journal and tables; --annotate: and an MP4
    python -m benchmarks.analysis memory    resident memory at frame 2,000 and at frame 60,000

Each repeat of `rate` measures in processes of its own, one after the other: the parts alone, in processor milliseconds
a frame with one frame on one thread, and then everything together, from the first frame to the last file. What the
parts allow is the rate at which their sum fills all cores. Close other programs before; --json FILE writes the figures.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import psutil
from rich.console import Console
from rich.table import Table

from benchmarks.clip import make_clip
from detector.analysis.finish import Wanted, write_results
from detector.analysis.folder import ResultFolder
from detector.analysis.identity import content_of, facts_of
from detector.analysis.journal import Journal, JournalHead, JournalWriter
from detector.analysis.order import RunOrder, lanes_here, load_detectors, settings_of, thresholds_of
from detector.analysis.progress import Progress
from detector.analysis.run import analyze
from detector.analysis.values import StoredFrame, stored_frame
from detector.drawing import annotate
from detector.engines.threads import compute_on_one_thread_here
from detector.frames import Frame, frames_of, open_source
from detector.machine import busy_cores, hardware, today, versions
from detector.selection import select
from detector.video_files import VideoWriter

SIZE_WH = (1280, 720)
SMALL_WH, SMALL_SIZE = (64, 36), 64
PART_FRAMES, WARM_FRAMES = 150, 20
FIRST = 2000
Item = TypeVar("Item")


class Clock:
    """Processor milliseconds of this process by part, summed up over frames."""

    def __init__(self) -> None:
        self.ms: dict[str, float] = {}

    def timed(self, part: str, act: Callable[[], Item]) -> Item:
        started_s = time.process_time()
        result = act()
        self.ms[part] = self.ms.get(part, 0.0) + 1000 * (time.process_time() - started_s)
        return result


def parts_alone(clip: Path, order: RunOrder, annotated: bool) -> dict[str, float]:
    """Processor milliseconds a frame of each part, one after the other in this process."""
    (detector,) = load_detectors(order, 1)
    compute_on_one_thread_here()
    settings = settings_of(order, detector)
    clock = Clock()
    with closing(open_source(str(clip))) as source:
        frames = list(islice(_timed_each(clock, "decode", frames_of(source)), PART_FRAMES))
    for frame in frames[:WARM_FRAMES]:
        detector.predict(frame.image)
    candidates = [clock.timed("network", partial(detector.predict, frame.image)) for frame in frames]
    thresholds = thresholds_of(settings)
    found = clock.timed("select", lambda: [select(one, thresholds) for one in candidates])
    stored = [
        stored_frame(frame.index, frame.time_s, frame.size_wh, one) for frame, one in zip(frames, found, strict=True)
    ]
    content = content_of(str(clip))
    assert content is not None
    with closing(open_source(str(clip))) as source:
        head = JournalHead(facts_of(str(clip), source.info, content), settings)
    with tempfile.TemporaryDirectory() as name:
        # What is loaded once only does not count as a frame's.
        write_results(Journal(_write_journal(Path(name) / "warm", head, stored)), Wanted())
        folder = clock.timed("journal", lambda: _write_journal(Path(name) / "parts", head, stored))
        clock.timed("tables", lambda: write_results(Journal(folder), Wanted()))
        if annotated:
            names = detector.class_names
            pairs = list(zip(frames, found, strict=True))
            drawn = clock.timed("draw", lambda: [annotate(frame.image, one, names) for frame, one in pairs])
            clock.timed("encode", lambda: _encode(Path(name) / "film.mp4", zip(frames, drawn, strict=True)))
            clock.ms["decode again"] = clock.ms["decode"]
    return {part: ms / len(frames) for part, ms in clock.ms.items()}


def _timed_each(clock: Clock, part: str, items: Iterator[Item]) -> Iterator[Item]:
    while (item := clock.timed(part, lambda: next(items, None))) is not None:
        yield item


def _write_journal(path: Path, head: JournalHead, frames: Iterable[StoredFrame]) -> ResultFolder:
    folder = ResultFolder(path)
    path.mkdir()
    with closing(JournalWriter(folder, head)) as writer:
        for frame in frames:
            writer.write(frame)
        writer.finish("")
    return folder


def _encode(path: Path, pairs: Iterable[tuple[Frame, Any]]) -> None:
    with closing(VideoWriter(path, 30.0)) as writer:
        for frame, image in pairs:
            writer.write(image, frame.time_s)
        writer.finish()


def all_together(clip: Path, order: RunOrder, annotated: bool) -> dict[str, float]:
    """Frames and seconds of a run with all its files, the model being loaded and warm."""
    detectors = load_detectors(order, lanes_here())
    with tempfile.TemporaryDirectory() as name:
        warm = RunOrder(**{**vars(order), "to_s": 1.0})
        warmed = ResultFolder(Path(name) / "warm")
        analyze(str(clip), warmed, warm, detectors)
        write_results(Journal(warmed), Wanted(annotate=annotated))
        folder = ResultFolder(Path(name) / "out")
        started_s, started_processor_s = time.perf_counter(), time.process_time()
        outcome = analyze(str(clip), folder, order, detectors)
        analysed_s = time.perf_counter() - started_s
        write_results(Journal(folder), Wanted(annotate=annotated))
        seconds = time.perf_counter() - started_s
        processor_s = time.process_time() - started_processor_s
    return {
        "frames": outcome.frames, "seconds": seconds, "analysed_s": analysed_s,
        "processor_ms_a_frame": 1000 * processor_s / outcome.frames, "cores_used": processor_s / seconds,
    }  # fmt: skip


def rate(clip: Path, words: Sequence[str], repeats: int) -> dict[str, Any]:
    """Each repeat's parts and whole, and the medians."""
    rows = []
    for _repeat in range(repeats):
        parts = _in_a_process("parts", str(clip), *words)
        whole = _in_a_process("whole", str(clip), *words)
        allowed = lanes_here() * 1000 / sum(parts.values())
        reached = whole["frames"] / whole["seconds"]
        rows.append(
            {
                "allowed_fps": allowed,
                "reached_fps": reached,
                "share": reached / allowed,
                "analysing_fps": whole["frames"] / whole["analysed_s"],
                "processor_ms_a_frame": whole["processor_ms_a_frame"],
                "cores_used": whole["cores_used"],
                **{f"{part}_ms": ms for part, ms in parts.items()},
            }
        )
    return {"repeats": rows, "median": {key: statistics.median(row[key] for row in rows) for key in rows[0]}}


def _in_a_process(*words: str) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.analysis", *words]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def memory(clip: Path, last: int) -> dict[str, Any]:
    """Resident memory of a run at two frame counts, and after its tables."""
    process, seen = psutil.Process(), {}
    order = RunOrder(size=SMALL_SIZE, precision="f32", score=0.01)

    def note(progress: Progress) -> None:
        if progress.frames in (FIRST, last):
            seen[progress.frames] = process.memory_info().rss / 2**20

    with tempfile.TemporaryDirectory() as name:
        folder = ResultFolder(Path(name) / "out")
        started_s = time.perf_counter()
        outcome = analyze(str(clip), folder, order, load_detectors(order, lanes_here()), note)
        seconds = time.perf_counter() - started_s
        write_results(Journal(folder), Wanted(track="bytetrack"))
        journal_mib = folder.journal.stat().st_size / 2**20
    return {
        "frames": [FIRST, last], "resident_mib": [seen[FIRST], seen[last]], "growth_mib": seen[last] - seen[FIRST],
        "after_tracks_and_tables_mib": process.memory_info().rss / 2**20, "journal_mib": journal_mib,
        "reached_fps": outcome.frames / seconds,
    }  # fmt: skip


def show(title: str, figures: dict[str, Any]) -> None:
    table = Table(title=f"{title}: {hardware()}, {today()}, " + ", ".join(f"{k} {v}" for k, v in versions().items()))
    table.add_column("figure")
    table.add_column("value", justify="right")
    for key, value in figures.get("median", figures).items():
        table.add_row(key, f"{value:.3f}" if isinstance(value, float) else str(value))
    Console().print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("rate", "memory", "parts", "whole"), help="parts, whole: for `rate` itself")
    parser.add_argument("clip", nargs="?", type=Path, help="by default one made of the sample")
    parser.add_argument("--frames", type=int, help="of the clip that is made: rate 900, memory 60,000")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--annotate", action="store_true")
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--json", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    order = RunOrder(engine=arguments.engine, precision=arguments.precision)
    if arguments.what in ("parts", "whole"):
        measure = parts_alone if arguments.what == "parts" else all_together
        print(json.dumps(measure(arguments.clip, order, arguments.annotate)))
        return
    with tempfile.TemporaryDirectory() as name:
        if arguments.what == "rate":
            clip = arguments.clip or make_clip(Path(name) / "sample.mp4", arguments.frames or 900, SIZE_WH)
            print(f"{busy_cores():.2f} cores are busy with other things")
            words = ["--engine", arguments.engine, "--precision", arguments.precision]
            figures = rate(clip, [*words, "--annotate"] if arguments.annotate else words, arguments.repeats)
        else:
            frames = arguments.frames or 60_000
            figures = memory(arguments.clip or make_clip(Path(name) / "long.mp4", frames, SMALL_WH), frames)
    show(arguments.what, figures)
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()

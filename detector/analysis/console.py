"""How far analyses are, as bars on a terminal; nothing in a log."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, TaskID, TextColumn
from rich.progress import Progress as Bars
from rich.text import Text

from detector.analysis.progress import Progress
from detector.analysis.task import Step, Task

MOST_CLASSES = 5


class Board:
    """A bar for each source that is being analysed, to be told from any thread.

    Args:
        console: by default standard error.
    """

    def __init__(self, console: Console | None = None) -> None:
        console = console or Console(stderr=True)
        columns: tuple[ProgressColumn, ...] = (
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[told]}", markup=False),
        )
        self._bars = Bars(
            *columns, console=console, transient=True, disable=not console.is_terminal,
            # What is printed meanwhile stands above the bars, but not where it goes into a file.
            redirect_stdout=sys.stdout.isatty(),
        )  # fmt: skip
        self._rows: dict[str, TaskID] = {}

    def __enter__(self) -> Board:
        self._bars.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def tell(self, task: Task, step: Step) -> None:
        if task.source not in self._rows:
            self._rows[task.source] = self._bars.add_task(Path(task.source).name, total=None, told="")
        row = self._rows[task.source]
        if isinstance(step, Progress):
            self._bars.update(row, completed=step.frames, total=step.expected, told=told(step))
        else:
            self._bars.update(row, completed=step.done, total=step.expected, told=step.step)

    def end(self, source: str) -> None:
        """It is done; its bar goes."""
        row = self._rows.pop(source, None)
        if row is not None:
            self._bars.remove_task(row)

    def say(self, sentence: str) -> None:
        """A line on standard output, above the bars."""
        if self._bars.disable or not sys.stdout.isatty():
            print(sentence)
        else:
            self._bars.console.print(Text(sentence), soft_wrap=True)


def told(progress: Progress) -> str:
    """Rate, time left and counts so far, for example "52.1 frames/s, 0:03:20 left: person 120, car 31"."""
    if progress.frames == 0:
        return "reading"
    rate = f"{progress.frames_per_s:.1f} frames/s"
    left = "" if progress.left_s is None else f", {clock(progress.left_s)} left"
    return rate + left + found(progress.counts)


def clock(seconds: float) -> str:
    """Hours, minutes and seconds, such as 1:02:05."""
    whole = round(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def found(counts: Mapping[str, int]) -> str:
    """The classes that are there most."""
    most = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:MOST_CLASSES]
    return ": " + ", ".join(f"{name} {count}" for name, count in most) if most else ""

"""How a run is shown: a progress bar on a terminal, plain lines elsewhere, nothing on all but the first process."""

from __future__ import annotations

import sys
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from detector.training.trainer import StepReport


class Display(Protocol):
    """Shows reports and says sentences, until closed."""

    def report(self, report: StepReport) -> None: ...

    def say(self, text: str) -> None: ...

    def close(self) -> None: ...


class Bar:
    """A progress bar with images a second, time left, size and losses; it appears with the first report."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            BarColumn(bar_width=24),
            TextColumn("{task.percentage:>5.1f} %"),
            TextColumn("{task.description}"),
            console=console,
        )
        self._task = self._progress.add_task("", total=1.0)

    def report(self, report: StepReport) -> None:
        self._progress.start()
        self._progress.update(self._task, completed=report.progress, description=described(report))

    def say(self, text: str) -> None:
        self._progress.console.print(text, highlight=False, markup=False)

    def close(self) -> None:
        self._progress.stop()


class Lines:
    """One line a report on standard output."""

    def report(self, report: StepReport) -> None:
        self.say(f"{report.progress:6.1%}  {described(report)}")

    def say(self, text: str) -> None:
        print(text, flush=True)

    def close(self) -> None:
        pass


class Silence:
    """For the processes that do not speak."""

    def report(self, report: StepReport) -> None:
        pass

    def say(self, text: str) -> None:
        pass

    def close(self) -> None:
        pass


def open_display(rank: int) -> Display:
    if rank > 0:
        return Silence()
    return Bar(Console()) if sys.stdout.isatty() else Lines()


def described(report: StepReport) -> str:
    """One line: step, size, speed, time left, losses."""
    losses = "  ".join(f"{name} {value:.3f}" for name, value in report.losses.items())
    return (
        f"step {report.step}  {report.size} px  {report.images_per_s:.1f} images/s  "
        f"{_clock(time_left_s(report))} left  {losses}"
    )


def time_left_s(report: StepReport) -> float:
    """Seconds to go if the rest takes as long as what is done; later, larger sizes take longer than that."""
    return report.elapsed_s * (1 - report.progress) / max(report.progress, 1e-6)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"

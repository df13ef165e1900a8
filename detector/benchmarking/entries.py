"""What takes part in a benchmark: models at a size, on an engine, in a precision; and making them ready."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from detector.detector import Detector
from detector.engines.processor import fast_in_bf16
from detector.engines.protocol import Precision
from detector.errors import LooktwiceError, OptionError


@dataclass(frozen=True)
class Workshop:
    """With what entries are made ready: threads for every network, the size of the frames that come, and a folder for
    files that are made on the way, which has to stay until the last look."""

    threads: int
    frame_size_wh: tuple[int, int]
    folder: Path


@dataclass(frozen=True)
class Ready:
    """A loaded entry. gmac: thousand million multiply-accumulates a frame. megabytes: of its file; None where it has
    none. ap50: what its card tells of exactly this engine, size and precision. trained: whether its boxes mean
    anything."""

    detector: Detector
    gmac: float | None
    megabytes: float | None = None
    ap50: float | None = None
    trained: bool = True


@dataclass(frozen=True)
class Entry:
    """A row to be. size: side of the input in pixels, the shorter one where it is no square.

    load: may take seconds; raises a LooktwiceError where it cannot run here.
    """

    model: str
    size: int
    engine: str
    precision: Precision
    load: Callable[[Workshop], Ready]

    @property
    def title(self) -> str:
        return f"{self.model} at {self.size} on {self.engine} in {self.precision}"


def chosen(entries: Sequence[Entry], only: Sequence[str]) -> list[Entry]:
    """The entries of these models; all where none is named.

    Raises:
        OptionError: there is no such model among them.
    """
    names = list(dict.fromkeys(entry.model for entry in entries))
    for name in only:
        if name not in names:
            close = get_close_matches(name, names, n=1)
            hint = f"did you mean {close[0]}?" if close else f"there is {', '.join(names)}."
            raise OptionError(f"--only {name} names nothing that can be measured; {hint}")
    return [entry for entry in entries if not only or entry.model in only]


def make_ready(
    entries: Sequence[Entry], workshop: Workshop, tell: Callable[[str], None]
) -> tuple[list[tuple[Entry, Ready]], list[str]]:
    """Load all, and say of each that cannot run here why it is left out, one sentence each.

    Args:
        tell: told the title of each before it is loaded.
    """
    ready, left_out = [], []
    for entry in entries:
        tell(entry.title)
        try:
            if entry.precision == "bf16" and fast_in_bf16() is not True:
                # It would be computed in f32 all the same, or slower than f32.
                raise OptionError("this processor does not compute in bf16.")
            one = entry.load(workshop)
        except LooktwiceError as error:
            left_out.append(f"{entry.title} is left out: {error}")
            continue
        engine = one.detector.engine
        if (engine.name, engine.precision) != (entry.engine, entry.precision):
            left_out.append(f"{entry.title} is left out: {engine.name} in {engine.precision} ran instead.")
            continue
        ready.append((entry, one))
    return ready, left_out

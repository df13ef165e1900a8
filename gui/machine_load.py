"""How much of the processor other programs take: times on a busy machine are not the program's own."""

from __future__ import annotations

import math

import psutil

from gui.translation import tr

SMOOTHED_S = 4.0
"""What lasts shorter than this is not told."""
BUSY_FROM, CALM_BELOW = 0.25, 0.15
"""Parts of all cores: told from the one on, until it is less than the other."""


class OtherPrograms:
    """What they take, smoothed, as a number of cores; at first nothing.

    Args:
        cores: how many there are.
    """

    def __init__(self, cores: int | None = None) -> None:
        self.cores = cores or psutil.cpu_count() or 1
        self.taken = 0.0
        self._told = False
        self._at_s: float | None = None

    def add(self, now_s: float, whole: float, own: float) -> None:
        """One look. whole: cores that are busy, own: those that this program keeps busy, since the look before."""
        passed_s = now_s - self._at_s if self._at_s is not None else 0.0
        self._at_s = now_s
        others = min(max(whole - own, 0.0), float(self.cores))
        self.taken += (1 - math.exp(-max(passed_s, 0.0) / SMOOTHED_S)) * (others - self.taken)
        self._told = self.taken >= (CALM_BELOW if self._told else BUSY_FROM) * self.cores

    @property
    def sentence(self) -> str:
        """What to tell of it; empty while it is not worth a word."""
        if not self._told:
            return ""
        told = tr("Other programs take {taken:.1f} of {cores} cores; times are longer than on an idle machine.")
        return told.format(taken=self.taken, cores=self.cores)


def busy_cores() -> float:
    """How many cores were busy since the last call, with whatever; 0 at the first."""
    return psutil.cpu_percent() / 100 * (psutil.cpu_count() or 1)

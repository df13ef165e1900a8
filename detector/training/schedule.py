"""How a run unfolds: how far it is, at what size, at what learning rate, how strongly augmented."""

from __future__ import annotations

import math
from dataclasses import dataclass

from detector.errors import OptionError
from detector.training.augment import AugmentSettings


@dataclass(frozen=True)
class Budget:
    """What a run may spend: a number of optimiser steps, or a time in seconds (training time, over all resumes)."""

    steps: int | None = None
    seconds: float | None = None

    def __post_init__(self) -> None:
        if (self.steps is None) == (self.seconds is None):
            raise OptionError("a run needs either a number of epochs or a number of minutes, not both.")

    def progress(self, step: int, elapsed_s: float) -> float:
        """How much is spent, 0..1."""
        if self.steps is not None:
            return min(step / max(self.steps, 1), 1.0)
        assert self.seconds is not None
        return min(elapsed_s / max(self.seconds, 1e-9), 1.0)


@dataclass(frozen=True)
class SizePlan:
    """Progressive size: (size, share of the run) in order, shares summing to 1. `parse("256:0.6,320:0.4")`."""

    parts: tuple[tuple[int, float], ...]

    @staticmethod
    def parse(text: str) -> SizePlan:
        try:
            pairs = [part.split(":") for part in text.split(",")]
            parts = tuple((int(pair[0]), float(pair[1]) if len(pair) > 1 else 1.0) for pair in pairs)
        except (ValueError, IndexError) as error:
            raise OptionError(f"sizes {text!r} are not of the form 192:0.4,256:0.45,320:0.15.") from error
        for size, share in parts:
            if size % 32 or size < 64 or share <= 0:
                raise OptionError(f"size {size}:{share} is not a multiple of 32 from 64 up with a share above 0.")
        total = sum(share for _, share in parts)
        return SizePlan(tuple((size, share / total) for size, share in parts))

    def at(self, progress: float) -> int:
        spent = 0.0
        for size, share in self.parts:
            spent += share
            if progress < spent:
                return size
        return self.parts[-1][0]


@dataclass(frozen=True)
class RateSchedule:
    """Warm-up over `warmup_steps`, then constant; with `finish`, one cosine decay over the last `decay_share`.

    A run without `finish` ends as it went, at the full rate, and can be continued by another for as long as wanted
    (warm-up / stable / decay, Hu et al., 2404.06395, section 4).
    """

    base: float
    warmup_steps: int
    finish: bool
    decay_share: float = 0.2
    floor: float = 0.02

    def at(self, step: int, progress: float) -> float:
        rate = self.base * min(1.0, (step + 1) / max(self.warmup_steps, 1))
        start = 1.0 - self.decay_share
        if self.finish and progress > start:
            done = (progress - start) / self.decay_share
            rate *= self.floor + (1 - self.floor) * 0.5 * (1 + math.cos(math.pi * done))
        return rate


def augmentation_at(
    settings: AugmentSettings, progress: float, finish: bool, calm_share: float = 0.15
) -> AugmentSettings:
    """Mosaic and wide scales are off for the last `calm_share` of a run that is to be finished."""
    return settings.calm() if finish and progress >= 1.0 - calm_share else settings

"""What a training run was asked for, and how a resumed run takes over what is not asked for anew. Imports no torch."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from detector.errors import OptionError
from detector.training.augment import AugmentSettings
from detector.training.schedule import Budget, SizePlan

PATHS = ("data", "output", "images", "teacher", "init", "val", "val_images")
BUDGETS = ("epochs", "minutes")
CHECKPOINT_NAME = "checkpoint.safetensors"
WEIGHTS_NAME = "weights.safetensors"
MOST_WARMUP_STEPS = 500
OPTIMIZERS = ("adamw", "muon")


@dataclass(frozen=True)
class TrainOptions:
    """One field per option of `looktwice train`; the defaults are the recipe."""

    data: Path
    output: Path
    images: Path | None = None
    model: str = "vgg-yolo-voc20"
    init: Path | None = None
    init_bgr: bool = False
    init_minutes: float = 0.0
    freeze: bool = True
    epochs: float | None = None
    minutes: float | None = None
    finish: bool = False
    sizes: str = "192:0.4,256:0.45,320:0.15"
    batch_size: int = 32
    optimizer: str = "adamw"
    rate: float = 2e-3
    weight_decay: float = 0.05
    warmup: int | None = None
    decay_share: float = 0.2
    teacher: Path | None = None
    dense: bool = True
    teacher_view: int = 0
    teacher_fade: float = 0.0
    hint: float = 0.0
    imagenet_hint: float = 0.0
    imagenet_fade: float = 0.8
    ema: bool = True
    ema_decay: float = 0.9995
    clean_norm: bool = True
    mosaic: bool = True
    flip: bool = True
    scale: bool = True
    colour: bool = True
    bf16: str = "auto"
    channels_last: bool = True
    threads: int | None = None
    data_threads: int = 1
    seed: int = 0
    val: Path | None = None
    val_images: Path | None = None
    val_every: float = 0.0
    tensorboard: bool = True

    def __post_init__(self) -> None:
        for name in ("batch_size", "data_threads", *(["threads"] if self.threads is not None else [])):
            _need(name, getattr(self, name), getattr(self, name) >= 1, "1 or more")
        for name in ("rate", *(key for key in BUDGETS if getattr(self, key) is not None)):
            _need(name, getattr(self, name), 0 < getattr(self, name) < math.inf, "above 0")
        positive = ("weight_decay", "hint", "imagenet_hint", "val_every", "init_minutes")
        for name in (*positive, *(["warmup"] if self.warmup else [])):
            _need(name, getattr(self, name), 0 <= getattr(self, name) < math.inf, "0 or more")
        for name in ("teacher_fade", "imagenet_fade", "ema_decay"):
            _need(name, getattr(self, name), 0 <= getattr(self, name) <= 1, "from 0 to 1")
        _need("decay_share", self.decay_share, 0 < self.decay_share <= 1, "above 0 and at most 1")
        _need("seed", self.seed, self.seed >= 0, "0 or more")
        _need(
            "teacher_view",
            self.teacher_view,
            self.teacher_view >= 0 and self.teacher_view % 32 == 0,
            "0 or a multiple of 32",
        )
        if self.bf16 not in ("auto", "on", "off"):
            raise OptionError(f"--bf16 is {self.bf16!r}; it must be auto, on or off.")
        if self.optimizer not in OPTIMIZERS:
            raise OptionError(f"--optimizer is {self.optimizer!r}; it must be {' or '.join(OPTIMIZERS)}.")
        if self.teacher is None and (self.teacher_view or self.hint):
            raise OptionError("--teacher-view and --hint need a --teacher.")
        if self.init_bgr and self.init is None:
            raise OptionError("--init-bgr needs --init.")
        SizePlan.parse(self.sizes)

    def as_json(self) -> dict[str, Any]:
        """Every option as JSON holds it, paths made absolute, for the checkpoint."""
        return {
            name: str(value.absolute()) if isinstance(value, Path) else value for name, value in asdict(self).items()
        }

    def budget(self, photograph_count: int, views_per_step: int) -> Budget:
        """The run's budget; epochs are turned into steps.

        Raises:
            OptionError: neither epochs nor minutes are given.
        """
        if self.epochs is not None:
            return Budget(steps=max(1, math.ceil(self.epochs * photograph_count / views_per_step)))
        return Budget(seconds=None if self.minutes is None else self.minutes * 60)

    def warmup_steps(self, budget: Budget) -> int:
        """As asked, else 500 steps, or a tenth of a run that is shorter than 5,000."""
        if self.warmup is not None:
            return self.warmup
        return MOST_WARMUP_STEPS if budget.steps is None else min(MOST_WARMUP_STEPS, budget.steps // 10)

    def augment_settings(self) -> AugmentSettings:
        """The views' settings with what is switched off left out."""
        full = AugmentSettings()
        return AugmentSettings(
            flip=full.flip if self.flip else 0.0,
            scale_low=full.scale_low if self.scale else 1.0,
            scale_high=full.scale_high if self.scale else 1.0,
            aspect=full.aspect if self.scale else 0.0,
            colour=full.colour if self.colour else 0.0,
            gray=full.gray if self.colour else 0.0,
            mosaic=full.mosaic if self.mosaic else 0.0,
        )


def merged_options(given: Mapping[str, Any], stored: Mapping[str, Any] | None = None) -> TrainOptions:
    """Options from what the command line gives and, for a resumed run, what its checkpoint was written with.

    Raises:
        OptionError: a required option is missing or a value is out of range.
    """
    known = {field.name for field in fields(TrainOptions)}
    own = {name: value for name, value in given.items() if name in known}
    kept = {name: value for name, value in (stored or {}).items() if name in known}
    if any(own.get(name) is not None for name in BUDGETS):
        kept = {name: value for name, value in kept.items() if name not in BUDGETS}
    both: dict[str, Any] = kept | own
    for name in ("data", "output"):
        if both.get(name) is None:
            raise OptionError(f"--{name} is missing; `looktwice train --help` tells what it takes.")
    both |= {name: Path(both[name]) for name in PATHS if both.get(name) is not None}
    return TrainOptions(**both)


def _need(name: str, value: float, holds: bool, rule: str) -> None:
    if not holds:
        raise OptionError(f"--{name.replace('_', '-')} is {value:g}; it must be {rule}.")

"""The training loop of VGG-YOLO: views in, losses, one optimiser step, the average, now and then a checkpoint."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from torch import Tensor, nn

from detector.networks.yolo import NECK_CHANNELS, VGGYolo, YoloOutput, anchor_points
from detector.training.augment import AugmentSettings
from detector.training.averaging import MovingAverage, recompute_batch_norm
from detector.training.checkpoint import Progress, load_checkpoint, save_checkpoint
from detector.training.distributed import Group
from detector.training.loader import Batch, PhotographCache, ViewLoader
from detector.training.losses import LossWeights, hint_loss, teacher_loss, truth_loss
from detector.training.schedule import Budget, RateSchedule, SizePlan, augmentation_at
from detector.training.teacher import Teacher

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Recipe:
    """Every switch of a run; written into checkpoints and weights."""

    sizes: SizePlan = field(default_factory=lambda: SizePlan(((192, 0.4), (256, 0.45), (320, 0.15))))
    batch_size: int = 32
    rate: float = 2e-3
    weight_decay: float = 0.05
    warmup_steps: int = 500
    finish: bool = False
    decay_share: float = 0.2
    average_decay: float = 0.9995
    weights: LossWeights = field(default_factory=LossWeights)
    teacher_fade: float = 0.0
    augment: AugmentSettings = field(default_factory=AugmentSettings)
    seed: int = 0
    bf16: bool = False
    clip_norm: float = 10.0
    data_threads: int = 1

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class StepReport:
    """What one step was: its losses by name, rate, size, images per second since the last report, progress 0..1."""

    step: int
    losses: dict[str, float]
    rate: float
    size: int
    images_per_s: float
    progress: float
    elapsed_s: float


class Trainer:
    """Owns everything that changes while training: network, optimiser, average, progress."""

    def __init__(
        self,
        network: VGGYolo,
        cache: PhotographCache,
        recipe: Recipe,
        budget: Budget,
        teacher: Teacher | None = None,
        group: Group | None = None,
    ) -> None:
        self.recipe, self.budget, self.teacher = recipe, budget, teacher
        self.group = group or Group()
        torch.manual_seed(recipe.seed)
        self.network = network.to(memory_format=torch.channels_last)
        self.hint_adaptor: nn.Module = nn.ModuleList(
            nn.Conv2d(NECK_CHANNELS, NECK_CHANNELS, 1) for _ in range(3 if recipe.weights.hint > 0 else 0)
        )
        self.trained = nn.ModuleDict({"detector": self.network, "hint_adaptor": self.hint_adaptor})
        self.optimizer = torch.optim.AdamW(_parameter_groups(self.trained, recipe.weight_decay), lr=recipe.rate)
        self.average = MovingAverage(self.network, recipe.average_decay)
        self.progress = Progress()
        self.rates = RateSchedule(recipe.rate, recipe.warmup_steps, recipe.finish, recipe.decay_share)
        self.loader = ViewLoader(
            cache, recipe.batch_size, recipe.seed, self.group.rank, self.group.size, recipe.data_threads
        )
        self.stop_requested = False

    def resume(self, path: Path) -> None:
        """Go on from a checkpoint of the same recipe."""
        self.progress, _ = load_checkpoint(path, self.trained, self.optimizer, self.average)

    def save(self, path: Path) -> None:
        if self.group.rank == 0:
            save_checkpoint(path, self.trained, self.optimizer, self.average, self.progress, self.recipe.as_dict())

    def run(self, report: Callable[[StepReport], None], every: int = 20) -> bool:
        """Train until the budget is spent or a stop is asked for. Returns whether the budget is spent.

        SIGINT and SIGTERM ask for a stop after the step under way.
        """
        started_s = time.monotonic() - self.progress.elapsed_s
        self._elapsed_s = lambda: time.monotonic() - started_s
        with _StopOnSignal(self.request_stop):
            last_s, last_views = time.monotonic(), self.progress.views
            batches = self.loader.batches(self._plan())
            for batch in batches:
                size = batch.images.shape[-1]
                spent = self.budget.progress(self.progress.step, self.progress.elapsed_s)
                rate = self.rates.at(self.progress.step, spent)
                losses = self.step(batch, rate, spent)
                self.progress.step += 1
                self.progress.views += len(batch.images) * self.group.size
                # All processes must agree on when to stop, so rank 0's clock and anybody's signal decide.
                elapsed_s, stop = self.group.agree(self._elapsed_s(), self.stop_requested)
                self.progress.elapsed_s = elapsed_s
                done = self.budget.progress(self.progress.step, elapsed_s) >= 1.0
                if self.progress.step % every == 0 or done or stop:
                    now_s = time.monotonic()
                    speed = (self.progress.views - last_views) / max(now_s - last_s, 1e-9)
                    last_s, last_views = now_s, self.progress.views
                    values = {name: float(value.detach()) for name, value in losses.items()}
                    fraction = self.budget.progress(self.progress.step, elapsed_s)
                    report(StepReport(self.progress.step, values, rate, size, speed, fraction, elapsed_s))
                if done or stop:
                    batches.close()
                    return done
        return True

    def request_stop(self) -> None:
        self.stop_requested = True

    def _plan(self) -> Iterator[tuple[int, int, AugmentSettings]]:
        step = self.progress.step
        while True:
            steps = self.budget.progress(step, self.progress.elapsed_s)
            yield step, self.recipe.sizes.at(steps), augmentation_at(self.recipe.augment, steps, self.recipe.finish)
            step += 1
            if self.budget.steps is not None and step >= self.budget.steps:
                return

    def step(self, batch: Batch, rate: float, spent: float) -> dict[str, Tensor]:
        """One optimiser step on `batch`; returns the unweighted losses."""
        for parameters in self.optimizer.param_groups:
            parameters["lr"] = rate
        self.network.train()
        losses = self.losses(batch)
        fade = 1.0 - self.recipe.teacher_fade * spent
        weights = asdict(self.recipe.weights)
        scale = {name: weights[name] * (fade if name.startswith(("teacher", "hint")) else 1.0) for name in losses}
        total = torch.stack([losses[name] * scale[name] for name in losses]).sum()
        self.optimizer.zero_grad(set_to_none=True)
        total.backward()
        self.group.average_gradients(self.trained.parameters())
        norm = nn.utils.clip_grad_norm_(self.trained.parameters(), self.recipe.clip_norm)
        if torch.isfinite(norm):
            self.optimizer.step()
            self.average.update(self.network)
        else:
            log.warning("step %d: the gradient is not finite; the step is left out", self.progress.step)
        return losses | {"total": total}

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        """All losses of one batch by name, unweighted."""
        images = batch.images.to(torch.float32).div_(255).contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.recipe.bf16):
            levels = self.network.levels(images)
            output = self.network.decode(levels, images.shape[-2:])
        output = YoloOutput(output.class_logits.float(), output.boxes_xyxy.float())
        points = anchor_points(*images.shape[-2:])
        if self.teacher is None:
            return truth_loss(output, points, batch.boxes_xyxy, batch.labels)
        answer, hints = self.teacher(batch.images)
        losses = truth_loss(output, points, batch.boxes_xyxy, batch.labels, answer) | teacher_loss(output, answer)
        if hints:
            adapted = [adapt(level.float()) for adapt, level in zip(self.hint_adaptor, levels, strict=True)]  # type: ignore[call-overload]
            losses["hint"] = hint_loss(adapted, hints)
        return losses

    def shipping_network(self, size: int, batches: int = 20) -> VGGYolo:
        """The averaged network with batch-norm statistics measured anew on calm, unmixed views of `size` pixels."""
        network = self.average.network
        clean = AugmentSettings(0.5, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0)
        views = (self.loader.batch(number, size, clean).images.float().div(255) for number in range(batches))
        recompute_batch_norm(network, views)
        return network


def _parameter_groups(module: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """Kernels decay; norms, biases and scales do not."""
    parameters = [p for p in module.parameters() if p.requires_grad]
    return [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": weight_decay},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
    ]


class _StopOnSignal:
    """While inside, SIGINT and SIGTERM call `request` instead of ending the process."""

    def __init__(self, request: Callable[[], None]) -> None:
        self.request = request

    def __enter__(self) -> None:
        self.before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        for number in self.before:
            signal.signal(number, self._handle)

    def __exit__(self, *_: object) -> None:
        for number, handler in self.before.items():
            signal.signal(number, handler)

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        log.info("stopping after this step; a checkpoint follows")
        self.request()

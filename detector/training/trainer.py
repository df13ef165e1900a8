"""The training loop: views in, losses, one optimiser step, the average, now and then a report. Knows no network."""

from __future__ import annotations

import copy
import logging
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from torch import Tensor, nn

from detector.training.augment import AugmentSettings
from detector.training.averaging import MovingAverage, recompute_batch_norm
from detector.training.checkpoint import Progress, load_checkpoint, save_checkpoint
from detector.training.distributed import Group
from detector.training.loader import Batch, BatchPlan, PhotographCache, ViewLoader
from detector.training.losses import LossWeights
from detector.training.objective import Objective
from detector.training.optimizer import optimizer_of
from detector.training.schedule import Budget, RateSchedule, SizePlan, augmentation_at

log = logging.getLogger(__name__)

REPEAT_S = 1.0
CLEAN = AugmentSettings(flip=0.5, scale_low=1.0, scale_high=1.0, aspect=0.0, colour=0.0, gray=0.0, mosaic=0.0)


@dataclass(frozen=True)
class Recipe:
    """Every switch of a run; written into checkpoints and weights.

    batch_size: views a step on each process. teacher_fade: how much of the teacher's weight is gone at the end, 0..1.
    teacher_view: side in pixels of the larger view for the teacher's extra boxes, 0 for none. imagenet_fade: at which
    share of the run ImageNet's hints count nothing any more, 0..1.
    """

    sizes: SizePlan = field(default_factory=lambda: SizePlan(((192, 0.4), (256, 0.45), (320, 0.15))))
    batch_size: int = 32
    optimizer: str = "adamw"
    rate: float = 2e-3
    weight_decay: float = 0.05
    warmup_steps: int = 500
    finish: bool = False
    decay_share: float = 0.2
    average_decay: float = 0.9995
    weights: LossWeights = field(default_factory=LossWeights)
    teacher_fade: float = 0.0
    teacher_view: int = 0
    imagenet_fade: float = 0.8
    augment: AugmentSettings = field(default_factory=AugmentSettings)
    seed: int = 0
    bf16: bool = False
    channels_last: bool = True
    clip_norm: float = 10.0
    data_threads: int = 1

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class StepReport:
    """How the steps since the last report went: mean losses by name, images per second; and where the run is: step,
    rate, size, progress 0..1, seconds trained."""

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
        objective: Objective,
        cache: PhotographCache,
        recipe: Recipe,
        budget: Budget,
        group: Group | None = None,
    ) -> None:
        self.objective, self.recipe, self.budget = objective, recipe, budget
        self.group = group or Group()
        self.group.share(objective.trained.state_dict().values())
        self.optimizer = optimizer_of(recipe.optimizer, objective.trained, recipe.rate, recipe.weight_decay)
        self.average = MovingAverage(objective.network, recipe.average_decay)
        self.progress = Progress()
        self.rates = RateSchedule(recipe.rate, recipe.warmup_steps, recipe.finish, recipe.decay_share)
        self.loader = ViewLoader(
            cache, recipe.batch_size, recipe.seed, self.group.rank, self.group.size, recipe.data_threads
        )
        self.last_batch: Batch | None = None
        self._stop_requested = False

    def resume(self, path: Path) -> None:
        """Go on from a checkpoint, under this run's recipe.

        Raises:
            WeightsError: `path` is missing, damaged or of another network.
        """
        self.progress = load_checkpoint(path, self.objective.trained, self.optimizer, self.average)
        # The optimiser's state brings its old settings along; the recipe's count.
        for own in self.optimizer.param_groups:
            own["weight_decay"] = self.recipe.weight_decay if own["params"][0].ndim > 1 else 0.0

    def save(self, path: Path, notes: dict[str, Any]) -> None:
        """Write a checkpoint with `notes`; only the first process of a group does."""
        if self.group.rank == 0:
            save_checkpoint(path, self.objective.trained, self.optimizer, self.average, self.progress, notes)

    def request_stop(self) -> None:
        """Stop after the step under way. May be called from a report, a signal or another thread."""
        self._stop_requested = True

    def run(self, report: Callable[[StepReport], None], every: int = 20) -> bool:
        """Train until the budget is spent or a stop is asked for. Returns whether the budget is spent.

        SIGINT and SIGTERM ask for a stop after the step under way; the same one again, a second later, acts at once.
        Every `every` steps and at the end `report` is called; its time does not count as training.
        """
        started_s = time.monotonic() - self.progress.elapsed_s
        reported_s, reported_views = time.monotonic(), self.progress.views
        sums: dict[str, Tensor] = {}
        summed: Counter[str] = Counter()  # a faded loss may end between two reports
        done = self.budget.progress(self.progress.step, self.progress.elapsed_s) >= 1.0
        with _StopOnSignal(self.request_stop), closing(self.loader.batches(self._plans())) as batches:
            for batch in batches:
                spent = self.budget.progress(self.progress.step, self.progress.elapsed_s)
                rate = self.rates.at(self.progress.step, spent)
                for name, loss in self.step(batch, rate, spent).items():
                    sums[name] = sums.get(name, torch.zeros(())) + loss.detach()
                    summed[name] += 1
                self.last_batch = batch
                self.progress.step += 1
                self.progress.views += len(batch.images) * self.group.size
                # All processes must agree on when to stop, so rank 0's clock and anybody's signal decide.
                elapsed_s, stop = self.group.agree(time.monotonic() - started_s, self._stop_requested)
                self.progress.elapsed_s = elapsed_s
                fraction = self.budget.progress(self.progress.step, elapsed_s)
                done = fraction >= 1.0
                if self.progress.step % every == 0 or done or stop:
                    now_s = time.monotonic()
                    speed = (self.progress.views - reported_views) / max(now_s - reported_s, 1e-9)
                    values = {name: float(value) / summed[name] for name, value in sums.items()}
                    size = batch.images.shape[-1]
                    report(StepReport(self.progress.step, values, rate, size, speed, fraction, elapsed_s))
                    started_s += time.monotonic() - now_s
                    reported_s, reported_views = time.monotonic(), self.progress.views
                    sums, summed = {}, Counter()
                if done or stop:
                    break
        return done

    def _plans(self) -> Iterator[BatchPlan]:
        """What to prepare, step by step, a few steps ahead of training.

        Under a budget of steps the plan follows from the step alone, so a resumed run meets the same views. Under a
        budget of time the loader's clock is that of its asking, so size and augmentation may change those few steps
        late; rate and fade always follow the step's own clock. All processes of a group ask at the same steps with
        the same clock, and so agree.
        """
        step = self.progress.step
        recipe = self.recipe
        while (spent := self.budget.progress(step, self.progress.elapsed_s)) < 1.0:
            size = recipe.sizes.at(spent)
            settings = augmentation_at(recipe.augment, spent, recipe.finish)
            yield BatchPlan(step, size, settings, recipe.teacher_view if recipe.teacher_view > size else 0)
            step += 1

    def step(self, batch: Batch, rate: float, spent: float) -> dict[str, Tensor]:
        """One optimiser step on `batch`; returns the unweighted losses and their weighted `total`."""
        for parameters in self.optimizer.param_groups:
            parameters["lr"] = rate
        self.objective.trained.train()
        recipe = self.recipe
        weights = self.objective.weights(
            1.0 - recipe.teacher_fade * spent, max(0.0, 1.0 - spent / max(recipe.imagenet_fade, 1e-9))
        )
        weightless = {name for name, weight in weights.items() if weight == 0}
        losses = self.objective.losses(batch, self.group.normaliser, weightless)
        total = torch.stack([losses[name] * weights[name] for name in losses]).sum()
        self.optimizer.zero_grad(set_to_none=True)
        total.backward()
        self.group.average_gradients(self.objective.trained.parameters())
        norm = nn.utils.clip_grad_norm_(self.objective.trained.parameters(), self.recipe.clip_norm)
        if torch.isfinite(norm):
            self.optimizer.step()
            self.average.update(self.objective.network)
        else:
            log.warning("step %d: the gradient is not finite; the step is left out", self.progress.step)
        return losses | {"total": total}

    def shipping_network(self, size: int, batches: int = 20) -> nn.Module:
        """A copy of the averaged network, its batch-norm statistics measured anew on plain views of `size` pixels.

        With 0 batches the averaged statistics stay.
        """
        network = copy.deepcopy(self.average.network)
        if batches == 0:
            return network
        plans = (BatchPlan(number, size, CLEAN) for number in range(batches))
        recompute_batch_norm(network, (self.loader.batch(plan).images.float().div(255) for plan in plans))
        return network


class _StopOnSignal:
    """While inside, SIGINT and SIGTERM call `request`; the same one again, `REPEAT_S` later, does what it did before.

    One Ctrl-C may come as several signals: under torchrun the terminal sends SIGINT to every process, and the agent
    sends SIGINT or SIGTERM after it. Only a person repeats one a second later.
    """

    def __init__(self, request: Callable[[], None]) -> None:
        self.request = request
        self.first_s: dict[int, float] = {}

    def __enter__(self) -> None:
        self.before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        for number in self.before:
            signal.signal(number, self._handle)

    def __exit__(self, *_: object) -> None:
        for number, handler in self.before.items():
            signal.signal(number, handler)

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        now_s = time.monotonic()
        if now_s - self.first_s.setdefault(number, now_s) >= REPEAT_S:
            self.__exit__()
            signal.raise_signal(number)
        self.request()

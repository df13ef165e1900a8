"""A whole run in its folder: data, network, teacher and trainer put together; checkpoints, events, weights, figures."""

from __future__ import annotations

import contextlib
import copy
import logging
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import torch
from torch import nn

from detector.data.datasets import DataSet, read_data_set
from detector.engines.torch_engine import cpu_has_bf16
from detector.errors import DataSetError, OptionError, OutputError
from detector.evaluation.average_precision import Figures, figures
from detector.networks.storage import PREPROCESSING, save_network
from detector.scoring import class_columns, score_detector
from detector.training.checkpoint import read_notes
from detector.training.display import Display, open_display
from detector.training.distributed import Group
from detector.training.imagenet import ImageNetHints
from detector.training.loader import PhotographCache
from detector.training.logs import MOST_PICTURES, PICTURE_SCORE, EventLog, drawn_batch
from detector.training.losses import LossWeights
from detector.training.memory import keep_freed_memory
from detector.training.objective import Tutors
from detector.training.options import CHECKPOINT_NAME, WEIGHTS_NAME, TrainOptions
from detector.training.schedule import Budget, SizePlan
from detector.training.teacher import Teacher
from detector.training.trainables import Trainable, as_detector, backbone_table, candidates_of, trainable
from detector.training.trainer import Recipe, StepReport, Trainer
from detector.training.warm_start import WarmStart, warm_start
from detector.weights_file import WeightsCard

# Goes into the run's log file and nowhere else; warnings of the whole package go there too.
steps_log = logging.getLogger("detector.training.steps")
steps_log.propagate = False
log = logging.getLogger(__name__)

LOG_NAME = "log.txt"
EVENTS_NAME = "events"
CHECKPOINT_EVERY_S = 300.0
PICTURES_EVERY_S = 600.0
REPORT_EVERY_STEPS = 20


def train(options: TrainOptions, resume: Path | None = None) -> bool:
    """Run until the budget is spent (then weights are written) or a signal comes (then only a checkpoint is).

    Args:
        resume: the checkpoint to go on from.

    Returns:
        Whether the budget is spent.

    Raises:
        LooktwiceError: options, data, weights or the run's folder cannot be used; each in one sentence.
    """
    group = Group.from_environment()
    try:
        with _run_folder(options.output, group.rank, resume is not None), _speaking(group.rank) as display:
            return _Run(options, resume, group, display).go()
    finally:
        group.close()


def recipe_of(options: TrainOptions, budget: Budget) -> Recipe:
    """What the trainer needs of the options."""
    dense = 1.0 if options.dense else 0.0
    return Recipe(
        sizes=SizePlan.parse(options.sizes),
        batch_size=options.batch_size,
        optimizer=options.optimizer,
        rate=options.rate,
        weight_decay=options.weight_decay,
        warmup_steps=options.warmup_steps(budget),
        finish=options.finish,
        decay_share=options.decay_share,
        average_decay=options.ema_decay if options.ema else 0.0,
        weights=LossWeights(
            teacher_class=dense, teacher_box=2 * dense, hint=options.hint, imagenet_hint=options.imagenet_hint
        ),
        teacher_fade=options.teacher_fade,
        teacher_view=options.teacher_view,
        imagenet_fade=options.imagenet_fade,
        augment=options.augment_settings(),
        seed=options.seed,
        bf16=options.bf16 == "on" or (options.bf16 == "auto" and cpu_has_bf16()),
        channels_last=options.channels_last,
        data_threads=options.data_threads,
    )


class _Run:
    """One call of `train`."""

    def __init__(self, options: TrainOptions, resume: Path | None, group: Group, display: Display) -> None:
        self.options, self.group, self.display = options, group, display
        keep_freed_memory()
        cv2.setNumThreads(1)
        if options.threads is not None:
            torch.set_num_threads(options.threads)
        self.kind: Trainable = trainable(options.model)
        self.data = read_data_set(options.data, options.images)
        self.val = self._read_val()
        cache = PhotographCache(self.data.photographs)
        budget = options.budget(len(cache), options.batch_size * group.size)
        self.recipe = recipe_of(options, budget)
        torch.manual_seed(options.seed)
        network = self.kind.build(len(self.data.class_names))
        self.start = WarmStart("", 0.0)
        notes: dict[str, Any] = {}
        if resume is not None:
            notes = read_notes(resume)
            self.start = WarmStart(**notes["start"])
        elif options.init is not None:
            known_s = options.init_minutes * 60
            self.start = warm_start(options.init, network, self.data.class_names, options.init_bgr, known_s)
        frozen = options.freeze and bool(self.start.name)
        objective = self.kind.objective(network, self.recipe, Tutors(self._teacher(), self._imagenet()), frozen)
        self.trainer = Trainer(objective, cache, self.recipe, budget, group)
        self.evaluations = int(notes.get("evaluations", 0))
        if resume is not None:
            self.trainer.resume(resume)
        self.events = EventLog(options.output / EVENTS_NAME) if options.tensorboard and group.rank == 0 else None
        now_s = time.monotonic()
        self.saved_s, self.drawn_s = now_s, now_s
        self.next_val = self._val_clock() + options.val_every
        boxes = sum(len(photograph.labels) for photograph in self.data.photographs)
        display.say(
            f"{options.model}: {len(cache)} photographs, {boxes} boxes, {len(self.data.class_names)} classes; "
            f"{'bf16' if self.recipe.bf16 else 'f32'} on {torch.get_num_threads()} threads, {group.size} process(es)"
        )
        if resume is not None:
            display.say(f"going on from step {self.trainer.progress.step}")

    def go(self) -> bool:
        spent = self.trainer.run(self._report, REPORT_EVERY_STEPS)
        self._save()
        if spent:
            if self.group.rank == 0:
                self._ship()
                self._tell_left_out()
        else:
            self.display.say(f"stopped; go on with --output {self.options.output} --resume")
        if self.events is not None:
            self.events.close()
        return spent

    def _read_val(self) -> DataSet | None:
        if self.options.val is None or self.group.rank > 0:
            return None
        data = read_data_set(self.options.val, self.options.val_images)
        class_columns(self.data.class_names, data.class_names, data.photographs)  # refused now, not after hours
        return data

    def _teacher(self) -> Teacher | None:
        options = self.options
        if options.teacher is None:
            return None
        threads = torch.get_num_threads()
        return Teacher(options.teacher, self.data.class_names, threads, options.hint > 0, self.recipe.bf16)

    def _imagenet(self) -> ImageNetHints | None:
        return ImageNetHints(bf16=self.recipe.bf16) if self.options.imagenet_hint > 0 else None

    def _report(self, report: StepReport) -> None:
        self.display.report(report)
        if self.group.rank > 0:
            return
        values = " ".join(f"{name}={value:.4f}" for name, value in report.losses.items())
        steps_log.info(
            "step=%d progress=%.4f size=%d rate=%.6f images_per_s=%.1f %s",
            *(report.step, report.progress, report.size, report.rate, report.images_per_s, values),
        )
        if self.events is not None:
            self.events.scalars(report)
        if time.monotonic() - self.saved_s > CHECKPOINT_EVERY_S:
            self._save()
        if time.monotonic() - self.drawn_s > PICTURES_EVERY_S:
            self._draw()
        if self.val is not None and self.options.val_every > 0 and self._val_clock() >= self.next_val:
            self.next_val = self._val_clock() + self.options.val_every
            if report.progress < 1.0:
                self._ship()

    def _val_clock(self) -> float:
        """How far the run is in the unit of `--val-every`: epochs for a run of epochs, else minutes."""
        if self.trainer.budget.steps is not None:
            return self.trainer.progress.views / len(self.trainer.loader.cache)
        return self.trainer.progress.elapsed_s / 60

    def _save(self) -> None:
        self.saved_s = time.monotonic()
        self.trainer.save(
            self.options.output / CHECKPOINT_NAME,
            {
                "options": self.options.as_json(),
                "recipe": self.recipe.as_dict(),
                "start": vars(self.start),
                "evaluations": self.evaluations,
            },
        )

    def _draw(self) -> None:
        self.drawn_s = time.monotonic()
        if self.events is not None and self.trainer.last_batch is not None:
            batch = self.trainer.last_batch
            first = batch.images[:MOST_PICTURES]
            answers = candidates_of(self.kind, self.trainer.average.network, first, PICTURE_SCORE)
            pictures = drawn_batch(answers, batch, self.data.class_names)
            self.events.pictures("views", pictures, self.trainer.progress.step)

    def _ship(self) -> None:
        """Write the weights as they would ship now, with their figures where there is something to measure on."""
        self._draw()
        size = self.recipe.sizes.parts[-1][0]
        measure_anew = self.options.clean_norm and self.trainer.objective.norms_learn
        network = self.trainer.shipping_network(size, 20 if measure_anew else 0)
        # Folding alters a network, so a copy is measured.
        found = self._evaluate(copy.deepcopy(network), size)
        path = self.options.output / WEIGHTS_NAME
        save_network(path, network, self._card(size, found))
        told = "" if found is None else f", AP50 {found.ap50:.1f}, AP {found.ap:.1f}"
        self.display.say(f"{path} written{told}")

    def _evaluate(self, network: nn.Module, size: int) -> Figures | None:
        if self.val is None:
            return None
        detector = as_detector(self.kind, network, self.data.class_names, size, self.recipe.bf16)
        try:
            matches = score_detector(detector, self.val).protocol
        except DataSetError as error:  # of a photograph; what was learned is worth more than its figures
            log.warning("the weights are written without figures: %s", error)
            return None
        found = figures(matches)
        self.evaluations += 1
        steps_log.info("step=%d val_ap50=%.2f val_ap=%.2f", self.trainer.progress.step, found.ap50, found.ap)
        if self.events is not None:
            self.events.figures(found, matches, self.trainer.progress.step)
        return found

    def _tell_left_out(self) -> None:
        """The closing words on what of the data did not count; what it was has been named one by one."""
        broken, from_file = self.trainer.loader.cache.left_out, self.data.left_out
        parts = [(self.options.data, replace(from_file, photographs=from_file.photographs + broken))]
        if self.val is not None and self.options.val is not None:
            parts.append((self.options.val, self.val.left_out))
        for path, left_out in parts:
            if left_out:
                log.warning("not all of %s was used: %s", path, left_out)

    def _card(self, size: int, found: Figures | None) -> WeightsCard:
        options, progress = self.options, self.trainer.progress
        photographs = self.data.photographs
        boxes = sum(len(photograph.labels) for photograph in photographs)
        recipe = self.recipe.as_dict() | {
            "steps": progress.step,
            "views": progress.views,
            "processes": self.group.size,
            "teacher": None if options.teacher is None else options.teacher.name,
            "started_from": vars(self.start) if self.start.name else None,
            "frozen": not self.trainer.objective.norms_learn,
            "evaluations_on_val": self.evaluations,
        }
        return WeightsCard(
            name=options.model,
            family=self.kind.family,
            class_names=self.data.class_names,
            backbone_name=self.kind.backbone,
            backbone=backbone_table(self.kind),
            input_size=size,
            preprocessing=PREPROCESSING,
            data=f"{options.data.name}: {len(photographs)} photographs, {boxes} boxes",
            recipe=recipe,
            trained_s=round(self.start.trained_s + progress.elapsed_s, 3),
            ap50=None if found is None else round(found.ap50, 2),
            ap=None if found is None else round(found.ap, 2),
        )


@contextlib.contextmanager
def _run_folder(folder: Path, rank: int, resuming: bool) -> Iterator[None]:
    """Make the run's folder and write all that the package logs into its log file."""
    package_log = logging.getLogger("detector")
    if rank > 0:
        package_log.setLevel(logging.ERROR)  # The first process names what is broken.
        yield
        return
    if (folder / CHECKPOINT_NAME).exists() and not resuming:
        raise OptionError(f"{folder} already holds a run; go on with --resume, or choose another --output.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = logging.FileHandler(folder / LOG_NAME, encoding="utf-8")
    except OSError as error:
        raise OutputError(f"the run's folder {folder} cannot be written: {error.strerror}.") from error
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    steps_log.setLevel(logging.INFO)
    for logger in (package_log, steps_log):
        logger.addHandler(handler)
    try:
        yield
    finally:
        for logger in (package_log, steps_log):
            logger.removeHandler(handler)
        handler.close()


@contextlib.contextmanager
def _speaking(rank: int) -> Iterator[Display]:
    display = open_display(rank)
    try:
        yield display
    finally:
        display.close()

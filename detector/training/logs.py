"""TensorBoard: losses, rate, size and speed; precision-recall curves; views with true and predicted boxes."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from detector.detections import Candidates, Detections
from detector.drawing import annotate
from detector.errors import OptionError
from detector.evaluation.average_precision import Figures
from detector.evaluation.matching import ClassMatches, Matches
from detector.selection import Thresholds, select
from detector.training.loader import Batch
from detector.training.trainer import StepReport

log = logging.getLogger(__name__)

PICTURE_SCORE = 0.25
MOST_PICTURES = 8
IOU_50 = 0
FILE_VERSION = "brain.Event:2"  # what TensorBoard expects a file of events to begin with


class EventLog:
    """Writes a run's events into a folder, each at once.

    Where that fails, as on a full disk, a warning says so once and nothing more is written: training is worth more than
    its events. (torch's own SummaryWriter writes from a thread, and raises what failed there at some later call.)

    Raises:
        OptionError: TensorBoard is not installed.
    """

    def __init__(self, folder: Path) -> None:
        try:
            from tensorboard.compat.proto.event_pb2 import Event
            from tensorboard.summary.writer.record_writer import RecordWriter
            from torch.utils.tensorboard import summary
        except ImportError as error:
            raise OptionError(
                "TensorBoard is not installed; pip install 'looktwice[train]', or train with --no-tensorboard."
            ) from error
        self._event, self._records, self._summary = Event, RecordWriter, summary
        self._folder = folder
        self._file: BinaryIO | None = None
        path = folder / f"events.out.tfevents.{time.time():.6f}.{socket.gethostname()}.{os.getpid()}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = open(path, "xb")  # noqa: SIM115 (closed by `close`)
        except OSError as error:
            self._give_up(error)
        self._write(file_version=FILE_VERSION)

    def scalars(self, report: StepReport) -> None:
        for name, value in report.losses.items():
            self._scalar(f"loss/{name}", value, report.step)
        for name in ("rate", "size", "images_per_s", "progress"):
            self._scalar(f"run/{name}", getattr(report, name), report.step)

    def figures(self, found: Figures, matches: Matches, step: int) -> None:
        """AP50 and AP, in all and by class, and each class's curve."""
        self._scalar("val/ap50", found.ap50, step)
        self._scalar("val/ap", found.ap, step)
        for name, one in zip(matches.class_names, matches.classes, strict=True):
            if one.truths.sum() > 0:
                self._scalar(f"val_ap50/{name}", found.per_class[name].ap50, step)
                curve = self._summary.pr_curve(f"precision_recall/{name}", *curve_points(one))
                self._write(summary=curve, step=step)

    def pictures(self, tag: str, pictures: Sequence[NDArray[np.uint8]], step: int) -> None:
        """RGB uint8 `[H, W, 3]` pictures of one size."""
        self._write(summary=self._summary.image(tag, np.stack(pictures), dataformats="NHWC"), step=step)

    def close(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            # Every event was flushed, so an error here was told before.
            with contextlib.suppress(OSError):
                file.close()

    def _scalar(self, name: str, value: float, step: int) -> None:
        self._write(summary=self._summary.scalar(name, value), step=step)

    def _write(self, **event: Any) -> None:
        """Write one event, with the fields of TensorBoard's Event."""
        if self._file is None:
            return
        try:
            self._records(self._file).write(self._event(wall_time=time.time(), **event).SerializeToString())
            self._file.flush()
        except OSError as error:
            self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        log.warning(
            "events cannot be written to %s (%s); training goes on without them", self._folder, error.strerror or error
        )
        self.close()


def curve_points(one: ClassMatches) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Hit or miss and score of every detection that counts at IoU 0.5.

    True boxes that nothing found come in with score 0, so that recall is a share of all that was to be found.
    """
    counted = ~one.ignored[IOU_50]
    hits = one.hit[IOU_50][counted].astype(np.int64)
    missed = int(one.truths.sum()) - int(hits.sum())
    return (
        np.concatenate((hits, np.ones(missed, np.int64))),
        np.concatenate((one.scores[counted], np.zeros(missed, np.float32))),
    )


def drawn_batch(answers: Sequence[Candidates], batch: Batch, class_names: Sequence[str]) -> list[NDArray[np.uint8]]:
    """The first views of a batch, with the true boxes to the left and what a network proposes to the right."""
    pictures = []
    for i, candidates in enumerate(answers):
        image = batch.images[i].permute(1, 2, 0).numpy()
        real = batch.labels[i] >= 0
        boxes, labels = batch.boxes_xyxy[i, real].numpy(), batch.labels[i, real].numpy().astype(np.int32)
        count = len(boxes)
        truth = Detections(boxes, np.ones(count, np.float32), labels, np.arange(count, dtype=np.int32))
        found = select(candidates, Thresholds(score=PICTURE_SCORE))
        sides = [annotate(image, detections, class_names) for detections in (truth, found)]
        pictures.append(np.concatenate(sides, axis=1))
    return pictures

"""What a batch costs: VGG-YOLO's losses against ground truth and teacher. The loop knows networks only through this."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor, nn

from detector.networks.pyramid import NECK_CHANNELS
from detector.networks.yolo import VGGYolo, YoloOutput, anchor_points
from detector.training.extra_truth import add_missing
from detector.training.loader import Batch
from detector.training.losses import LossWeights, Normaliser, hint_loss, teacher_loss, truth_loss
from detector.training.teacher import Teacher


class Objective(Protocol):
    """What is trained and what it costs."""

    @property
    def trained(self) -> nn.Module:
        """Everything that learns, under the names that go into checkpoints."""

    @property
    def network(self) -> nn.Module:
        """The part of `trained` that ships."""

    @property
    def norms_learn(self) -> bool:
        """Whether its batch norms learn, and so want to be measured anew on plain views before it ships."""

    def losses(self, batch: Batch, normalise: Normaliser) -> dict[str, Tensor]:
        """All losses of one batch by name, unweighted."""

    def weights(self, fade: float) -> dict[str, float]:
        """How much each loss counts; `fade`, 1..0, is the teacher's."""


class YoloObjective:
    """VGG-YOLO against ground truth, and a teacher's answers at the same anchor points where there is a teacher.

    Args:
        weights: of the losses; a hint's above 0 needs a teacher that gives hints.
        bf16: compute in bf16 where it is safe. channels_last: keep channels innermost in memory, twice as fast on CPUs.
    """

    def __init__(
        self,
        network: VGGYolo,
        weights: LossWeights,
        teacher: Teacher | None = None,
        bf16: bool = False,
        channels_last: bool = True,
    ) -> None:
        self.memory_format = torch.channels_last if channels_last else torch.contiguous_format
        self.network = network.to(memory_format=self.memory_format)
        self.teacher = teacher
        self.bf16 = bf16
        self.loss_weights = weights
        hints = teacher is not None and weights.hint > 0
        # The hint is compared through a 1x1 adaptor of its own, which ships with nobody.
        self.adaptor = nn.ModuleList(nn.Conv2d(NECK_CHANNELS, NECK_CHANNELS, 1) for _ in range(3 if hints else 0))
        self.trained = nn.ModuleDict({"detector": self.network, "hint_adaptor": self.adaptor})

    @property
    def norms_learn(self) -> bool:
        return True

    def weights(self, fade: float) -> dict[str, float]:
        own = self.loss_weights
        return {
            "truth_class": own.truth_class,
            "truth_box": own.truth_box,
            "teacher_class": own.teacher_class * fade,
            "teacher_box": own.teacher_box * fade,
            "hint": own.hint * fade,
        }

    def losses(self, batch: Batch, normalise: Normaliser) -> dict[str, Tensor]:
        images = batch.images.to(torch.float32).div_(255).contiguous(memory_format=self.memory_format)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bf16):
            levels = self.network.levels(images)
            output = self.network.decode(levels, images.shape[-2:])
        output = YoloOutput(output.class_logits.float(), output.boxes_xyxy.float())
        points = anchor_points(*images.shape[-2:])
        if self.teacher is None:
            return truth_loss(output, points, batch.boxes_xyxy, batch.labels, normalise=normalise)
        answer, hints = self.teacher(batch.images)
        if batch.large is not None:
            larger, _ = self.teacher(batch.large)
            batch = add_missing(batch, larger, batch.large.shape[-1] / batch.images.shape[-1])
        losses = truth_loss(output, points, batch.boxes_xyxy, batch.labels, answer, normalise)
        losses |= teacher_loss(output, answer, normalise)
        if len(self.adaptor):
            adapted = [adapt(level.float()) for adapt, level in zip(self.adaptor, levels, strict=True)]
            losses["hint"] = hint_loss(adapted, hints)
        return losses

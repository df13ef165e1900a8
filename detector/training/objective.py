"""What a batch costs: VGG-YOLO's losses against ground truth and teacher. The loop knows networks only through this."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn

from detector.networks.pyramid import NECK_CHANNELS, level_maps
from detector.networks.yolo import VGGYolo, YoloOutput, anchor_points
from detector.training.extra_truth import add_missing
from detector.training.imagenet import HINT_STRIDES, ImageNetHints
from detector.training.loader import Batch
from detector.training.losses import LossWeights, Normaliser, hint_loss, teacher_loss, truth_loss
from detector.training.teacher import Teacher


@dataclass(frozen=True)
class Tutors:
    """What a network learns from besides annotations; None for nobody."""

    teacher: Teacher | None = None
    imagenet: ImageNetHints | None = None


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

    def losses(self, batch: Batch, normalise: Normaliser, weightless: Collection[str] = ()) -> dict[str, Tensor]:
        """All losses of one batch by name, unweighted; of the `weightless`, costly ones may be left out."""

    def weights(self, fade: float, imagenet_fade: float) -> dict[str, float]:
        """How much each loss counts; `fade`, 1..0, is the teacher's, and the other that of ImageNet's hints."""


class YoloObjective:
    """VGG-YOLO against ground truth, and a teacher's answers at the same anchor points where there is a teacher.

    Args:
        weights: of the losses; a hint's above 0 needs a teacher that gives hints, that of ImageNet's needs `imagenet`.
        bf16: compute in bf16 where it is safe. channels_last: keep channels innermost in memory, twice as fast on CPUs.
    """

    def __init__(
        self,
        network: VGGYolo,
        weights: LossWeights,
        teacher: Teacher | None = None,
        bf16: bool = False,
        channels_last: bool = True,
        imagenet: ImageNetHints | None = None,
    ) -> None:
        self.memory_format = torch.channels_last if channels_last else torch.contiguous_format
        self.network = network.to(memory_format=self.memory_format)
        self.teacher = teacher
        self.bf16 = bf16
        self.loss_weights = weights
        hints = teacher is not None and weights.hint > 0
        # The hint is compared through a 1x1 adaptor of its own, which ships with nobody.
        self.adaptor = nn.ModuleList(nn.Conv2d(NECK_CHANNELS, NECK_CHANNELS, 1) for _ in range(3 if hints else 0))
        self.imagenet = imagenet
        seen = dict(zip(self.network.backbone.strides, self.network.backbone.channels, strict=True))
        channels = zip(HINT_STRIDES, imagenet.channels, strict=True) if imagenet is not None else ()
        self.imagenet_adaptor = nn.ModuleList(nn.Conv2d(seen[stride], wanted, 1) for stride, wanted in channels)
        self.trained = nn.ModuleDict(
            {
                "detector": self.network,
                "hint_adaptor": self.adaptor,
                "imagenet_adaptor": self.imagenet_adaptor,
            }
        )

    @property
    def norms_learn(self) -> bool:
        return True

    def weights(self, fade: float, imagenet_fade: float) -> dict[str, float]:
        own = self.loss_weights
        return {
            "truth_class": own.truth_class,
            "truth_box": own.truth_box,
            "teacher_class": own.teacher_class * fade,
            "teacher_box": own.teacher_box * fade,
            "hint": own.hint * fade,
            "imagenet_hint": own.imagenet_hint * imagenet_fade,
        }

    def losses(self, batch: Batch, normalise: Normaliser, weightless: Collection[str] = ()) -> dict[str, Tensor]:
        images = batch.images.to(torch.float32).div_(255).contiguous(memory_format=self.memory_format)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bf16):
            maps = level_maps(self.network.backbone, images)
            levels = self.network.neck(*maps)
            output = self.network.decode(levels, images.shape[-2:])
        output = YoloOutput(output.class_logits.float(), output.boxes_xyxy.float())
        answered = self._answered(levels, output, batch, normalise)
        # The ImageNet network is a fifth of a step: once faded, it is not asked.
        return answered if "imagenet_hint" in weightless else self._seen_by_imagenet(maps[1:], batch) | answered

    def _seen_by_imagenet(self, maps: Sequence[Tensor], batch: Batch) -> dict[str, Tensor]:
        """The match of the backbone's maps at `HINT_STRIDES` with those of the ImageNet network, where there is one."""
        if self.imagenet is None:
            return {}
        adapted = [adapt(one.float()) for adapt, one in zip(self.imagenet_adaptor, maps, strict=True)]
        return {"imagenet_hint": hint_loss(adapted, self.imagenet(batch.images))}

    def _answered(
        self, levels: list[Tensor], output: YoloOutput, batch: Batch, normalise: Normaliser
    ) -> dict[str, Tensor]:
        """The losses of ground truth and teacher."""
        points = anchor_points(*batch.images.shape[-2:])
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

"""What a batch costs Faster R-CNN: both stages' losses, on a pyramid that learns or stays as it is."""

from __future__ import annotations

import copy
from collections.abc import Collection

import torch
from torch import Tensor, nn

from detector.networks.faster_rcnn import FasterRCNN
from detector.networks.vgg import fold_batch_norm
from detector.training.extra_truth import add_missing
from detector.training.loader import Batch
from detector.training.losses import Normaliser
from detector.training.teacher import Teacher


class TwoStageObjective:
    """Faster R-CNN against ground truth, and a teacher's sure boxes where the annotations have none.

    Args:
        frozen: backbone and neck stay as they are. That keeps a comparison with the network they came from fair, and
            costs a third: nothing flows back through them.
        bf16: compute in bf16 where it is safe. channels_last: keep channels innermost in memory, twice as fast on CPUs.
    """

    def __init__(
        self,
        network: FasterRCNN,
        frozen: bool,
        teacher: Teacher | None = None,
        bf16: bool = False,
        channels_last: bool = True,
    ) -> None:
        self.memory_format = torch.channels_last if channels_last else torch.contiguous_format
        self.network = network.to(memory_format=self.memory_format)
        self.teacher, self.bf16 = teacher, bf16
        if frozen:
            network.freeze_pyramid()
        self.trained: nn.Module = nn.ModuleDict({"detector": self.network})
        self._folded: FasterRCNN | None = None

    @property
    def norms_learn(self) -> bool:
        return not self.network.frozen

    def weights(self, fade: float, imagenet_fade: float) -> dict[str, float]:
        return dict.fromkeys(("objectness", "proposal_box", "class", "box"), 1.0)

    def losses(self, batch: Batch, normalise: Normaliser, weightless: Collection[str] = ()) -> dict[str, Tensor]:
        if self.teacher is not None:
            seen = batch.images if batch.large is None else batch.large
            answer, _ = self.teacher(seen)
            batch = add_missing(batch, answer, seen.shape[-1] / batch.images.shape[-1])
        images = batch.images.to(torch.float32).div_(255).contiguous(memory_format=self.memory_format)
        real = batch.labels >= 0
        targets = [
            {"boxes": boxes[here], "labels": labels[here]}
            for boxes, labels, here in zip(batch.boxes_xyxy, batch.labels, real, strict=True)
        ]
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bf16):
            return self.network.losses(self._levels(images), images, targets)

    def _levels(self, images: Tensor) -> list[Tensor]:
        if not self.network.frozen:
            return self.network.levels(images)
        if self._folded is None:
            # Made late: a resumed run fills the network after this objective is there.
            self._folded = copy.deepcopy(self.network)
            fold_batch_norm(self._folded.to(memory_format=self.memory_format))
        with torch.no_grad():
            return self._folded.levels(images)

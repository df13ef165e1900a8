"""torchvision's SSDs without what surrounds the network: planes in, logits and offsets out."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torchvision.models import detection
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.ssd import SSD

from detector.networks.torchvision_detectors import fold_norms


class OpenedSsd(nn.Module):
    """Input `[B, 3, S, S]` RGB in 0..1. Gives class logits `[B, N, 91]` and offsets `[B, N, 4]`."""

    def __init__(self, ssd: SSD) -> None:
        super().__init__()
        self.backbone, self.head = ssd.backbone, ssd.head
        self.register_buffer("mean", torch.tensor(ssd.transform.image_mean)[:, None, None])
        self.register_buffer("deviation", torch.tensor(ssd.transform.image_std)[:, None, None])

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        normal = (images - self.get_buffer("mean")) / self.get_buffer("deviation")
        answers = self.head(list(self.backbone(normal).values()))
        return answers["cls_logits"], answers["bbox_regression"]


def untrained_ssd(name: str, size: int) -> tuple[OpenedSsd, NDArray[np.float32]]:
    """torchvision's function `name` with random weights, batch norms folded, and its default boxes xyxy `[N, 4]`."""
    ssd = getattr(detection, name)(weights=None, weights_backbone=None).eval()
    fold_norms(ssd)
    images = torch.zeros(1, 3, size, size)
    with torch.inference_mode():
        maps = list(ssd.backbone(images).values())
        (boxes,) = ssd.anchor_generator(ImageList(images, [(size, size)]), maps)
    return OpenedSsd(ssd).eval().requires_grad_(False), boxes.numpy()

"""Scores made to mean what they say: one rising curve for each class, fitted after training."""

from __future__ import annotations

import torch
from torch import Tensor, nn

EDGE = 1e-6


class ScoreMap(nn.Module):
    """`sigmoid(scale * logit(score) + shift)` for each class (Platt, 1999). As made, scores stay what they are.

    `scale`, `shift`: `[C]`; buffers, which nothing trains.
    """

    scale: Tensor
    shift: Tensor

    def __init__(self, class_count: int) -> None:
        super().__init__()
        self.register_buffer("scale", torch.ones(class_count))
        self.register_buffer("shift", torch.zeros(class_count))

    def forward(self, scores: Tensor) -> Tensor:
        """`[..., C]`, 0..1, to the same."""
        return torch.sigmoid(self.scale * torch.logit(scores, eps=EDGE) + self.shift)

    def then(self, scale: Tensor, shift: Tensor) -> None:
        """Have another map come after this one, in place."""
        self.shift.mul_(scale).add_(shift)
        self.scale.mul_(scale)

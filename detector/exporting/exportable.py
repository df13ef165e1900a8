"""VGG-YOLO as it leaves torch: class logits and distances, for every input size."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from detector.errors import OptionError
from detector.networks.storage import load_network
from detector.networks.vgg import fold_batch_norm
from detector.networks.yolo import VGGYolo

PLANES = "rgb"
"""The name of the input: RGB planes float `[B, 3, H, W]` in 0..1, H and W multiples of 32."""
OUTPUTS = ("class_logits", "distances")
EXAMPLE_PX = 64


class Exportable(nn.Module):
    """Gives class logits `[B, N, C]` and distances l, t, r, b `[B, N, 4]` in strides, of every anchor point.

    Where anchor points lie is arithmetic on the input's size, and is left to whoever runs it.
    """

    def __init__(self, network: VGGYolo) -> None:
        super().__init__()
        self.network = network

    def forward(self, rgb: Tensor) -> tuple[Tensor, Tensor]:
        logits, distances = self.network.head(self.network.levels(rgb))
        return logits, distances


def load_exportable(weights: Path) -> Exportable:
    """The network of a weights file, batch norms folded.

    Raises:
        WeightsError: missing or damaged. OptionError: its network cannot be exported.
    """
    network, card = load_network(weights)
    if not isinstance(network, VGGYolo):
        raise OptionError(f"{card.name} is a {card.family}; only VGG-YOLO can be exported, which takes one look.")
    fold_batch_norm(network)
    return Exportable(network).eval().requires_grad_(False)


def example_planes(side: int = EXAMPLE_PX) -> Tensor:
    """What a network is traced on."""
    return torch.zeros(1, 3, side, side)

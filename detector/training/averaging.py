"""The weights that ship are an average of the ones that train."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Generic, TypeVar

import torch
from torch import Tensor, nn

Network = TypeVar("Network", bound=nn.Module)


class MovingAverage(Generic[Network]):
    """Exponential moving average of a network's weights, warmed so that the first steps do not linger.

    A decay of 0 copies instead: then the weights that ship are the last ones.

    `decay_t = min(decay, (1 + t) / (10 + t))` (Tan & Le, 1905.11946, as in TensorFlow's ExponentialMovingAverage).
    """

    def __init__(self, network: Network, decay: float = 0.9995) -> None:
        self.network = copy.deepcopy(network).eval().requires_grad_(False)
        self.decay = decay
        self.updates = 0

    @torch.no_grad()
    def update(self, network: nn.Module) -> None:
        self.updates += 1
        keep = min(self.decay, (1 + self.updates) / (10 + self.updates))
        theirs = dict(network.state_dict())
        for name, mine in self.network.state_dict().items():
            if mine.is_floating_point():
                mine.lerp_(theirs[name].to(mine.dtype), 1 - keep)
            else:
                mine.copy_(theirs[name])


@torch.no_grad()
def recompute_batch_norm(network: nn.Module, images: Iterable[Tensor]) -> None:
    """Measure every batch norm's statistics anew over `images` (`[B, 3, S, S]` in 0..1), as a plain mean over batches.

    The running statistics of averaged weights belong to no network (Izmailov et al., 1803.05407, section 3.2).
    """
    norms = [m for m in network.modules() if isinstance(m, nn.BatchNorm2d)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
    network.train()
    for batch in images:
        network(batch)
    network.eval()
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum

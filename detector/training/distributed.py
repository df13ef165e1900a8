"""Data-parallel training under `torchrun`: gradients are averaged, everything else is as on one process."""

from __future__ import annotations

import os
from collections.abc import Iterable

import torch
import torch.distributed as dist
from torch import Tensor, nn


class Group:
    """The processes that train together; alone, every call is free."""

    def __init__(self, rank: int = 0, size: int = 1) -> None:
        self.rank, self.size = rank, size

    @staticmethod
    def from_environment() -> Group:
        """Join the group that `torchrun` set up, by gloo; alone when there is none."""
        if int(os.environ.get("WORLD_SIZE", "1")) <= 1:
            return Group()
        dist.init_process_group("gloo")
        return Group(dist.get_rank(), dist.get_world_size())

    def average_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """Replace every gradient by its mean over the group, in one flat message."""
        if self.size == 1:
            return
        gradients = [p.grad for p in parameters if p.grad is not None]
        flat = torch.cat([g.reshape(-1) for g in gradients])
        dist.all_reduce(flat)
        flat /= self.size
        for gradient, part in zip(gradients, flat.split([g.numel() for g in gradients]), strict=True):
            gradient.copy_(part.view_as(gradient))

    def normaliser(self, total: Tensor) -> Tensor:
        """What a loss is divided by: the sum of weights over the group, at least 1, shared by its processes.

        With it the mean of the processes' gradients is the gradient of their batches taken as one.
        """
        if self.size > 1:
            total = total.detach().clone()
            dist.all_reduce(total)
        return total.clamp(min=1.0) / self.size

    def share(self, tensors: Iterable[Tensor]) -> None:
        """Give every process rank 0's values."""
        if self.size > 1:
            for tensor in tensors:
                message = tensor.detach().contiguous()  # gloo sends no channels_last
                dist.broadcast(message, src=0)
                tensor.detach().copy_(message)

    def agree(self, elapsed_s: float, stop: bool) -> tuple[float, bool]:
        """Rank 0's clock, and whether anybody wants to stop."""
        if self.size == 1:
            return elapsed_s, stop
        values = torch.tensor([elapsed_s if self.rank == 0 else 0.0, float(stop)], dtype=torch.float64)
        dist.all_reduce(values)
        return float(values[0]), bool(values[1] > 0)

    def close(self) -> None:
        if self.size > 1:
            dist.destroy_process_group()

"""The engine protocol: arrays in, arrays out, and what is running where."""

from __future__ import annotations

from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Precision = Literal["f32", "bf16", "int8"]


class Engine(Protocol):
    """Executes one network on batches."""

    @property
    def name(self) -> str:
        """For example "torch"."""

    @property
    def precision(self) -> Precision: ...

    @property
    def device(self) -> str:
        """For example "CPU x2"."""

    def side_by_side(self, frames: int) -> Engine | None:
        """The same network for so many threads at once, each on its share of the cores; None where that is no gain.

        Raises:
            LooktwiceError: it cannot be loaded again.
        """

    def run(self, inputs: NDArray[np.uint8]) -> tuple[NDArray[np.float32], ...]:
        """Images RGB uint8 `[B, S, S, 3]` -> the network's outputs, first axis B. What they mean the family knows."""

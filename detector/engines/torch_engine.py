"""The reference engine: torch, channels_last, bf16 where asked for and the CPU has it."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from detector.engines.protocol import Precision
from detector.errors import OptionError


def cpu_has_bf16() -> bool:
    """Whether bf16 is faster than f32 on this CPU: it has AVX512_BF16 or AMX instructions."""
    return bool(torch.backends.cpu.get_cpu_capability().startswith("AVX512")) and torch.cpu._is_avx512_bf16_supported()


class TorchEngine:
    """Runs a network in torch.

    Args:
        network: takes `[B, 3, S, S]` float in 0..1, gives a tuple of tensors; batch norm already folded.
        precision: "f32" or "bf16".

    Raises:
        OptionError: the precision is not one of torch's here.
    """

    name = "torch"

    def __init__(self, network: nn.Module, precision: Precision = "f32") -> None:
        if precision not in ("f32", "bf16"):
            raise OptionError(f"the torch engine runs f32 or bf16, not {precision}.")
        self.precision: Precision = precision
        self.network = network.eval().to(memory_format=torch.channels_last).requires_grad_(False)

    @property
    def device(self) -> str:
        return f"CPU x{torch.get_num_threads()}"

    def run(self, inputs: NDArray[np.uint8]) -> tuple[NDArray[np.float32], ...]:
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=self.precision == "bf16"):
            # The permuted view of [B, S, S, 3] already is channels_last: no copy of the layout.
            images = torch.from_numpy(inputs).permute(0, 3, 1, 2).to(torch.float32).div_(255)  # [B, 3, S, S]
            outputs = self.network(images)
        return tuple(output.float().numpy() for output in outputs)

"""The reference engine: torch, channels_last, bf16 where asked for; on a GPU where there is one."""

from __future__ import annotations

import logging

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from detector.engines.protocol import Precision
from detector.errors import OptionError

log = logging.getLogger(__name__)

CPU = torch.device("cpu")
NAMES = {"cuda": "CUDA", "mps": "Apple GPU"}


def cpu_has_bf16() -> bool:
    """Whether bf16 is faster than f32 on this CPU: it has AVX512_BF16 or AMX instructions."""
    return bool(torch.backends.cpu.get_cpu_capability().startswith("AVX512")) and torch.cpu._is_avx512_bf16_supported()


def best_device() -> torch.device:
    """CUDA, else Apple's GPU, else the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps") if torch.backends.mps.is_available() else CPU


def has_bf16(device: torch.device) -> bool:
    """Whether bf16 is worth it on a device."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    # Apple's GPU computes f32 about as fast.
    return device.type == "cpu" and cpu_has_bf16()


class TorchEngine:
    """Runs a network in torch.

    A GPU that has no memory left, or fails in another way, is given up for the CPU: a warning says so, the same frame
    is answered from there, and `device` tells it from then on.

    Args:
        network: takes `[B, 3, S, S]` float in 0..1, gives a tuple of tensors; batch norm already folded.
        precision: "f32" or "bf16".
        device: where it is run; the network is moved there.

    Raises:
        OptionError: the precision is not one of torch's here.
    """

    name = "torch"

    def __init__(self, network: nn.Module, precision: Precision = "f32", device: torch.device = CPU) -> None:
        if precision not in ("f32", "bf16"):
            raise OptionError(f"the torch engine runs f32 or bf16, not {precision}.")
        self.precision: Precision = precision
        self._device = device
        self.network = network.eval().to(memory_format=torch.channels_last).requires_grad_(False)
        self._move()

    @property
    def on_cpu(self) -> bool:
        return self._device.type == "cpu"

    @property
    def device(self) -> str:
        return f"CPU x{torch.get_num_threads()}" if self.on_cpu else NAMES.get(self._device.type, self._device.type)

    def side_by_side(self, frames: int) -> None:
        """Its threads are the process': nothing to be gained."""

    def run(self, inputs: NDArray[np.uint8]) -> tuple[NDArray[np.float32], ...]:
        try:
            return self._run(inputs)
        except RuntimeError as error:
            # torch's own error for memory is one of these, and so is whatever a driver says.
            if self.on_cpu:
                raise
            self._fall_back(error)
        return self._run(inputs)

    def _run(self, inputs: NDArray[np.uint8]) -> tuple[NDArray[np.float32], ...]:
        kind = self._device.type
        with torch.inference_mode(), torch.autocast(kind, torch.bfloat16, enabled=self.precision == "bf16"):
            # The permuted view of [B, S, S, 3] already is channels_last: no copy of the layout.
            images = torch.from_numpy(inputs).to(self._device).permute(0, 3, 1, 2)  # [B, 3, S, S]
            outputs = self.network(images.to(torch.float32).div_(255))
        return tuple(output.float().cpu().numpy() for output in outputs)

    def _move(self) -> None:
        try:
            self.network.to(self._device)
        except RuntimeError as error:
            if self.on_cpu:
                raise
            self._fall_back(error)

    def _fall_back(self, error: RuntimeError) -> None:
        reason = "has no memory left" if isinstance(error, torch.OutOfMemoryError) else "failed"
        log.warning("%s %s; the CPU goes on in %s: %s", self.device, reason, self.precision, _first_line(error))
        self._device = CPU
        self.network.to(CPU)


def _first_line(error: RuntimeError) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]

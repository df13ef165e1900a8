"""What a network costs: parameters, multiply-accumulates, milliseconds here."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from detector.engines.protocol import Engine
from detector.engines.torch_engine import cpu_has_bf16
from detector.registry import load_detector

WARM_UP_RUNS = 5


def parameter_count(network: nn.Module) -> int:
    """How many numbers are learned."""
    return sum(parameter.numel() for parameter in network.parameters())


def gmac(network: nn.Module, size: int, width: int | None = None) -> float:
    """Thousand million multiply-accumulates for one input of `size` x `size`, or of `size` rows of another width."""
    counter = FlopCounterMode(display=False)
    with torch.no_grad(), counter:
        network.eval()(torch.zeros(1, 3, size, width or size))
    return float(counter.get_total_flops()) / 2 / 1e9


def network_ms(file: Path, size: int, runs: int = 40) -> dict[str, float]:
    """Milliseconds of the bare network for one frame, median of `runs`, by precision; bf16 where the CPU has it."""
    found = {}
    image = np.random.default_rng(0).integers(0, 256, (1, size, size, 3), dtype=np.uint8)
    for precision in ("f32", "bf16") if cpu_has_bf16() else ("f32",):
        engine = load_detector(
            str(file), size, "bf16" if precision == "bf16" else "f32", engine="torch", device="cpu"
        ).engine
        for _ in range(WARM_UP_RUNS):
            engine.run(image)
        found[precision] = statistics.median(_run_ms(engine, image) for _ in range(runs))
    return found


def _run_ms(engine: Engine, image: NDArray[np.uint8]) -> float:
    start_s = time.perf_counter()
    engine.run(image)
    return 1000 * (time.perf_counter() - start_s)

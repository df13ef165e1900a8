"""Checkpoints: everything a run needs to go on exactly, as safetensors with JSON metadata; never a pickle."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from detector.errors import WeightsError
from detector.files import write_atomically
from detector.training.averaging import MovingAverage
from detector.training.optimizer import Stepper

FORMAT = "looktwice-checkpoint-1"


@dataclass
class Progress:
    """Where a run is: optimiser steps done, seconds trained, views seen."""

    step: int = 0
    elapsed_s: float = 0.0
    views: int = 0


def save_checkpoint(
    path: Path,
    network: nn.Module,
    optimizer: Stepper,
    average: MovingAverage[Any],
    progress: Progress,
    notes: dict[str, Any],
) -> None:
    """Write network, optimiser state, average and progress to `path`, beside and renamed.

    Args:
        network: everything that is trained. notes: what else the run wants to find again, as JSON holds it.
    """
    tensors: dict[str, Tensor] = {}
    for name, tensor in network.state_dict().items():
        tensors[f"network/{name}"] = tensor
    for name, tensor in average.network.state_dict().items():
        tensors[f"average/{name}"] = tensor
    state = optimizer.state_dict()
    for index, slots in state["state"].items():
        for slot, value in slots.items():
            tensors[f"optimizer/{index}/{slot}"] = torch.as_tensor(value)
    metadata = {
        "format": FORMAT,
        "progress": json.dumps(vars(progress)),
        "average_updates": str(average.updates),
        "groups": json.dumps(state["param_groups"]),
        "notes": json.dumps(notes),
    }
    # A channels_last tensor is not contiguous in safetensors' eyes.
    write_atomically(path, save({k: v.detach().contiguous() for k, v in tensors.items()}, metadata))


def load_checkpoint(path: Path, network: nn.Module, optimizer: Stepper, average: MovingAverage[Any]) -> Progress:
    """Put a checkpoint back into what trains; returns how far it was.

    Raises:
        WeightsError: `path` is missing, damaged or of another network.
    """
    with _opened(path) as (file, metadata):
        tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 (safe_open is no mapping)
        network.load_state_dict(_part(tensors, "network/"))
        average.network.load_state_dict(_part(tensors, "average/"))
        state: dict[int, dict[str, Tensor]] = {}
        for key, value in _part(tensors, "optimizer/").items():
            index, slot = key.split("/")
            state.setdefault(int(index), {})[slot] = value
        optimizer.load_state_dict({"state": state, "param_groups": json.loads(metadata["groups"])})
        average.updates = int(metadata["average_updates"])
        return Progress(**json.loads(metadata["progress"]))


def read_notes(path: Path) -> dict[str, Any]:
    """The notes that a checkpoint was written with.

    Raises:
        WeightsError: `path` is missing, damaged or no checkpoint.
    """
    with _opened(path) as (_, metadata):
        return dict(json.loads(metadata["notes"]))


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Any, dict[str, str]]]:
    """The open file and its metadata; whatever goes wrong inside becomes a WeightsError."""
    if not path.is_file():
        raise WeightsError(f"the checkpoint {path} does not exist, so there is nothing to resume; leave out --resume.")
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            if metadata.get("format") != FORMAT:
                raise WeightsError(f"{path} is not a training checkpoint; start from weights with --init instead.")
            yield file, metadata
    except (SafetensorError, OSError, KeyError, RuntimeError, ValueError, TypeError) as error:
        cause = str(error).splitlines()[-1].strip() if str(error) else repr(error)
        raise WeightsError(f"{path} cannot be resumed: {cause}; start from weights with --init instead.") from error


def _part(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}

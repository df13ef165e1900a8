"""Networks to and from weights files."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import torch
from torch import nn

from detector.errors import WeightsError
from detector.networks.faster_rcnn import CANONICAL, SLIM, FasterRCNN
from detector.networks.vgg import VGG_STAGES, Stage
from detector.networks.yolo import VGGYolo
from detector.weights_file import WeightsCard, read_card, read_weights, write_weights

VGG_YOLO_FAMILY = "vgg-yolo"
FASTER_RCNN_FAMILY = "faster-rcnn-vgg"
PREPROCESSING = "RGB 0..1; letterbox: scaled to fit, top left, rest 114/255"
DESIGNS = {design.backbone: design for design in (SLIM, CANONICAL)}
PYRAMID = ("backbone.", "neck.")

Network = TypeVar("Network", bound=nn.Module)


def backbone_rows(stages: tuple[Stage, ...]) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """A table of stages as a weights card holds it."""
    return tuple((stage.entry, stage.channels) for stage in stages)


def load_network(path: Path) -> tuple[VGGYolo | FasterRCNN, WeightsCard]:
    """The network of a weights file of any kind of ours, in float32, batch norms not folded.

    Raises:
        WeightsError: missing, damaged, altered, of another architecture, or for another preprocessing.
    """
    if read_card(path).family == FASTER_RCNN_FAMILY:
        return load_faster_rcnn(path)
    return load_vgg_yolo(path)


def load_vgg_yolo(path: Path) -> tuple[VGGYolo, WeightsCard]:
    """The network of a weights file, in float32, batch norms not folded.

    Raises:
        WeightsError: missing, damaged, altered, of another architecture, or for another preprocessing.
    """
    return _load(path, VGG_YOLO_FAMILY, "VGG-YOLO", lambda card: VGGYolo(len(card.class_names), card.backbone_name))


def load_faster_rcnn(path: Path) -> tuple[FasterRCNN, WeightsCard]:
    """The network of a weights file, in float32, batch norms not folded.

    Raises:
        WeightsError: missing, damaged, altered, of another architecture, or for another preprocessing.
    """
    return _load(path, FASTER_RCNN_FAMILY, "Faster R-CNN", _faster_rcnn)


def _faster_rcnn(card: WeightsCard) -> FasterRCNN:
    if card.backbone_name not in DESIGNS:
        raise ValueError(f"there is no Faster R-CNN on {card.backbone_name}")
    return FasterRCNN(len(card.class_names), DESIGNS[card.backbone_name])


def _load(path: Path, family: str, told: str, build: Callable[[WeightsCard], Network]) -> tuple[Network, WeightsCard]:
    arrays, card = read_weights(path)
    table = VGG_STAGES.get(card.backbone_name)
    unknown = f"{path} holds a {card.family} on {card.backbone_name}, which is no {told} known here"
    if card.family != family or table is None or backbone_rows(table) != card.backbone:
        raise WeightsError(f"{unknown}.")
    if card.preprocessing != PREPROCESSING:
        raise WeightsError(
            f'{path} is of another architecture: it wants its input as "{card.preprocessing}", where {told} gives '
            f'"{PREPROCESSING}".'
        )
    try:
        network = build(card)
    except ValueError as error:
        raise WeightsError(f"{unknown}: {error}.") from error
    try:
        fill(network, {name: torch.from_numpy(array) for name, array in arrays.items()})
    except RuntimeError as error:
        raise WeightsError(f"{path} does not fit {told}: {str(error).splitlines()[-1].strip()}") from error
    return network, card


def fill(network: nn.Module, tensors: dict[str, torch.Tensor]) -> None:
    """Load a state dict that may lack batch norms' step counters, which running does not need, and the map of scores.

    Raises:
        RuntimeError: names or shapes do not fit.
    """
    own = network.state_dict().items()
    spared = {n: v for n, v in own if n.endswith("num_batches_tracked") or n.startswith(FasterRCNN.score_layer)}
    floats = {name: tensor.float() if tensor.is_floating_point() else tensor for name, tensor in tensors.items()}
    network.load_state_dict({**spared, **floats})


def save_network(path: Path, network: nn.Module, card: WeightsCard) -> None:
    """Write an unfolded network and its card."""
    arrays = {
        name: tensor.detach().contiguous().numpy()
        for name, tensor in network.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }
    write_weights(path, arrays, card)


def pyramid_sha256(path: Path) -> str:
    """The checksum of a weights file's backbone and neck: the same in two files whose networks see the same maps.

    Raises:
        WeightsError: as `read_weights` does.
    """
    arrays, _ = read_weights(path)
    digest = hashlib.sha256()
    for name in sorted(arrays):
        if name.startswith(PYRAMID):
            digest.update(f"{name} {arrays[name].dtype} {arrays[name].shape}".encode())
            digest.update((arrays[name] + 0).tobytes())  # an average of zeros forgets their sign
    return digest.hexdigest()

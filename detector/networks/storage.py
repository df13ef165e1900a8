"""Networks to and from weights files."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

from detector.errors import WeightsError
from detector.networks.vgg import VGG_STAGES, Stage
from detector.networks.yolo import VGGYolo
from detector.weights_file import WeightsCard, read_weights, write_weights

VGG_YOLO_FAMILY = "vgg-yolo"
PREPROCESSING = "RGB 0..1; letterbox: scaled to fit, top left, rest 114/255"


def backbone_rows(stages: tuple[Stage, ...]) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """A table of stages as a weights card holds it."""
    return tuple((stage.entry, stage.channels) for stage in stages)


def load_vgg_yolo(path: Path) -> tuple[VGGYolo, WeightsCard]:
    """The network of a weights file, in float32, batch norms not folded.

    Raises:
        WeightsError: missing, damaged, altered, of another architecture, or for another preprocessing.
    """
    arrays, card = read_weights(path)
    table = VGG_STAGES.get(card.backbone_name)
    unknown = f"{path} holds a {card.family} on {card.backbone_name}, which is no VGG-YOLO known here"
    if card.family != VGG_YOLO_FAMILY or table is None or backbone_rows(table) != card.backbone:
        raise WeightsError(f"{unknown}.")
    if card.preprocessing != PREPROCESSING:
        raise WeightsError(
            f'{path} is of another architecture: it wants its input as "{card.preprocessing}", where VGG-YOLO gives '
            f'"{PREPROCESSING}".'
        )
    try:
        network = VGGYolo(len(card.class_names), card.backbone_name)
    except ValueError as error:
        raise WeightsError(f"{unknown}: {error}.") from error
    try:
        fill(network, {name: torch.from_numpy(array) for name, array in arrays.items()})
    except RuntimeError as error:
        raise WeightsError(f"{path} does not fit VGG-YOLO: {str(error).splitlines()[-1].strip()}") from error
    return network, card


def fill(network: nn.Module, tensors: dict[str, torch.Tensor]) -> None:
    """Load a state dict that may lack batch norms' step counters, which running does not need.

    Raises:
        RuntimeError: names or shapes do not fit.
    """
    counters = {name: value for name, value in network.state_dict().items() if name.endswith("num_batches_tracked")}
    floats = {name: tensor.float() if tensor.is_floating_point() else tensor for name, tensor in tensors.items()}
    network.load_state_dict({**counters, **floats})


def save_vgg_yolo(path: Path, network: VGGYolo, card: WeightsCard) -> None:
    """Write an unfolded VGG-YOLO and its card."""
    arrays = {
        name: tensor.detach().contiguous().numpy()
        for name, tensor in network.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }
    write_weights(path, arrays, card)

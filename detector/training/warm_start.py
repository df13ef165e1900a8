"""Starting from weights that exist: ours, or a foreign safetensors file whose tensors have our names."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from detector.errors import OptionError, WeightsError
from detector.networks.faster_rcnn import FasterRCNN, from_vgg_yolo
from detector.networks.storage import fill
from detector.networks.yolo import VGGYolo
from detector.weights_file import FORMAT, read_weights

log = logging.getLogger(__name__)

FIRST_KERNEL = "backbone.stage1.0.conv.weight"
# Where a file keeps its classes, by kind of network.
CLASS_LAYERS = (VGGYolo.class_layer, FasterRCNN.class_layer, FasterRCNN.score_layer)


@dataclass(frozen=True)
class WarmStart:
    """What a run started from: the weights' name and the seconds of training behind them."""

    name: str
    trained_s: float


def warm_start(
    path: Path, network: nn.Module, class_names: Sequence[str], bgr: bool = False, trained_s: float = 0.0
) -> WarmStart:
    """Fill `network` from `path`. The class layer starts anew where the classes are others.

    A Faster R-CNN may start from a VGG-YOLO's file, see `from_vgg_yolo`.

    Args:
        bgr: the file is foreign and was trained on BGR input: its first kernels are turned round.
        trained_s: seconds of training behind a foreign file, which cannot say so itself.

    Raises:
        WeightsError: the file is missing, damaged or of another architecture. OptionError: `bgr` for weights of ours.
    """
    if not path.is_file():
        raise WeightsError(f"the weights file {path} does not exist; give --init a .safetensors file.")
    if _is_ours(path):
        if bgr:
            raise OptionError(f"{path} is a Looktwice weights file, which takes RGB; leave out --init-bgr.")
        arrays, card = read_weights(path)
        tensors = {name: torch.from_numpy(array) for name, array in arrays.items()}
        start = WarmStart(card.name, card.trained_s)
        if card.class_names != tuple(class_names):
            log.warning("%s knows other classes; the class layer starts anew", path)
            tensors = _without_classes(tensors)
    else:
        tensors = _read_foreign(path)
        start = WarmStart(path.stem, trained_s)
        if bgr and FIRST_KERNEL in tensors:
            tensors[FIRST_KERNEL] = tensors[FIRST_KERNEL].flip(1)
        bias = tensors.get(f"{VGGYolo.class_layer}bias")
        if bias is not None and len(bias) != len(class_names):
            log.warning("%s has %d classes, not %d; the class layer starts anew", path, len(bias), len(class_names))
            tensors = _without_classes(tensors)
    if isinstance(network, FasterRCNN) and not any(name.startswith("rpn.") for name in tensors):
        tensors = from_vgg_yolo(network, tensors)
    for name, tensor in network.state_dict().items():
        if name.startswith(CLASS_LAYERS):
            tensors.setdefault(name, tensor)
    try:
        fill(network, tensors)
    except RuntimeError as error:
        raise WeightsError(f"{path} does not fit the network: {str(error).splitlines()[-1].strip()}") from error
    return start


def _is_ours(path: Path) -> bool:
    with _opened(path) as file:
        return (file.metadata() or {}).get("format") == FORMAT


def _read_foreign(path: Path) -> dict[str, Tensor]:
    with _opened(path) as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (safe_open is no mapping)
    if not all(bool(torch.isfinite(tensor).all()) for tensor in tensors.values() if tensor.is_floating_point()):
        raise WeightsError(f"{path} holds numbers that are not finite; take weights from before the run broke.")
    return tensors


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    try:
        with safe_open(path, framework="pt") as file:
            yield file
    except (SafetensorError, OSError) as error:
        raise WeightsError(f"{path} is damaged or no safetensors file ({error}); get the file again.") from error


def _without_classes(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor for name, tensor in tensors.items() if not name.startswith(CLASS_LAYERS)}

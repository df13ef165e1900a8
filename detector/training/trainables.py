"""What can be trained: for each kind of model its network, its objective, its file and how it is run to be scored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from torch import nn

from detector.detector import Detector, ModelInfo
from detector.engines.torch_engine import TorchEngine
from detector.errors import OptionError
from detector.families.vgg_yolo import VGGYoloFamily
from detector.networks.storage import PREPROCESSING, VGG_YOLO_FAMILY, backbone_rows, save_vgg_yolo
from detector.networks.vgg import VGG_STAGES, fold_batch_norm
from detector.networks.yolo import VGGYolo
from detector.training.objective import Objective, YoloObjective
from detector.training.teacher import Teacher
from detector.training.trainer import Recipe
from detector.weights_file import WeightsCard


class Trainable(Protocol):
    """A kind of model, as far as training must know it."""

    family: str
    backbone: str
    backbone_table: tuple[tuple[str, tuple[int, ...]], ...]
    preprocessing: str

    def build(self, class_count: int) -> nn.Module:
        """The network, its weights drawn from torch's generator."""

    def objective(self, network: nn.Module, recipe: Recipe, teacher: Teacher | None) -> Objective: ...

    def save(self, path: Path, network: nn.Module, card: WeightsCard) -> None: ...

    def detector(self, network: nn.Module, class_names: Sequence[str], size: int, bf16: bool) -> Detector:
        """A detector that runs `network`, which is folded and belongs to it from now on."""


class _VGGYolo:
    family = VGG_YOLO_FAMILY
    backbone = "vgg-slim"
    backbone_table = backbone_rows(VGG_STAGES["vgg-slim"])
    preprocessing = PREPROCESSING

    def build(self, class_count: int) -> nn.Module:
        return VGGYolo(class_count, self.backbone)

    def objective(self, network: nn.Module, recipe: Recipe, teacher: Teacher | None) -> Objective:
        assert isinstance(network, VGGYolo)
        return YoloObjective(network, recipe.weights, teacher, recipe.bf16, recipe.channels_last)

    def save(self, path: Path, network: nn.Module, card: WeightsCard) -> None:
        assert isinstance(network, VGGYolo)
        save_vgg_yolo(path, network, card)

    def detector(self, network: nn.Module, class_names: Sequence[str], size: int, bf16: bool) -> Detector:
        info = ModelInfo(self.family, tuple(class_names), size, Path())
        engine = TorchEngine(fold_batch_norm(network), "bf16" if bf16 else "f32")
        return Detector(info, VGGYoloFamily(), engine, size)


TRAINABLES: Mapping[str, Trainable] = {"vgg-yolo": _VGGYolo()}


def trainable(name: str) -> Trainable:
    """The kind of model that a name begins with: `vgg-yolo`, or with a suffix of one's own, `vgg-yolo-voc20`.

    Raises:
        OptionError: no kind begins so.
    """
    for kind, found in TRAINABLES.items():
        if name == kind or name.startswith(f"{kind}-"):
            return found
    raise OptionError(f"there is no model {name!r} to train; names begin with {', '.join(TRAINABLES)}.")

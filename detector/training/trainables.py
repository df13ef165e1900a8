"""What can be trained: for each kind of model its network, its objective, its file and how it is run to be scored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor, nn

from detector.detections import Candidates
from detector.detector import Detector, ModelInfo
from detector.engines.torch_engine import TorchEngine
from detector.errors import OptionError
from detector.families.faster_rcnn import FasterRCNNFamily
from detector.families.protocol import Family
from detector.families.vgg_yolo import VGGYoloFamily
from detector.geometry import Letterbox
from detector.networks.faster_rcnn import CANONICAL, SLIM, Design, FasterRCNN
from detector.networks.storage import FASTER_RCNN_FAMILY, VGG_YOLO_FAMILY, backbone_rows
from detector.networks.vgg import VGG_STAGES, fold_batch_norm
from detector.networks.yolo import VGGYolo
from detector.training.objective import Objective, Tutors, YoloObjective
from detector.training.trainer import Recipe
from detector.training.two_stage import TwoStageObjective


class Trainable(Protocol):
    """A kind of model, as far as training must know it."""

    @property
    def family(self) -> str: ...

    @property
    def backbone(self) -> str: ...

    def build(self, class_count: int) -> nn.Module:
        """The network, its weights drawn from torch's generator."""

    def objective(self, network: nn.Module, recipe: Recipe, tutors: Tutors, frozen: bool) -> Objective:
        """frozen: leave backbone and neck as they are, where the kind of model can.

        Raises:
            OptionError: it takes no hints of ImageNet.
        """

    def interpreter(self) -> Family:
        """What its outputs mean."""


class _VGGYolo:
    family = VGG_YOLO_FAMILY
    backbone = "vgg-slim"

    def build(self, class_count: int) -> nn.Module:
        return VGGYolo(class_count, self.backbone)

    def objective(self, network: nn.Module, recipe: Recipe, tutors: Tutors, frozen: bool) -> Objective:
        assert isinstance(network, VGGYolo)
        return YoloObjective(
            network, recipe.weights, tutors.teacher, recipe.bf16, recipe.channels_last, tutors.imagenet
        )

    def interpreter(self) -> Family:
        return VGGYoloFamily()


class _FasterRCNN:
    family = FASTER_RCNN_FAMILY

    def __init__(self, design: Design) -> None:
        self.design = design
        self.backbone = design.backbone

    def build(self, class_count: int) -> nn.Module:
        return FasterRCNN(class_count, self.design)

    def objective(self, network: nn.Module, recipe: Recipe, tutors: Tutors, frozen: bool) -> Objective:
        assert isinstance(network, FasterRCNN)
        if tutors.imagenet is not None:
            raise OptionError("--imagenet-hint is for VGG-YOLO, whose backbone Faster R-CNN then takes over.")
        return TwoStageObjective(network, frozen, tutors.teacher, recipe.bf16, recipe.channels_last)

    def interpreter(self) -> Family:
        return FasterRCNNFamily()


TRAINABLES: Mapping[str, Trainable] = {
    "vgg-yolo": _VGGYolo(),
    "faster-rcnn-vgg": _FasterRCNN(SLIM),
    "faster-rcnn-vgg16": _FasterRCNN(CANONICAL),
}


def trainable(name: str) -> Trainable:
    """The kind of model that a name begins with: `vgg-yolo`, or with a suffix of one's own, `vgg-yolo-voc20`.

    Raises:
        OptionError: no kind begins so.
    """
    for kind, found in TRAINABLES.items():
        if name == kind or name.startswith(f"{kind}-"):
            return found
    raise OptionError(f"there is no model {name!r} to train; names begin with {', '.join(TRAINABLES)}.")


def backbone_table(kind: Trainable) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """The backbone as a weights card holds it."""
    return backbone_rows(VGG_STAGES[kind.backbone])


def as_detector(kind: Trainable, network: nn.Module, class_names: Sequence[str], size: int, bf16: bool) -> Detector:
    """A detector that runs `network`, which is folded and belongs to it from now on."""
    info = ModelInfo(kind.family, tuple(class_names), size, Path())
    engine = TorchEngine(fold_batch_norm(network), "bf16" if bf16 else "f32")
    return Detector(info, kind.interpreter(), engine, size)


def candidates_of(kind: Trainable, network: nn.Module, images: Tensor, floor: float) -> list[Candidates]:
    """What an unfolded network proposes on square views uint8 `[B, 3, S, S]`; it is left in the mode it was in."""
    side = images.shape[-1]
    letterbox = Letterbox.fit((side, side), side)
    was_training = network.training
    network.eval()
    with torch.inference_mode():
        outputs = [output.float().numpy() for output in network(images.float().div(255))]
    network.train(was_training)
    family = kind.interpreter()
    return [family.interpret([output[i] for output in outputs], letterbox, floor) for i in range(len(images))]

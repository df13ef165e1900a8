"""torchvision's Faster R-CNNs, opened up: all that both stages say of a frame instead of what NMS leaves of it."""

from __future__ import annotations

import argparse
import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.fusion import fuse_conv_bn_eval
from torchvision.models import detection
from torchvision.models.detection.faster_rcnn import FasterRCNN
from torchvision.models.detection.image_list import ImageList

from detector.errors import WeightsError
from detector.networks.proposals import filled, propose
from detector.networks.storage import fill
from detector.tensor_shapes import plain_names, state_dict_in

COCO_OUTPUTS = 91
STRIDE = 32
# Heads beside the boxes, of Mask R-CNN and Keypoint R-CNN; without them both are Faster R-CNNs.
OTHER_HEADS = ("roi_heads.mask_", "roi_heads.keypoint_")


class OpenedOutput(NamedTuple):
    """What both stages give, for P proposals of each image, the most promising first; where there are fewer, zeros.

    scores: `[B, P, C]`, 0..1. boxes_xyxy: `[B, P, C, 4]`, one for each class. proposals_xyxy: `[B, P, 4]`.
    objectness: `[B, P]`, 0..1. Boxes in pixels of the network's input.
    """

    scores: Tensor
    boxes_xyxy: Tensor
    proposals_xyxy: Tensor
    objectness: Tensor


class OpenedFasterRCNN(nn.Module):
    """Input `[B, 3, h, w]` RGB in 0..1, already scaled as torchvision's transform would; of any size.

    Args:
        detector: torchvision's. columns: which of its class outputs to give, in this order.
    """

    def __init__(self, detector: FasterRCNN, columns: Sequence[int]) -> None:
        super().__init__()
        self.backbone, self.rpn, self.roi_heads = detector.backbone, detector.rpn, detector.roi_heads
        transform = detector.transform
        self.register_buffer("mean", torch.tensor(transform.image_mean)[:, None, None], persistent=False)
        self.register_buffer("deviation", torch.tensor(transform.image_std)[:, None, None], persistent=False)
        self.register_buffer("columns", torch.tensor(columns), persistent=False)

    def forward(self, images: Tensor) -> OpenedOutput:
        height, width = images.shape[-2:]
        normal = (images - self.get_buffer("mean")) / self.get_buffer("deviation")
        padded = F.pad(normal, (0, -width % STRIDE, 0, -height % STRIDE))
        sizes = [(height, width)] * len(images)  # without the padding, as torchvision has it
        maps = self.backbone(padded)
        boxes, objectness = propose(self.rpn, ImageList(padded, sizes), list(maps.values()))
        cut_out = self.roi_heads.box_roi_pool(maps, boxes, sizes)  # [R, C, 7, 7]
        logits, deltas = self.roi_heads.box_predictor(self.roi_heads.box_head(cut_out))
        columns = self.get_buffer("columns")
        # Without any proposal torchvision forgets the last axis.
        mended = self.roi_heads.box_coder.decode(deltas.float(), boxes).reshape(*logits.shape, 4)[:, columns]
        scores = F.softmax(logits.float(), dim=-1)[:, columns]
        counts, most = [len(one) for one in boxes], self.rpn.post_nms_top_n()
        return OpenedOutput(
            filled(scores.split(counts), most),
            filled(mended.split(counts), most),
            filled(boxes, most),
            filled(objectness, most),
        )


def load_torchvision(path: Path, architecture: str, outputs: int) -> FasterRCNN:
    """torchvision's own network of a state dict on the disk, in float32, ready to run.

    Args:
        path: `.safetensors`, or what `torch.save` wrote; of the latter only data is read.
        architecture: name of torchvision's function. outputs: of the class layer, background too.

    Raises:
        WeightsError: damaged, more than data, or tensors of another architecture.
    """
    tensors = {name: x for name, x in _read(path).items() if not name.startswith(OTHER_HEADS)}
    network: FasterRCNN = getattr(detection, architecture)(weights=None, weights_backbone=None, num_classes=outputs)
    try:
        fill(network, tensors)
    except RuntimeError as error:
        reason = str(error).splitlines()[-1].strip()
        raise WeightsError(f"{path} does not fit torchvision's {architecture}: {reason}") from error
    if architecture == "fasterrcnn_resnet50_fpn" and outputs == COCO_OUTPUTS:
        _without_epsilon(network)
    return network.eval()


def open_up(network: FasterRCNN, columns: Sequence[int]) -> OpenedFasterRCNN:
    """The same network with batch norms folded into the convolutions before them, giving all that it says."""
    fold_norms(network.eval())
    return OpenedFasterRCNN(network, columns).eval()


def _read(path: Path) -> dict[str, Tensor]:
    try:
        if path.suffix == ".safetensors":
            return plain_names(load_file(path))
        # torchvision's training keeps its options, a plain namespace, beside the weights.
        with torch.serialization.safe_globals([argparse.Namespace]):
            content = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise WeightsError(
            f"{path} is not opened, because it holds more than tensors; save it anew with "
            "torch.save(model.state_dict(), ...)."
        ) from error
    except (SafetensorError, OSError, RuntimeError, EOFError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise WeightsError(f"{path} is damaged or no weights file ({reason}); get the file again.") from error
    tensors = state_dict_in(content, lambda value: isinstance(value, Tensor))
    if tensors is None:
        raise WeightsError(f"{path} holds no state dict; save one with torch.save(model.state_dict(), ...).")
    return tensors


def _without_epsilon(network: nn.Module) -> None:
    """torchvision's oldest COCO weights were trained without the small number that keeps variances from being zero."""
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    if all(norm.running_var is not None and bool((norm.running_var > 0).all()) for norm in norms):
        for norm in norms:
            norm.eps = 0.0


def fold_norms(module: nn.Module) -> None:
    """Fold every batch norm that directly follows a convolution among its siblings."""
    before: tuple[str, nn.Module] | None = None
    for name, child in list(module.named_children()):
        if isinstance(child, nn.BatchNorm2d) and before is not None and isinstance(before[1], nn.Conv2d):
            setattr(module, before[0], fuse_conv_bn_eval(before[1], child))
            setattr(module, name, nn.Identity())
        else:
            fold_norms(child)
        before = (name, child)

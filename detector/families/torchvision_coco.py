"""torchvision's Faster R-CNNs: their input as torchvision makes it, and what their class outputs are called."""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.families.coco import COCO_CLASS_NAMES, voc_name
from detector.families.faster_rcnn import FasterRCNNFamily
from detector.families.torchvision_published import ARCHITECTURES, Architecture
from detector.geometry import Letterbox

COCO_OUTPUTS = 91
"""COCO numbers its 80 classes up to 90, with holes; 0 is the background."""
HOLES = (12, 26, 29, 30, 45, 66, 68, 69, 71, 83)
RESNET_50_LAST_BLOCK = "backbone.body.layer3.5.conv3.weight"
RESNET_101_BLOCK = "backbone.body.layer3.6.conv3.weight"
CLASSES, BOXES = "roi_heads.box_predictor.cls_score.weight", "roi_heads.box_predictor.bbox_pred.weight"


class TorchvisionFamily(FasterRCNNFamily):
    """Outputs as `FasterRCNNFamily` reads them, each class with a box of its own.

    The input is no square: the frame alone, its shorter side scaled to `size`, bilinear without smoothing, as in
    torchvision's own transform. In a square a wide frame would cost nearly twice as much, and the gray beside it would
    take part in everything: the weights have never seen any. Colours are set to mean and deviation in the network,
    which also adds the few rows and columns up to a multiple of 32.
    """

    def __init__(self, architecture: Architecture) -> None:
        self.longest_per_size = architecture.longest / architecture.size

    def place(self, frame_size_wh: tuple[int, int], size: int) -> Letterbox:
        width, height = frame_size_wh
        scale = min(size / min(height, width), round(size * self.longest_per_size) / max(height, width))
        content = (max(1, int(width * scale)), max(1, int(height * scale)))
        return Letterbox((content[0] / width, content[1] / height), content, frame_size_wh, max(content), step=1)

    def prepare(self, image: NDArray[np.uint8], size: int) -> tuple[NDArray[np.uint8], Letterbox]:
        letterbox = self.place((image.shape[1], image.shape[0]), size)
        return np.asarray(cv2.resize(image, letterbox.content_wh, interpolation=cv2.INTER_LINEAR), np.uint8), letterbox


def class_names(outputs: int) -> tuple[str, ...]:
    """What the classes of a network with so many outputs (background too) are called: COCO's 80, in VOC's words where
    VOC has the class, where it looks like COCO's; otherwise by number."""
    if outputs == COCO_OUTPUTS:
        return tuple(voc_name(name) for name in COCO_CLASS_NAMES)
    return tuple(f"class {number}" for number in range(1, outputs))


def class_columns(outputs: int) -> tuple[int, ...]:
    """Which of the outputs belong to `class_names`, in their order."""
    return tuple(column for column in range(1, outputs) if outputs != COCO_OUTPUTS or column not in HOLES)


def recognise(shapes: Mapping[str, tuple[int, ...]], file_name: str) -> tuple[Architecture, int]:
    """The architecture and the number of class outputs (background too) of a state dict with tensors of these shapes.

    The two MobileNets have the same tensors; the one for small frames is told by "320" in the name of its file.

    Raises:
        ValueError: none of those known here; the text goes on after "the file holds".
    """
    if CLASSES not in shapes:
        raise ValueError(_other_head(shapes))
    outputs = shapes[CLASSES][0]
    if shapes.get(BOXES, ())[:1] != (4 * outputs,):
        raise ValueError("a Faster R-CNN with one box for all classes, which torchvision's has not")
    if RESNET_50_LAST_BLOCK in shapes and RESNET_101_BLOCK not in shapes:
        # Version 2 has batch norms in its feature pyramid.
        norms = "backbone.fpn.inner_blocks.0.1.weight" in shapes
        return ARCHITECTURES["fasterrcnn_resnet50_fpn_v2" if norms else "fasterrcnn_resnet50_fpn"], outputs
    if shapes.get("backbone.body.0.0.weight") == (16, 3, 3, 3) and "backbone.body.16.0.weight" in shapes:
        small = "320" in file_name
        return ARCHITECTURES[f"fasterrcnn_mobilenet_v3_large_{'320_' if small else ''}fpn"], outputs
    raise ValueError("a Faster R-CNN on a backbone that is neither ResNet-50 FPN nor MobileNetV3-Large FPN")


def _other_head(shapes: Mapping[str, tuple[int, ...]]) -> str:
    if "head.regression_head.bbox_ctrness.weight" in shapes:
        return "torchvision's FCOS"
    if "head.classification_head.cls_logits.weight" in shapes:
        return "torchvision's RetinaNet"
    if any(name.startswith("head.classification_head.module_list.") for name in shapes):
        return "torchvision's SSD"
    return "no detector of torchvision's"

"""Faster R-CNN: a second look at every place that the first one proposes (Ren et al., 1506.01497).

The first stage, a region proposal network (RPN), says where there may be an object of any class. The second stage cuts
each proposal out of the feature maps (RoIAlign, 1703.06870), names its class and mends its box. Proposals, RoIAlign
and both stages' losses are torchvision's; what they look at is ours: the backbone and neck of VGG-YOLO, so that only
the number of stages tells the two detectors apart, or a canonical VGG-16 as in the paper.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.faster_rcnn import FastRCNNConvFCHead, TwoMLPHead
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.roi_heads import RoIHeads
from torchvision.models.detection.rpn import RegionProposalNetwork, RPNHead
from torchvision.ops import MultiScaleRoIAlign, clip_boxes_to_image

from detector.networks.proposals import filled, propose
from detector.networks.pyramid import NECK_CHANNELS, level_maps, neck_on
from detector.networks.score_map import ScoreMap
from detector.networks.vgg import VGG, VGG_STAGES, ConvBNReLU

POOLED = 7


@dataclass(frozen=True)
class Design:
    """What tells one Faster R-CNN from another.

    neck: whether three mixed levels are looked at, or the backbone's last map alone. anchor_sizes: sides in input
    pixels of the square anchors on each of these maps; every side also comes 1:2 and 2:1. proposals: how many reach
    the second stage while running. roi_convs: 3x3 convolutions on every cut-out. roi_units: of the fully connected
    layers after them. looks: proposals per photograph that the second stage learns from. refined: whether the second
    stage looks once more, at its own mended boxes (He et al., 1512.03385, appendix B, "box refinement"), and both its
    scores count. objectness_share: how much of a score is the first stage's (Zhou et al., 2103.07461, equation 3, has
    equal parts), 0..1.
    """

    backbone: str
    neck: bool
    anchor_sizes: tuple[tuple[int, ...], ...]
    proposals: int
    roi_convs: int
    roi_units: int
    looks: int
    refined: bool = False
    objectness_share: float = 0.0


SLIM = Design(
    "vgg-slim", True, ((16, 32), (56, 92), (150, 250)), 300, roi_convs=2, roi_units=512, looks=64,
    refined=True, objectness_share=0.2,
)  # fmt: skip
# Ren et al., section 3.3; 300 proposals as in table 3.
CANONICAL = Design("vgg16", False, ((128, 256, 512),), 300, roi_convs=0, roi_units=4096, looks=128)


class TwoStageOutput(NamedTuple):
    """What both looks give, for P proposals of each image, the most promising first; where there are fewer, zeros.

    scores: `[B, P, C]`, 0..1. boxes_xyxy: `[B, P, 4]`, one box for all classes. proposals_xyxy: `[B, P, 4]`.
    objectness: `[B, P]`, 0..1. Boxes in pixels of the network's input.
    """

    scores: Tensor
    boxes_xyxy: Tensor
    proposals_xyxy: Tensor
    objectness: Tensor


class ProposalHead(nn.Module):
    """VGG-YOLO's decoupled towers, asked another question: of each anchor, is it an object, and how does it differ?"""

    def __init__(self, channels: int, anchors: int) -> None:
        super().__init__()
        self.class_tower = nn.Sequential(ConvBNReLU(channels, channels), ConvBNReLU(channels, channels))
        self.box_tower = nn.Sequential(ConvBNReLU(channels, channels), ConvBNReLU(channels, channels))
        self.objectness = nn.Conv2d(channels, anchors, 1)
        self.deltas = nn.Conv2d(channels, 4 * anchors, 1)
        for layer in (self.objectness, self.deltas):
            nn.init.normal_(layer.weight, std=0.01)

    def forward(self, levels: list[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
        """Maps `[B, channels, h, w]` -> objectness logits `[B, A, h, w]` and box deltas `[B, 4 A, h, w]` of each."""
        objectness = [self.objectness(self.class_tower(level)).float() for level in levels]
        return objectness, [self.deltas(self.box_tower(level)).float() for level in levels]


class Predictor(nn.Module):
    """Class logits, background first, and one box for all classes, in the shape that torchvision's RoI heads expect."""

    def __init__(self, units: int, class_count: int) -> None:
        super().__init__()
        self.cls_score = nn.Linear(units, class_count + 1)
        self.bbox_pred = nn.Linear(units, 4)
        nn.init.normal_(self.cls_score.weight, std=0.01)
        nn.init.normal_(self.bbox_pred.weight, std=0.001)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """`[R, units]` -> logits `[R, 1 + C]`, box deltas `[R, 4 (1 + C)]`."""
        logits = self.cls_score(x).float()
        return logits, self.bbox_pred(x).float().repeat(1, logits.shape[1])


class FasterRCNN(nn.Module):
    """The whole detector. Input `[B, 3, S, S]` RGB in 0..1, S a multiple of 32."""

    class_layer = "roi_heads.box_predictor.cls_score."
    score_layer = "score_map."

    def __init__(self, class_count: int, design: Design = SLIM) -> None:
        super().__init__()
        self.class_count, self.design, self.frozen = class_count, design, False
        self.backbone = VGG(VGG_STAGES[design.backbone])
        self.neck = neck_on(self.backbone) if design.neck else None
        channels = NECK_CHANNELS if design.neck else self.backbone.channels[-1]
        anchors = AnchorGenerator(design.anchor_sizes, ((0.5, 1.0, 2.0),) * len(design.anchor_sizes))
        per_place = anchors.num_anchors_per_location()[0]
        self.rpn = RegionProposalNetwork(
            anchors,
            ProposalHead(channels, per_place) if design.neck else RPNHead(channels, per_place),
            fg_iou_thresh=0.7,
            bg_iou_thresh=0.3,
            batch_size_per_image=256,
            positive_fraction=0.5,
            pre_nms_top_n={"training": 600, "testing": 600},
            post_nms_top_n={"training": 400, "testing": design.proposals},
            nms_thresh=0.5,  # the paper has 0.7; with so few proposals other places are worth more than better ones
        )
        if design.roi_convs:
            shape, convs = (channels, POOLED, POOLED), [channels] * design.roi_convs
            box_head: nn.Module = FastRCNNConvFCHead(shape, convs, [design.roi_units])
        else:
            box_head = TwoMLPHead(channels * POOLED**2, design.roi_units)
        # 112 pixels at stride 16, so that a cut-out has the 7 to 14 cells that it is pooled to.
        names = [str(level) for level in range(len(design.anchor_sizes))]
        self.roi_heads = RoIHeads(
            MultiScaleRoIAlign(names, POOLED, sampling_ratio=2, canonical_scale=112, canonical_level=4),
            box_head,
            Predictor(design.roi_units, class_count),
            fg_iou_thresh=0.5,
            bg_iou_thresh=0.5,
            batch_size_per_image=design.looks,
            positive_fraction=0.25,
            bbox_reg_weights=None,
            score_thresh=0.0,
            nms_thresh=0.5,
            detections_per_img=design.proposals,
        )

        self.score_map = ScoreMap(class_count)

    @torch.no_grad()
    def calibrate(self, scale: Tensor, shift: Tensor) -> None:
        """Make of every score `sigmoid(scale * logit(score) + shift)`, in place; `[C]` each."""
        self.score_map.then(scale, shift)

    def freeze_pyramid(self) -> None:
        """Backbone and neck, their batch norms too, stay as they are from now on, also in training mode."""
        self.frozen = True
        for part in (self.backbone, self.neck):
            if part is not None:
                part.requires_grad_(False)
        self.train(self.training)

    def train(self, mode: bool = True) -> FasterRCNN:
        super().train(mode)
        if self.frozen:
            for part in (self.backbone, self.neck):
                if part is not None:
                    part.eval()
        return self

    def levels(self, images: Tensor) -> list[Tensor]:
        """What both stages look at: `[B, C, S / stride, S / stride]` for each level."""
        if self.neck is None:
            return [self.backbone(images)[-1]]
        return list(self.neck(*level_maps(self.backbone, images)))

    def forward(self, images: Tensor) -> TwoStageOutput:
        return self.look_twice(self.levels(images), images)

    def look_twice(self, levels: list[Tensor], images: Tensor) -> TwoStageOutput:
        """Both stages on the maps of `images`, of which only size and device count."""
        sizes = [(images.shape[-2], images.shape[-1])] * len(images)
        boxes, objectness = propose(self.rpn, ImageList(images, sizes), levels)
        maps = {str(level): x for level, x in enumerate(levels)}
        scores, mended = self._second_look(maps, boxes, sizes)
        counts, most = [len(one) for one in boxes], self.rpn.post_nms_top_n()
        if self.design.refined:
            inside = [clip_boxes_to_image(one, sizes[0]) for one in mended.split(counts)]
            again, mended = self._second_look(maps, inside, sizes)
            scores = (scores + again) / 2
        share = self.design.objectness_share
        scores = self.score_map(scores ** (1 - share) * torch.cat(objectness)[:, None] ** share)
        return TwoStageOutput(
            filled(scores.split(counts), most),
            filled(mended.split(counts), most),
            filled(boxes, most),
            filled(objectness, most),
        )

    def _second_look(
        self, maps: dict[str, Tensor], boxes: list[Tensor], sizes: list[tuple[int, int]]
    ) -> tuple[Tensor, Tensor]:
        """Scores `[R, C]` and mended boxes `[R, 4]` of all boxes of all images."""
        cut_out = self.roi_heads.box_roi_pool(maps, boxes, sizes)  # [R, C, 7, 7]
        logits, deltas = self.roi_heads.box_predictor(self.roi_heads.box_head(cut_out))
        # Without any proposal torchvision forgets the last axis. [R, 4], the same for every class
        mended = self.roi_heads.box_coder.decode(deltas, boxes).reshape(*logits.shape, 4)[:, 0]
        return F.softmax(logits, dim=-1)[:, 1:], mended

    def losses(self, levels: list[Tensor], images: Tensor, targets: list[dict[str, Tensor]]) -> dict[str, Tensor]:
        """Both stages' losses (the paper's equation 1, and Fast R-CNN's), unweighted, in training mode.

        Args:
            targets: of each image `boxes` `[M, 4]` xyxy in input pixels and `labels` `[M]`, 0..C-1.
        """
        shifted = [{"boxes": one["boxes"], "labels": one["labels"] + 1} for one in targets]  # 0 is the background
        sizes = [(images.shape[-2], images.shape[-1])] * len(images)
        maps = {str(level): x for level, x in enumerate(levels)}
        proposals, first = self.rpn(ImageList(images, sizes), maps, shifted)
        _, second = self.roi_heads(maps, proposals, sizes, shifted)
        return {
            "objectness": first["loss_objectness"],
            "proposal_box": first["loss_rpn_box_reg"],
            "class": second["loss_classifier"],
            "box": second["loss_box_reg"],
        }


def from_vgg_yolo(network: FasterRCNN, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A state dict to start `network` from: what VGG-YOLO's tensors `backbone.*`, `neck.*`, `head.*` have to give.

    Backbone and neck are taken as they are. The towers of the head become those of the first stage; the class tower,
    its batch norms folded, also becomes the first convolutions of the second stage. All other layers stay new.
    """
    start = dict(network.state_dict())
    for name, tensor in tensors.items():
        new_name = f"rpn.{name}" if name.startswith("head.") else name
        if new_name in start:
            start[new_name] = tensor
    for number in range(network.design.roi_convs):
        if f"head.class_tower.{number}.conv.weight" in tensors:
            weight, bias = _folded(tensors, f"head.class_tower.{number}.")
            start[f"roi_heads.box_head.{number}.0.weight"], start[f"roi_heads.box_head.{number}.0.bias"] = weight, bias
    return start


def _folded(tensors: Mapping[str, Tensor], prefix: str) -> tuple[Tensor, Tensor]:
    """Weight and bias of a `ConvBNReLU` of a state dict, its batch norm folded in."""
    weight = tensors[f"{prefix}conv.weight"].float()
    block = ConvBNReLU(weight.shape[1], weight.shape[0])
    own = block.state_dict()
    block.load_state_dict({name: tensors.get(prefix + name, own[name]).to(own[name].dtype) for name in own})
    block.fold()
    assert block.conv.bias is not None
    return block.conv.weight.detach(), block.conv.bias.detach()

"""What is explained: the one number of a forward pass whose gradient is taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from detector.errors import OptionError
from detector.geometry import box_iou
from detector.inspection.anatomy import Point

CLASS_LOGITS = "roi_heads.box_predictor.cls_score"
SAME_BOX_IOU = 0.5
NEARLY_ONE_BOX = 0.05


class Target(Protocol):
    """A number of a forward pass."""

    def points(self, network: nn.Module) -> tuple[Point, ...]:
        """The outputs inside the network that it is read from."""

    def value(self, network: nn.Module, outputs: Any, kept: Mapping[Point, Tensor]) -> Tensor:
        """The number, a tensor of no axes.

        Args:
            outputs: what the network gave for one image. kept: its outputs at `points`.

        Raises:
            OptionError: there is no such number.
        """


@dataclass(frozen=True)
class DetectionTarget:
    """How sure the network is that a detection is of its class: the class *logit*, which no other box shares.

    A sigmoid or softmax would only scale the gradient, towards zero for the surest detections.

    origin: the row of the network's own output (`Family.output_row`). label: of the detection. box_xyxy: the
    candidate's box, not cut to the frame, in pixels of the network's input (`Letterbox.to_input`). A two-stage network
    needs it: its proposals come in another order whenever it computes in another precision, so there the proposal is
    meant whose box came out most like this one.
    """

    origin: int
    label: int
    box_xyxy: tuple[float, float, float, float] | None = None

    def points(self, network: nn.Module) -> tuple[Point, ...]:
        return (Point(CLASS_LOGITS),) if _is_two_stage(network) else ()

    def value(self, network: nn.Module, outputs: Any, kept: Mapping[Point, Tensor]) -> Tensor:
        """The class logit; of a two-stage network the logarithm of the odds of the class against all others.

        A softmax has no logits of its own: adding the same number to all of them changes nothing, so a gradient of one
        alone also shows what raises every class at once. The odds, `z - logsumexp(others)`, do not have this.
        """
        answers = outputs.scores[0] if _is_two_stage(network) else outputs.class_logits[0]  # [N, C]
        if not (0 <= self.origin < answers.shape[0] and 0 <= self.label < answers.shape[1]):
            raise OptionError("this detection is not of this network at this input size; select it again.")
        if not _is_two_stage(network):
            return answers[self.origin, self.label]
        row = self._proposal_row(outputs)
        column = int(_columns(network, outputs.scores.shape[-1])[self.label])
        logits = kept[Point(CLASS_LOGITS)][row].float()  # [1 + C]
        others = torch.ones_like(logits, dtype=torch.bool)
        others[column] = False
        return logits[column] - logits[others].logsumexp(0)

    def _proposal_row(self, outputs: Any) -> int:
        if self.box_xyxy is None:
            return self.origin
        real = int((outputs.objectness[0] > 0).sum())
        boxes = outputs.boxes_xyxy[0, :real].detach()
        own = boxes[:, self.label] if boxes.ndim == 3 else boxes
        if len(own) == 0:
            raise OptionError("the network proposes nothing on this frame, so there is no box to explain.")
        overlaps = torch.from_numpy(box_iou(own.numpy(), torch.tensor([self.box_xyxy]).numpy()))[:, 0]  # [P]
        best = float(overlaps.max())
        if best < SAME_BOX_IOU:
            raise OptionError("the network does not find this box again on this frame; select another detection.")
        # Several proposals are often mended to nearly one box; the surest of them is what outlived the others.
        near = overlaps >= best - NEARLY_ONE_BOX
        return int(torch.where(near, outputs.scores[0, :real, self.label].detach(), -1.0).argmax())


@dataclass(frozen=True)
class UnitTarget:
    """The activation of one unit: a channel of a layer at one place of its map, or a unit of a linear layer."""

    layer: Point
    channel: int
    y: int = 0
    x: int = 0

    def points(self, network: nn.Module) -> tuple[Point, ...]:
        return (self.layer,)

    def value(self, network: nn.Module, outputs: Any, kept: Mapping[Point, Tensor]) -> Tensor:
        first = kept[self.layer][0]  # [C, H, W], or [C]
        place = (self.channel, self.y, self.x)[: first.ndim]
        if not all(0 <= index < side for index, side in zip(place, first.shape, strict=True)):
            sides = " x ".join(str(side) for side in first.shape)
            raise OptionError(f"there is no unit {place} in {self.layer.module}, whose maps are {sides}.")
        return first[place]


def _is_two_stage(network: nn.Module) -> bool:
    return hasattr(network, "roi_heads")


def _columns(network: nn.Module, class_count: int) -> Tensor:
    """For each label the column of the class logits; the background stands first."""
    columns = getattr(network, "columns", None)
    return columns if isinstance(columns, Tensor) else torch.arange(1, class_count + 1)

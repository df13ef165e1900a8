"""LayerCAM: where in the frame the evidence for one detection lies.

Jiang et al., "LayerCAM: Exploring Hierarchical Class Activation Maps for Localization" (IEEE TIP 2021). Every unit of a
layer is weighted by its own gradient, so the maps are fine also in shallow layers; and the number whose gradient is
taken belongs to one box and class, so the map does too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from detector.inspection.anatomy import Point
from detector.inspection.network_copy import run_watched, watched
from detector.inspection.targets import Target

LIFT = 2.0
EXPLAINED_STRIDES = (8, 16, 32)
Fusing = Literal["common", "highest"]


def layer_cam(activations: Tensor, gradients: Tensor) -> Tensor:
    """Activations and gradients `[C, H, W]` -> the map `[H, W]`, >= 0 (equations 5 to 7)."""
    return (activations * gradients.relu()).sum(0).relu()


def explain_detections(
    network: nn.Module, inputs: Tensor, targets: Sequence[Target], layers: Sequence[Point]
) -> list[list[NDArray[np.float32]]]:
    """Maps of several targets on one frame: one forward pass, and one backward pass for each target.

    Args:
        network: a `shared_copy`.
        inputs: `[1, 3, H, W]` float, 0..1.

    Returns:
        For each target a map float32 `[h, w]`, >= 0, of each of `layers`; all zeros where a layer has no part in it.

    Raises:
        OptionError: a layer does not run, or the network has no such target.
    """
    needed = [point for target in targets for point in target.points(network)]
    outputs, kept = run_watched(network, inputs, [*layers, *needed])
    activations = [kept[layer] for layer in layers]
    maps = []
    with torch.inference_mode(False), torch.enable_grad():
        for number, target in enumerate(targets, start=1):
            value = target.value(network, outputs, kept)
            gradients = torch.autograd.grad(value, activations, retain_graph=number < len(targets), allow_unused=True)
            maps.append([_map_of(a, g) for a, g in zip(activations, gradients, strict=True)])
    return maps


def explain_detection(
    network: nn.Module, inputs: Tensor, target: Target, layers: Sequence[Point]
) -> list[NDArray[np.float32]]:
    """Maps of one target, as `explain_detections`: one forward and one backward pass for all `layers`."""
    return explain_detections(network, inputs, [target], layers)[0]


def default_layers(network: nn.Module, inputs: Tensor) -> tuple[Point, ...]:
    """The backbone's last layer at each of the strides 8, 16, 32: what detections are explained by.

    Behind the backbone, in neck and head, gradients reach few cells around the box by construction, so heat there says
    nothing of what the network looked at; before stride 8 it lies on edges.

    Args:
        network: a `shared_copy`. inputs: `[1, 3, H, W]`; one forward pass tells the strides.
    """
    trunk = "backbone.body" if hasattr(network.get_submodule("backbone"), "body") else "backbone"
    parts = network.get_submodule(trunk).named_children()
    points = [Point(f"{trunk}.{name}") for name, part in parts if any(True for _ in part.parameters())]
    with torch.no_grad(), watched(network, points) as kept:
        network(inputs)
    strides = {point: round(inputs.shape[-2] / kept[point].shape[-2]) for point in points if point in kept}
    last = {stride: point for point, stride in strides.items()}
    return tuple(last[stride] for stride in EXPLAINED_STRIDES if stride in last)


def fuse(
    maps: Sequence[NDArray[np.float32]],
    size_hw: tuple[int, int],
    how: Fusing = "common",
    lifted: Sequence[bool] = (),
) -> NDArray[np.float32]:
    """One map of those of several layers.

    Args:
        maps: each `[h, w]`, >= 0, of any size. Maps that are zero everywhere do not count.
        size_hw: of the map that comes out.
        how: "highest" takes the highest at each place, as the paper does (section III-C). "common" takes the geometric
            mean: heat where all layers have some. On the shipped detectors more of it lies on the detection.
        lifted: which maps are first lifted by `tanh(2 m / max m)` (equation 9), as the paper does with shallow layers,
            where a few units outshine all others. By default none.

    Returns:
        float32 `[H, W]`, 0..1; all zeros where all maps are.
    """
    height, width = size_hw
    scaled = []
    for number, one in enumerate(maps):
        peak = float(one.max(initial=0))
        if peak > 0:
            share = one / peak
            if number < len(lifted) and lifted[number]:
                share = np.tanh(LIFT * share)
            scaled.append(cv2.resize(share.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR))
    if not scaled:
        return np.zeros(size_hw, np.float32)
    stack = np.stack(scaled)
    fused = stack.max(axis=0) if how == "highest" else np.prod(stack, axis=0) ** (1 / len(stack))
    return fused.astype(np.float32)


def _map_of(activations: Tensor, gradients: Tensor | None) -> NDArray[np.float32]:
    first = activations[0].detach()
    found = torch.zeros(first.shape[-2:]) if gradients is None else layer_cam(first, gradients[0])
    return found.float().numpy()

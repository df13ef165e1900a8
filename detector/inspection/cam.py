"""LayerCAM: where in the frame the evidence for one detection lies.

Jiang et al., "LayerCAM: Exploring Hierarchical Class Activation Maps for Localization" (IEEE TIP 2021). Every unit of a
layer is weighted by its own gradient, so the maps are fine also in shallow layers; and the number whose gradient is
taken belongs to one box and class, so the map does too.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from detector.inspection.anatomy import Point
from detector.inspection.network_copy import run_watched
from detector.inspection.targets import Target

SHALLOW_GAIN = 2.0


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


def fuse(
    maps: Sequence[NDArray[np.float32]], size_hw: tuple[int, int], shallow: Sequence[bool] = ()
) -> NDArray[np.float32]:
    """One map of those of several layers: the highest at each place (section III-C).

    Args:
        maps: each `[h, w]`, >= 0, of any size.
        size_hw: of the map that comes out.
        shallow: which maps are of shallow layers, where a few units outshine all others; these are lifted by
            `tanh(2 m / max m)` (equation 9). By default none.

    Returns:
        float32 `[H, W]`, 0..1; all zeros where all maps are.
    """
    height, width = size_hw
    fused = np.zeros(size_hw, np.float32)
    for number, one in enumerate(maps):
        peak = float(one.max(initial=0))
        if peak > 0:
            scaled = one / peak
            if number < len(shallow) and shallow[number]:
                scaled = np.tanh(SHALLOW_GAIN * scaled)
            resized = cv2.resize(scaled.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
            fused = np.maximum(fused, resized)
    return fused


def _map_of(activations: Tensor, gradients: Tensor | None) -> NDArray[np.float32]:
    first = activations[0].detach()
    found = torch.zeros(first.shape[-2:]) if gradients is None else layer_cam(first, gradients[0])
    return found.float().numpy()

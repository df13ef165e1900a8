"""Copies of the network that answers, for the thread that explains it. Nothing of Qt's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from detector.detector import Detector
from detector.geometry import Letterbox
from gui.inspect.torch_twin import torch_engine

if TYPE_CHECKING:
    # They bring torch, which takes seconds to import; it is there once a model that can be explained is.
    from torch import Tensor, nn

    from detector.inspection.anatomy import Point
    from detector.inspection.projection import Rule


class Networks:
    """Made as they are needed, all around the same weights. To be used by one thread."""

    def __init__(self) -> None:
        self._copies: dict[tuple[int, str], nn.Module] = {}
        self._points: dict[tuple[int, tuple[int, ...]], tuple[Point, ...]] = {}
        # Kept, so that no other one gets their number.
        self._detectors: list[Detector] = []

    def plain(self, detector: Detector) -> nn.Module:
        """A copy with the gradients as they are."""
        from detector.inspection.network_copy import shared_copy

        return self._copy(detector, "", lambda network: shared_copy(network))

    def ruled(self, detector: Detector, rule: Rule) -> nn.Module:
        """A copy whose ReLUs send back by `rule`."""
        from detector.inspection.projection import ruled_copy

        return self._copy(detector, rule, lambda network: ruled_copy(network, rule))

    def default_points(self, detector: Detector, inputs: Tensor) -> tuple[Point, ...]:
        """Where boxes are explained by default, found once for each size of input."""
        from detector.inspection.cam import default_layers

        key = (id(detector), tuple(inputs.shape))
        if key not in self._points:
            self._points[key] = default_layers(self.plain(detector), inputs)
        return self._points[key]

    def _copy(self, detector: Detector, name: str, make: Any) -> nn.Module:
        key = (id(detector), name)
        if key not in self._copies:
            self._copies[key] = make(torch_engine(detector).network)
            self._detectors.append(detector)
        return self._copies[key]


def prepared(detector: Detector, image: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], Tensor, Letterbox]:
    """A frame as the network gets it: uint8 `[h, w, 3]`, float `[1, 3, h, w]` in 0..1, and where the frame lies."""
    import torch

    tensor, letterbox = detector.prepare(image)
    inputs = torch.from_numpy(tensor).permute(2, 0, 1)[None].float() / 255
    return tensor, inputs, letterbox

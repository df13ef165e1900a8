"""The network in torch of a model that another engine runs: what cannot be looked into there can be here."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detector.detector import Detector
from detector.registry import load_detector

if TYPE_CHECKING:
    # They bring torch, which takes seconds to import.

    from detector.engines.torch_engine import TorchEngine

MODELS_KEPT = 2
"""One for each canvas."""


def is_tapped(detector: Detector) -> bool:
    """Whether layers can be read while the lane runs the network: on a GPU they would hold it up."""
    return getattr(detector.engine, "network", None) is not None and getattr(detector.engine, "on_cpu", True)


def can_be_read(detector: Detector) -> bool:
    """Whether layers can be read at all, if need be by running frames a second time in torch."""
    return is_tapped(detector) or detector.engine.name in ("openvino", "torch")


def torch_engine(detector: Detector) -> TorchEngine:
    """In the background: the detector's engine, or torch with the same weights. It may load them, which takes seconds.

    Raises:
        LooktwiceError: the weights cannot be loaded.
    """
    if is_tapped(detector):
        engine: Any = detector.engine
        return engine
    return _twin(detector.info.file, "bf16" if detector.engine.precision == "bf16" else "f32")


@lru_cache(maxsize=MODELS_KEPT)
def _twin(file: Path, precision: Any) -> TorchEngine:
    engine: Any = load_detector(str(file), precision=precision, engine="torch", device="cpu").engine
    return engine

"""VGG-YOLO as ONNX and as TorchScript: RGB planes in, class logits and distances out."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from pathlib import Path

import torch

from detector.errors import OptionError, OutputError
from detector.exporting.exportable import OUTPUTS, PLANES, Exportable, example_planes

OPSET = 18
DYNAMIC = {
    PLANES: {0: "frames", 2: "height", 3: "width"},
    **{name: {0: "frames", 1: "anchor_points"} for name in OUTPUTS},
}


def write_onnx(network: Exportable, path: Path) -> None:
    """An ONNX file for every input size.

    Raises:
        OptionError: the package onnx is not installed. OutputError: it cannot be written.
    """
    try:
        import onnx  # noqa: F401 (torch's exporter needs it, and says so in many lines)
    except ImportError as error:
        raise OptionError("exporting to ONNX needs the package onnx: pip install 'looktwice[train]'.") from error

    def write(beside: Path) -> None:
        with warnings.catch_warnings():
            # It traces by a way that torch calls old; the new one needs one more package.
            warnings.simplefilter("ignore")
            torch.onnx.export(
                network,
                (example_planes(),),
                str(beside),
                dynamo=False,
                opset_version=OPSET,
                input_names=[PLANES],
                output_names=list(OUTPUTS),
                dynamic_axes=DYNAMIC,
            )

    _beside(path, write)


def write_torchscript(network: Exportable, path: Path) -> None:
    """A traced TorchScript file for every input size. Raises OutputError: it cannot be written."""

    def write(beside: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.jit.save(torch.jit.trace(network, example_planes()), str(beside))

    _beside(path, write)


def _beside(path: Path, write: Callable[[Path], None]) -> None:
    beside = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        write(beside)
        os.replace(beside, path)
    except (OSError, RuntimeError) as error:
        beside.unlink(missing_ok=True)
        raise OutputError(f"{path} cannot be written: {error}.") from error

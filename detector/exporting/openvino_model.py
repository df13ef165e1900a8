"""VGG-YOLO in OpenVINO's form: RGB uint8 frames in, kernels in half precision or int8."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from detector.engines.openvino_engine import in_another_thread
from detector.errors import OptionError, OutputError
from detector.exporting.exportable import OUTPUTS, Exportable, example_planes
from detector.openvino_files import Numbers, xml_of

CALIBRATION_PHOTOGRAPHS = 300
LAST_LAYERS = rf".*\.head\.({'|'.join(OUTPUTS)})/.*Convolution.*"
"""Their names in OpenVINO, which come from those of the modules in torch."""


def keep_to_ourselves() -> None:
    """Have OpenVINO's tools send no usage data, which they do by default. To be called before they are imported."""
    os.environ.setdefault("NNCF_CI", "1")
    # Without this module they have nothing to send with, and say so to themselves only.
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]


def to_openvino(network: Exportable) -> Any:
    """An `openvino.Model` that takes RGB uint8 `[B, H, W, 3]` of any size that is a multiple of 32.

    Raises:
        OptionError: OpenVINO is not installed.
    """
    keep_to_ourselves()
    try:
        import openvino  # noqa: F401 (what follows needs it)
    except ImportError as error:
        raise OptionError("exporting to OpenVINO needs it: pip install openvino.") from error
    model = converted(network, example_planes())
    for output, name in zip(model.outputs, OUTPUTS, strict=True):
        output.set_names({name})
    return taking_frames(model)


def converted(network: nn.Module, example: Tensor) -> Any:
    """An `openvino.Model` of a network that takes planes `[B, 3, H, W]`, of any size that it can take.

    Raises:
        RuntimeError: it does something that OpenVINO cannot.
    """
    import openvino

    with warnings.catch_warnings():
        # It traces by a way that torch calls old.
        warnings.simplefilter("ignore")
        model = openvino.convert_model(network, example_input=example)
    model.reshape({0: [-1, 3, -1, -1]})
    return model


def taking_frames(model: Any, bgr: bool = False, scale: float = 255.0) -> Any:
    """The same model taking RGB uint8 `[B, H, W, 3]`; a model of planes in BGR, or not in 0..1, has to be told as such.

    Args:
        scale: what frames are divided by.
    """
    import openvino

    steps = openvino.preprocess.PrePostProcessor(model)
    tensor, layout = steps.input(0).tensor(), openvino.Layout("NHWC")
    tensor.set_element_type(openvino.Type.u8).set_layout(layout).set_shape([-1, -1, -1, 3])
    steps.input(0).model().set_layout(openvino.Layout("NCHW"))
    preprocess = steps.input(0).preprocess().convert_element_type(openvino.Type.f32)
    if bgr:
        tensor.set_color_format(openvino.preprocess.ColorFormat.RGB)
        preprocess.convert_color(openvino.preprocess.ColorFormat.BGR)
    if scale != 1:
        preprocess.scale(scale)
    return steps.build()


def to_int8(model: Any, frames: Sequence[NDArray[np.uint8]]) -> Any:
    """The same model computing in int8, its ranges measured on `frames`, RGB uint8 `[S, S, 3]` of one size.

    Post-training quantisation (NNCF): kernels by channel, maps by layer, biases mended for the mean error. The last
    1x1 convolutions stay in floating point: what they give is the answer itself, and no later layer makes good for its
    steps. They are a thousandth of the work. docs/performance.md tells what each part of this is worth.

    Raises:
        OptionError: NNCF is not installed.
    """
    keep_to_ourselves()
    try:
        import nncf
    except ImportError as error:
        raise OptionError("making an int8 model needs NNCF: pip install 'looktwice[export]'.") from error
    model.reshape([1, *frames[0].shape])
    data = nncf.Dataset(frames, lambda frame: frame[None])
    # It runs the model, and so compiles it.
    quantised = in_another_thread(
        lambda: nncf.quantize(
            model,
            data,
            preset=nncf.QuantizationPreset.PERFORMANCE,
            subset_size=len(frames),
            ignored_scope=nncf.IgnoredScope(patterns=[LAST_LAYERS]),
            # The exact correction measures each layer behind those that were corrected already; it takes a minute.
            fast_bias_correction=False,
        )
    )
    quantised.reshape([-1, -1, -1, 3])
    return quantised


def save_openvino(model: Any, weights: Path, numbers: Numbers) -> Path:
    """Write a model beside its weights file, the `.bin` before the `.xml`, each beside and renamed.

    Raises:
        OutputError: it cannot be written.
    """
    import openvino

    xml = xml_of(weights, numbers)
    beside = xml.with_name(f".{os.getpid()}.{xml.name}")
    try:
        # Half precision for whatever is not int8.
        openvino.save_model(model, beside, compress_to_fp16=True)
        os.replace(beside.with_suffix(".bin"), xml.with_suffix(".bin"))
        os.replace(beside, xml)
    except (OSError, RuntimeError) as error:
        for file in (beside, beside.with_suffix(".bin")):
            file.unlink(missing_ok=True)
        raise OutputError(f"{xml} cannot be written: {error}.") from error
    return xml

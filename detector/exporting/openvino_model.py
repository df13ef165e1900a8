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

from detector.errors import OptionError, OutputError
from detector.exporting.exportable import OUTPUTS, Exportable, example_planes
from detector.openvino_files import Numbers, xml_of

CALIBRATION_PHOTOGRAPHS = 300


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
        import openvino
    except ImportError as error:
        raise OptionError("exporting to OpenVINO needs it: pip install openvino.") from error
    with warnings.catch_warnings():
        # It traces by a way that torch calls old.
        warnings.simplefilter("ignore")
        model = openvino.convert_model(network, example_input=example_planes())
    model.reshape({0: [-1, 3, -1, -1]})
    for output, name in zip(model.outputs, OUTPUTS, strict=True):
        output.set_names({name})
    steps = openvino.preprocess.PrePostProcessor(model)
    steps.input(0).tensor().set_element_type(openvino.Type.u8)
    steps.input(0).tensor().set_layout(openvino.Layout("NHWC")).set_shape([-1, -1, -1, 3])
    steps.input(0).model().set_layout(openvino.Layout("NCHW"))
    steps.input(0).preprocess().convert_element_type(openvino.Type.f32).scale(255.0)
    return steps.build()


def to_int8(model: Any, frames: Sequence[NDArray[np.uint8]]) -> Any:
    """The same model computing in int8, its ranges measured on `frames`, RGB uint8 `[S, S, 3]` of one size.

    Plain post-training quantisation (NNCF): kernels by channel, maps by layer, biases mended for the mean error.

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
    quantised = nncf.quantize(model, data, preset=nncf.QuantizationPreset.PERFORMANCE, subset_size=len(frames))
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

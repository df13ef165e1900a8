"""Writes VGG-YOLO in the form of another engine, and runs what it wrote.

  openvino     NAME.f16.xml and .bin, kernels in half precision, from which f32 and bf16 are computed; with
               --calibrate also NAME.int8.xml and .bin. NAME.openvino.json names them with their checksums. Beside the
               weights file they are what the engine `openvino` runs.
               input: RGB uint8 [B, H, W, 3]
  onnx         NAME.onnx.          input `rgb`: RGB planes, float32 [B, 3, H, W] in 0..1
  torchscript  NAME.torchscript.pt. input as for onnx

H and W are multiples of 32. A frame is scaled to fit, laid into the top left corner, and the rest filled with 114.

outputs, for every cell (anchor point) of the grids of strides 8, 16 and 32, in this order and row by row:
  class_logits [B, N, C]   the score of a class is 1 / (1 + exp(-logit))
  distances    [B, N, 4]   from the cell's middle to the left, top, right and bottom side, in strides

So a cell in column x and row y of stride s has its middle at ((x + 0.5) s, (y + 0.5) s), and its box is from
(middle - s (left, top)) to (middle + s (right, bottom)). Then keep scores above a threshold, and of boxes of one class
that overlap (IoU) more than 0.5 the best.

Every file is run after it is written, on photographs of --calibrate or on noise, and compared with torch box by box.

examples:
  looktwice export --format openvino --calibrate voc/train
  looktwice export --format onnx --output exported
  looktwice export --format torchscript --model runs/a/weights.safetensors --output exported

exit code: 0 written, and boxes agree as the format promises; 1 written, but they do not; 2 nothing was written.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.errors import OptionError, OutputError
from detector.registry import DEFAULT_MODEL, model_info

AGREE_SHARE = 0.999
"""Of the boxes, for what computes in f32."""
CHECKED_PHOTOGRAPHS, NOISE_FRAMES = 50, 4


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", required=True, choices=("openvino", "onnx", "torchscript"))
    parser.add_argument(
        "--model", default=DEFAULT_MODEL, help=f"a name or a .safetensors file; {DEFAULT_MODEL} by default"
    )
    parser.add_argument("--output", type=Path, metavar="DIR", help="by default beside the weights file")
    parser.add_argument(
        "--calibrate", type=Path, metavar="DIR",
        help="photographs of the kind that the model was trained on; with them an int8 model is made too",
    )  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    info = model_info(arguments.model)
    if info.file.suffix != ".safetensors":
        raise OptionError(f"{info.file} cannot be exported; only Looktwice's own .safetensors files can.")
    if arguments.calibrate is not None and arguments.format != "openvino":
        raise OptionError("--calibrate makes an int8 model for OpenVINO; leave it out for other formats.")
    from detector.exporting.exportable import load_exportable

    network = load_exportable(info.file)
    weights = _beside(info.file, arguments.output)
    frames = _frames(arguments.calibrate, info.size)
    if arguments.format == "openvino":
        return _to_openvino(network, weights, info.size, frames, arguments.calibrate)
    return _to_other(network, weights, arguments.format, frames)


def _beside(file: Path, output: Path | None) -> Path:
    """The weights file that exported files are to lie beside: itself, or a copy in the folder that was asked for."""
    if output is None or output.resolve() == file.parent.resolve():
        return file
    try:
        output.mkdir(parents=True, exist_ok=True)
        return Path(shutil.copy2(file, output / file.name))
    except OSError as error:
        raise OutputError(f"{output} cannot be written to: {error.strerror or error}.") from error


def _frames(folder: Path | None, size: int) -> list[NDArray[np.uint8]]:
    if folder is None:
        noise = np.random.default_rng(0)
        return [noise.integers(0, 256, (size, size, 3), np.uint8) for _ in range(NOISE_FRAMES)]
    from detector.exporting.calibration import some_inputs
    from detector.exporting.openvino_model import CALIBRATION_PHOTOGRAPHS

    return some_inputs(folder, CALIBRATION_PHOTOGRAPHS, size)


def _to_openvino(network: Any, weights: Path, size: int, frames: Sequence[NDArray[np.uint8]], photographs: Any) -> int:
    from detector.engines.openvino_engine import IrFile
    from detector.exporting import checking
    from detector.exporting.openvino_model import save_openvino, to_int8, to_openvino
    from detector.openvino_files import Numbers, write_list

    model = to_openvino(network)
    made: dict[Numbers, dict[str, str]] = {"f16": {}}
    xml = save_openvino(model, weights, "f16")
    print(f"{xml}: {_megabytes(xml)}")
    if photographs is not None:
        xml_int8 = save_openvino(to_int8(model, frames), weights, "int8")
        made["int8"] = {"measured_on": f"{len(frames)} photographs"}
        print(f"{xml_int8}: {_megabytes(xml_int8)}")
    print(write_list(weights, made))
    some = frames[:CHECKED_PHOTOGRAPHS]
    reference = checking.run_in_torch(network)
    found = checking.agreement(reference, checking.run_openvino(IrFile(xml, "f32"), size), some)
    code = _tell("f32", found)
    if photographs is not None:
        int8 = checking.agreement(reference, checking.run_openvino(IrFile(xml_int8, "int8"), size), some)
        _tell("int8, which is not expected to match", int8)
    return code


def _to_other(network: Any, weights: Path, form: str, frames: Sequence[NDArray[np.uint8]]) -> int:
    from detector.exporting import checking
    from detector.exporting.other_forms import write_onnx, write_torchscript

    if form == "onnx":
        path = weights.with_suffix(".onnx")
        write_onnx(network, path)
        run_it = checking.run_onnx(path)
    else:
        path = weights.with_suffix(".torchscript.pt")
        write_torchscript(network, path)
        run_it = checking.run_torchscript(path)
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")
    return _tell("f32", checking.agreement(checking.run_in_torch(network), run_it, frames))


def _tell(what: str, found: Any) -> int:
    """Print how far the boxes agree; the exit code."""
    from detector.exporting.checking import MATCH_IOU, MATCH_SCORE, SCORE_FLOOR

    print(
        f"{what}: {found.matching} of {found.boxes} boxes with a score of {SCORE_FLOOR} match torch's (IoU above "
        f"{MATCH_IOU}, scores within {MATCH_SCORE}); the largest difference of a score is {found.worst_score:.5f}"
    )
    if what == "f32" and found.share < AGREE_SHARE:
        print("looktwice: what was written does not agree with torch; do not use it, and report this.", file=sys.stderr)
        return 1
    return 0


def _megabytes(xml: Path) -> str:
    return f"{(xml.stat().st_size + xml.with_suffix('.bin').stat().st_size) / 1e6:.1f} MB"

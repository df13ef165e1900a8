"""Named models and files of models: what there is, and how to load one. Imports torch only when a model needs it."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Literal

import weights
from detector.detector import CANDIDATE_FLOOR, Detector, ModelInfo
from detector.engines.shared_libraries import preload_torch
from detector.engines.threads import settle_threads
from detector.errors import OptionError, WeightsError
from detector.weights_file import WeightsCard, read_card

SHIPPED = ("vgg-yolo-voc20",)
DEFAULT_MODEL = "vgg-yolo-voc20"
PrecisionChoice = Literal["auto", "f32", "bf16"]


def installed_models() -> list[ModelInfo]:
    """Every shipped model whose weights file is there and readable as far as its card goes."""
    return [model_info(name) for name in SHIPPED if weights.path(f"{name}.safetensors").is_file()]


def model_info(model: str) -> ModelInfo:
    """What is known of a model without loading it.

    Args:
        model: a shipped name, or the path of a `.safetensors` or `.onnx` file.

    Raises:
        OptionError: no such model. WeightsError: its file is missing or damaged.
    """
    if model in SHIPPED:
        return _info_from_card(weights.path(f"{model}.safetensors"))
    path = Path(model).expanduser()
    if path.suffix == ".safetensors":
        return _info_from_card(path)
    if path.suffix == ".onnx":
        if not path.is_file():
            raise WeightsError(f"the model file {path} does not exist; give the path of an ONNX file.")
        from detector.families.coco import VOC_CLASS_NAMES

        return ModelInfo(path.stem, VOC_CLASS_NAMES, 416, path, "YOLOX, ONNX file, COCO classes told in VOC's words")
    close = get_close_matches(model, SHIPPED, n=1)
    hint = f"did you mean {close[0]}?" if close else f"there is {', '.join(SHIPPED)}, or give a weights file."
    raise OptionError(f"there is no model named {model!r}; {hint}")


def engines_of(info: ModelInfo) -> tuple[str, ...]:
    """The engines that can run a model, the one that is taken by itself first."""
    return ("onnxruntime",) if info.file.suffix == ".onnx" else ("torch",)


def precisions_of(info: ModelInfo) -> tuple[PrecisionChoice, ...]:
    """The precisions that `load_detector` takes for a model."""
    return ("auto", "f32") if info.file.suffix == ".onnx" else ("auto", "f32", "bf16")


def check_size(size: int) -> None:
    """Refuse an input side that no model here can take.

    Raises:
        OptionError: in one sentence.
    """
    if size % 32 or not 64 <= size <= 2048:
        raise OptionError(f"the input size is {size}; it must be a multiple of 32 from 64 to 2048.")


def load_detector(
    model: str = DEFAULT_MODEL,
    size: int | None = None,
    precision: PrecisionChoice = "auto",
    threads: int | None = None,
    floor: float = CANDIDATE_FLOOR,
) -> Detector:
    """Load a model onto an engine.

    Args:
        model: as for `model_info`.
        size: input side in pixels, a multiple of 32 from 64 to 2048; by default the model's own.
        precision: "auto" is bf16 where the CPU computes in it, else f32; `Detector.engine.precision` tells which.
        threads: for the network; by default all cores.
        floor: candidates whose best score is not above this are dropped at once.

    Raises:
        OptionError, WeightsError: in one sentence.
    """
    if size is not None:
        check_size(size)
    info = model_info(model)
    if info.file.suffix == ".onnx":
        from detector.engines.onnx_engine import OnnxEngine
        from detector.families.yolox_onnx import YoloxFamily

        if precision == "bf16":
            raise OptionError("ONNX models run in f32; leave out the precision.")
        return Detector(info, YoloxFamily(), OnnxEngine(info.file, threads), size, floor)

    settle_threads()
    preload_torch()
    import torch

    from detector.engines.torch_engine import TorchEngine, cpu_has_bf16
    from detector.families.vgg_yolo import VGGYoloFamily
    from detector.networks.storage import load_vgg_yolo
    from detector.networks.vgg import fold_batch_norm

    if threads:
        torch.set_num_threads(threads)
    network, _ = load_vgg_yolo(info.file)
    chosen = ("bf16" if cpu_has_bf16() else "f32") if precision == "auto" else precision
    return Detector(info, VGGYoloFamily(), TorchEngine(fold_batch_norm(network), chosen), size, floor)


def _info_from_card(path: Path) -> ModelInfo:
    card = read_card(path)
    return ModelInfo(
        name=card.name,
        class_names=card.class_names,
        size=card.input_size,
        file=path,
        summary=_summary(card),
        ap50=card.ap50,
        default_score=card.default_score,
    )


def _summary(card: WeightsCard) -> str:
    return f"{card.family} on {card.backbone_name}, {len(card.class_names)} classes, {card.input_size} px"

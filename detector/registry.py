"""Named models and files of models: what there is, and how to load one. Imports torch only when a model needs it."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import weights
from detector.detector import CANDIDATE_FLOOR, Detector, ModelInfo
from detector.downloads import Fetching, fetch, torch_hub_folder
from detector.engines.openvino_engine import openvino_is_there
from detector.engines.processor import fast_in_bf16, gpu_is_likely
from detector.engines.protocol import Precision
from detector.engines.shared_libraries import import_torch
from detector.engines.threads import settle_threads
from detector.errors import OptionError, WeightsError
from detector.families.protocol import Family
from detector.families.torchvision_coco import COCO_OUTPUTS, TorchvisionFamily, class_columns, class_names, recognise
from detector.families.torchvision_published import ARCHITECTURES, MEASURED_ON, PUBLISHED, Architecture, Published
from detector.machine import usable_cores
from detector.openvino_files import OpenVinoFiles, openvino_files
from detector.probe import Way, fastest, machine_key, memory_file
from detector.tensor_shapes import PICKLES, Shapes, tensor_shapes
from detector.weights_file import WeightsCard, is_ours, read_card

if TYPE_CHECKING:
    from torch import nn

log = logging.getLogger(__name__)

DEFAULT_MODEL = "vgg-yolo-voc20"
SHIPPED = (DEFAULT_MODEL, "faster-rcnn-vgg-voc20")
NAMED = (*SHIPPED, *PUBLISHED)
"""Every model that has a name; others are told by their files."""
PrecisionChoice = Literal["auto", "f32", "bf16", "int8"]
EngineChoice = Literal["auto", "torch", "openvino", "onnxruntime"]
DeviceChoice = Literal["auto", "cpu"]
PRECISIONS: tuple[PrecisionChoice, ...] = get_args(PrecisionChoice)
ENGINES: tuple[EngineChoice, ...] = get_args(EngineChoice)

TORCHVISION_SCORE = 0.5
"""Softmax scores of torchvision's models are higher than those of one-stage ones."""
LIKELY_FRAME_WH = (16, 9)
"""The shape of most cameras' and videos' frames."""


def installed_models() -> list[ModelInfo]:
    """Every model with a name whose weights file is on the disk and readable as far as its description goes."""
    shipped = [model_info(name) for name in SHIPPED if weights.path(f"{name}.safetensors").is_file()]
    return shipped + [info for info in map(model_info, PUBLISHED) if info.file.is_file()]


def model_info(model: str) -> ModelInfo:
    """What is known of a model without loading or fetching it.

    Args:
        model: a name, or the path of a file: `.safetensors`, `.onnx`, or torch's `.pth` or `.pt`.

    Raises:
        OptionError: no such model. WeightsError: its file is missing or damaged, or of no kind that is known here.
    """
    if model in SHIPPED:
        return _info_from_card(weights.path(f"{model}.safetensors"))
    if model in PUBLISHED:
        return _info_of_published(PUBLISHED[model])
    path = Path(model).expanduser()
    if path.suffix == ".safetensors" and (not path.is_file() or _may_be_ours(path)):
        return _info_from_card(path)
    if path.suffix in (*PICKLES, ".safetensors"):
        return _info_from_shapes(path)
    if path.suffix == ".onnx":
        if not path.is_file():
            raise WeightsError(f"the model file {path} does not exist; give the path of an ONNX file.")
        from detector.families.coco import VOC_CLASS_NAMES

        return ModelInfo(path.stem, VOC_CLASS_NAMES, 416, path, "YOLOX, ONNX file, COCO classes told in VOC's words")
    close = get_close_matches(model, NAMED, n=1)
    hint = f"did you mean {close[0]}?" if close else f"there is {', '.join(NAMED)}, or give a weights file."
    raise OptionError(f"there is no model named {model!r}; {hint}")


def engines_of(info: ModelInfo) -> tuple[EngineChoice, ...]:
    """The engines that can run a model here, the one that is taken by itself first. Reads a small file."""
    if info.file.suffix == ".onnx":
        return ("onnxruntime",)
    # Of the same precision OpenVINO is the faster one wherever it was measured: docs/performance.md.
    return ("openvino", "torch") if _openvino_files(info) is not None else ("torch",)


def precisions_of(info: ModelInfo, engine: EngineChoice = "auto") -> tuple[PrecisionChoice, ...]:
    """The precisions that `load_detector` takes for a model on an engine, on `auto` those of any. Reads the disk."""
    if info.file.suffix == ".onnx":
        return ("auto", "f32")
    files = _openvino_files(info)
    has_int8 = files is not None and "int8" in files.precisions and engine != "torch"
    return ("auto", "f32", "bf16", "int8") if has_int8 else ("auto", "f32", "bf16")


def _openvino_files(info: ModelInfo) -> OpenVinoFiles | None:
    """What OpenVINO could run of a model; None where there is nothing, or no OpenVINO."""
    if info.file.suffix != ".safetensors" or not openvino_is_there():
        return None
    return openvino_files(info.file)


def check_size(size: int) -> None:
    """Refuse an input side that no model here can take.

    Raises:
        OptionError: in one sentence.
    """
    if size % 32 or not 64 <= size <= 2048:
        raise OptionError(f"the input size is {size}; it must be a multiple of 32 from 64 to 2048.")


def fetch_model(model: str, fetching: Fetching | None = None) -> None:
    """Have the weights of a published model on the disk; nothing for every other one.

    Raises:
        WeightsError: it cannot be fetched or was given up, in one sentence.
    """
    published = PUBLISHED.get(model)
    if published is not None:
        file = torch_hub_folder() / published.file
        fetch(f"the weights of {model}", published.url, file, published.sha256_prefix, fetching)


def load_detector(
    model: str = DEFAULT_MODEL,
    size: int | None = None,
    precision: PrecisionChoice = "auto",
    threads: int | None = None,
    floor: float = CANDIDATE_FLOOR,
    fetching: Fetching | None = None,
    engine: EngineChoice = "auto",
    frames_at_once: int = 1,
    device: DeviceChoice = "auto",
) -> Detector:
    """Load a model onto an engine, after fetching its weights where they are not there yet.

    Args:
        model: as for `model_info`.
        size: input side in pixels, a multiple of 32 from 64 to 2048; by default the model's own.
        precision: "auto" is bf16 where that is faster here, else f32; `Detector.engine.precision` tells which.
        threads: for the network; by default all cores.
        floor: candidates whose best score is not above this are dropped at once.
        fetching: told how much of the weights has come; `stop` gives the fetching up.
        engine: "auto" takes openvino for int8, which no other one runs, and else the first of `engines_of`; where that
            cannot, the next one, with a `note`. Where engine and precision are "auto", the fastest of `lossless_ways`
            is found by a probe and remembered.
        frames_at_once: how many threads are going to run it side by side; only openvino heeds it.
        device: "auto" lets torch take a GPU where there is one, "cpu" does not.

    Raises:
        OptionError, WeightsError: in one sentence.
    """
    if size is not None:
        check_size(size)
    info = model_info(model)
    if engine == precision == "auto":
        ways = lossless_ways(info)

        def load(way: Way) -> Detector:
            return load_detector(
                model, size, way.precision, threads, floor, fetching, way.engine, frames_at_once, device
            )

        key = f"{info.name}, {size or info.size} px, {threads or usable_cores()} threads, {machine_key()}"
        found = fastest(ways, load, key, memory_file()) if len(ways) > 1 else None
        if found is not None:
            return found
    chosen_engine, note = engine_for(info, engine, precision), ""
    if chosen_engine == "openvino":
        try:
            return _on_openvino(info, size, precision, threads, floor, frames_at_once)
        except (OptionError, WeightsError) as error:
            # What was asked for by name, or in int8, is not given in another way.
            if engine == "openvino" or precision == "int8":
                raise
            chosen_engine, note = "torch", f"torch runs {info.name}, for OpenVINO cannot: {error}"
            log.warning("%s", note)
    if chosen_engine == "onnxruntime":
        from detector.engines.onnx_engine import OnnxEngine
        from detector.families.yolox_onnx import YoloxFamily

        if precision not in ("auto", "f32"):
            raise OptionError("ONNX models run in f32; leave out the precision.")
        return Detector(info, YoloxFamily(), OnnxEngine(info.file, threads), size, floor)

    fetch_model(model, fetching)
    settle_threads()
    import_torch()
    import torch

    from detector.engines.torch_engine import CPU, TorchEngine, best_device, has_bf16

    if threads:
        torch.set_num_threads(threads)
    family, network = _load_network(info.file)
    where = CPU if device == "cpu" else best_device()
    chosen: Precision = ("bf16" if has_bf16(where) else "f32") if precision == "auto" else precision
    return Detector(info, family, TorchEngine(network, chosen, where), size, floor, note)


def lossless_ways(info: ModelInfo) -> list[Way]:
    """How a model can be run here at no loss that is worth a word (docs/performance.md), the likely fastest first."""
    if engines_of(info)[0] != "openvino":
        return []
    # Where the system does not tell what the CPU computes in, trying tells.
    precisions: tuple[Precision, ...] = ("f32",) if fast_in_bf16() is False else ("bf16", "f32")
    ways = [Way("openvino", precision) for precision in precisions]
    # On a CPU torch is the slower one, and only importing it takes seconds.
    return ways + [Way("torch", precision) for precision in precisions] if gpu_is_likely() else ways


def engine_for(info: ModelInfo, engine: EngineChoice, precision: PrecisionChoice) -> EngineChoice:
    """The engine that `load_detector` takes, never "auto". Raises OptionError: it cannot run this model."""
    engines = engines_of(info)
    if engine == "auto":
        return "openvino" if precision == "int8" and "onnxruntime" not in engines else engines[0]
    if engine not in engines and not (engine == "openvino" and "torch" in engines):
        raise OptionError(f"{info.name} runs on {' or '.join(engines)}, not on {engine}.")
    return engine


def _on_openvino(
    info: ModelInfo,
    size: int | None,
    precision: PrecisionChoice,
    threads: int | None,
    floor: float,
    frames_at_once: int,
) -> Detector:
    """On OpenVINO, without torch."""
    from detector.engines.openvino_engine import IrFile, OpenVinoEngine
    from detector.families.vgg_yolo import VGGYoloDistancesFamily

    chosen: Precision = ("bf16" if fast_in_bf16() else "f32") if precision == "auto" else precision
    files = openvino_files(info.file) if info.file.suffix == ".safetensors" else None
    if files is None:
        raise OptionError(
            f"{info.name} has no model for OpenVINO beside its weights; choose the engine torch, in f32 or bf16, or "
            "make one with `looktwice export --format openvino`."
        )
    ir, family = IrFile(files.checked_xml(chosen), chosen), VGGYoloDistancesFamily()
    likely_hw = family.place(LIKELY_FRAME_WH, size or info.size).input_hw
    return Detector(info, family, OpenVinoEngine(ir, likely_hw, threads, frames_at_once), size, floor)


def _load_network(file: Path) -> tuple[Family, nn.Module]:
    """The family and the network of a file, ready for torch's engine."""
    if file.suffix == ".safetensors" and is_ours(file):
        from detector.families.faster_rcnn import FasterRCNNFamily
        from detector.families.vgg_yolo import VGGYoloFamily
        from detector.networks.storage import FASTER_RCNN_FAMILY, load_network
        from detector.networks.vgg import fold_batch_norm

        ours, card = load_network(file)
        family = FasterRCNNFamily() if card.family == FASTER_RCNN_FAMILY else VGGYoloFamily()
        return family, fold_batch_norm(ours)

    from detector.networks.torchvision_detectors import load_torchvision, open_up

    architecture, outputs = _recognised(file, tensor_shapes(file))
    network = load_torchvision(file, architecture.name, outputs)
    return TorchvisionFamily(architecture), open_up(network, class_columns(outputs))


def _may_be_ours(path: Path) -> bool:
    """Whether a safetensors file is one of ours, or so damaged that nobody can tell."""
    try:
        return is_ours(path) or not tensor_shapes(path)
    except WeightsError:
        return True


def _info_from_card(path: Path) -> ModelInfo:
    card = read_card(path)
    sizes: Sequence[Mapping[str, Any]] = card.figures.get("sizes", ())
    gmac = next((one["gmac"] for one in sizes if one["size"] == card.input_size), None)
    return ModelInfo(
        name=card.name,
        class_names=card.class_names,
        size=card.input_size,
        file=path,
        summary=_summary(card),
        ap50=card.ap50,
        default_score=card.default_score,
        ap=card.ap,
        measured_on=card.figures.get("measured_on", ""),
        parameters=_parameter_count(tensor_shapes(path)),
        gmac=gmac,
    )


def _summary(card: WeightsCard) -> str:
    return f"{card.family} on {card.backbone_name}, {len(card.class_names)} classes, {card.input_size} px"


def _info_of_published(published: Published) -> ModelInfo:
    architecture = ARCHITECTURES[published.architecture]
    return ModelInfo(
        name=architecture.name,
        class_names=class_names(COCO_OUTPUTS),
        size=architecture.size,
        file=torch_hub_folder() / published.file,
        summary=f"torchvision's {architecture.told}, COCO's 80 classes, VOC's words for the ones both have",
        default_score=TORCHVISION_SCORE,
        ap=published.ap,
        measured_on=MEASURED_ON,
        parameters=published.parameters,
        gmac=published.gmac,
        source=published.url,
    )


def _info_from_shapes(path: Path) -> ModelInfo:
    shapes = tensor_shapes(path)
    architecture, outputs = _recognised(path, shapes)
    names = class_names(outputs)
    return ModelInfo(
        name=path.stem,
        class_names=names,
        size=architecture.size,
        file=path,
        summary=f"torchvision's {architecture.told}, {len(names)} classes",
        default_score=TORCHVISION_SCORE,
        parameters=_parameter_count(shapes),
    )


def _recognised(path: Path, shapes: Shapes) -> tuple[Architecture, int]:
    try:
        return recognise(shapes, path.name)
    except ValueError as error:
        raise WeightsError(
            f"{path} holds {error}; give weights of Looktwice's, or the state dict of a torchvision Faster R-CNN on "
            "ResNet-50 FPN or MobileNetV3-Large FPN."
        ) from error


def _parameter_count(shapes: Shapes) -> int:
    """How many numbers were learned; a batch norm's statistics are not."""
    statistics = ("running_mean", "running_var", "num_batches_tracked")
    return sum(math.prod(shape) for name, shape in shapes.items() if not name.endswith(statistics))

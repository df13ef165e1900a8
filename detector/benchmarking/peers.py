"""Other people's detectors of the same kind, to be timed beside ours. Random weights take as long as learned ones."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from detector.benchmarking.entries import Entry, Ready, Workshop
from detector.benchmarking.work import gmac_of_ir, gmac_of_model
from detector.detector import CANDIDATE_FLOOR, Detector, ModelInfo
from detector.engines.openvino_engine import IrFile, OpenVinoEngine, openvino_is_there
from detector.engines.protocol import Engine, Precision
from detector.errors import OptionError, WeightsError
from detector.families.coco import VOC_CLASS_NAMES
from detector.families.grid import STRIDES
from detector.families.protocol import Family
from detector.families.torchvision_coco import COCO_OUTPUTS, TorchvisionFamily, class_columns, class_names
from detector.families.torchvision_published import ARCHITECTURES
from detector.families.yolox_onnx import YoloxFamily
from detector.geometry import Letterbox
from detector.openvino_files import xml_of
from detector.registry import TORCHVISION_SCORE, model_info

if TYPE_CHECKING:
    from torch import nn

    from detector.networks.yolo import VGGYolo

BOTH: tuple[Precision, ...] = ("bf16", "f32")
SSDS = {"ssd300_vgg16": 300, "ssdlite320_mobilenet_v3_large": 320}
TWO_STAGES = "fasterrcnn_mobilenet_v3_large_320_fpn"
PART = ", part"
CANONICAL, CANONICAL_BACKBONE = "vgg16-yolo", "vgg16"


class PublishedYolox(YoloxFamily):
    """YOLOX with frames scaled as its authors do it, bilinear, which takes a tenth of the time of averaging."""

    step = 0

    def place(self, frame_size_wh: tuple[int, int], size: int) -> Letterbox:
        return Letterbox.fit(frame_size_wh, size, self.step)

    def prepare(self, image: NDArray[np.uint8], size: int) -> tuple[NDArray[np.uint8], Letterbox]:
        letterbox = self.place((image.shape[1], image.shape[0]), size)
        return letterbox.apply(image, averaging=False), letterbox


class PartYolox(PublishedYolox):
    """The same on the part of the square that the frame reaches into, as our own models run: nobody's way but ours."""

    step = STRIDES[-1]


def untrained_entries(canonical_size: int) -> list[Entry]:
    """torchvision's small detectors at their own sizes, and VGG-YOLO on the canonical VGG-16."""
    entries = []
    for name, size in SSDS.items():
        entries += [Entry(name, size, "openvino", one, partial(_ssd_on_openvino, name, size, one)) for one in BOTH]
        entries += [Entry(name, size, "torch", one, partial(_ssd_on_torch, name, size, one)) for one in BOTH]
    size = ARCHITECTURES[TWO_STAGES].size
    entries += [Entry(TWO_STAGES, size, "torch", one, partial(_two_stages, one)) for one in BOTH]
    size = canonical_size
    entries += [Entry(CANONICAL, size, "openvino", one, partial(_canonical_on_openvino, size, one)) for one in BOTH]
    entries += [Entry(CANONICAL, size, "torch", one, partial(_canonical_on_torch, size, one)) for one in BOTH]
    return entries


def yolox_entries(file: Path) -> list[Entry]:
    """YOLOX of an ONNX file, on onnxruntime and, with the colours' order and the layout in the graph, on OpenVINO.

    Raises:
        OptionError, WeightsError: no such file, or none of ONNX.
    """
    info = model_info(str(file))
    if file.suffix != ".onnx":
        raise OptionError(f"{file} is no ONNX file; give --peer-onnx one of YOLOX.")
    on_openvino = [
        Entry(f"{info.name}{told}", info.size, "openvino", one, partial(_yolox_on_openvino, info, one, family))
        for told, family in (("", PublishedYolox()), (PART, PartYolox()))
        for one in BOTH
    ]
    return [*on_openvino, Entry(info.name, info.size, "onnxruntime", "f32", partial(_yolox_on_onnxruntime, info))]


def _yolox_on_openvino(info: ModelInfo, precision: Precision, family: YoloxFamily, workshop: Workshop) -> Ready:
    _need_openvino()
    from detector.exporting.openvino_model import save_openvino, taking_frames

    xml = xml_of(workshop.folder / f"{info.name}.onnx", "f16")
    if not xml.is_file():
        model = taking_frames(_read_onnx(info), bgr=True, scale=1.0)
        save_openvino(model, workshop.folder / info.file.name, "f16")
    return _on_openvino(info, family, xml, precision, workshop, trained=True)


def _yolox_on_onnxruntime(info: ModelInfo, workshop: Workshop) -> Ready:
    from detector.engines.onnx_engine import OnnxEngine

    detector = Detector(info, PublishedYolox(), OnnxEngine(info.file, workshop.threads))
    work = gmac_of_model(_read_onnx(info)) if openvino_is_there() else None
    return Ready(detector, work, info.file.stat().st_size / 1e6)


def _ssd_on_openvino(name: str, size: int, precision: Precision, workshop: Workshop) -> Ready:
    from detector.benchmarking.ssd_network import untrained_ssd

    network, boxes = untrained_ssd(name, size)
    xml = _converted(network, name, size, workshop)
    return _on_openvino(_info(name, size), _ssd_family(boxes), xml, precision, workshop)


def _ssd_on_torch(name: str, size: int, precision: Precision, workshop: Workshop) -> Ready:
    from detector.benchmarking.ssd_network import untrained_ssd

    network, boxes = untrained_ssd(name, size)
    return _on_torch(_info(name, size), _ssd_family(boxes), network, precision, workshop)


def _ssd_family(boxes: NDArray[np.float32]) -> Family:
    from detector.benchmarking.ssd_family import SsdFamily

    return SsdFamily(boxes, class_columns(COCO_OUTPUTS))


def _two_stages(precision: Precision, workshop: Workshop) -> Ready:
    from torchvision.models import detection

    from detector.networks.torchvision_detectors import open_up

    architecture = ARCHITECTURES[TWO_STAGES]
    network = open_up(getattr(detection, TWO_STAGES)(weights=None, weights_backbone=None), class_columns(COCO_OUTPUTS))
    info = _info(TWO_STAGES, architecture.size)
    return _on_torch(info, TorchvisionFamily(architecture), network, precision, workshop)


def _canonical_on_openvino(size: int, precision: Precision, workshop: Workshop) -> Ready:
    from detector.exporting.exportable import Exportable
    from detector.families.vgg_yolo import VGGYoloDistancesFamily

    xml = _converted(Exportable(_canonical()).eval(), CANONICAL, size, workshop)
    return _on_openvino(_canonical_info(size), VGGYoloDistancesFamily(), xml, precision, workshop)


def _canonical_on_torch(size: int, precision: Precision, workshop: Workshop) -> Ready:
    from detector.families.vgg_yolo import VGGYoloFamily

    return _on_torch(_canonical_info(size), VGGYoloFamily(), _canonical(), precision, workshop)


def _canonical() -> VGGYolo:
    from detector.networks.vgg import fold_batch_norm
    from detector.networks.yolo import VGGYolo

    network = VGGYolo(len(VOC_CLASS_NAMES), CANONICAL_BACKBONE).eval()
    fold_batch_norm(network)
    return network.requires_grad_(False)


def _canonical_info(size: int) -> ModelInfo:
    return ModelInfo(CANONICAL, VOC_CLASS_NAMES, size, Path(CANONICAL))


def _info(name: str, size: int) -> ModelInfo:
    return ModelInfo(name, class_names(COCO_OUTPUTS), size, Path(name), default_score=TORCHVISION_SCORE)


def _on_torch(info: ModelInfo, family: Family, network: nn.Module, precision: Precision, workshop: Workshop) -> Ready:
    import torch

    from detector.engines.torch_engine import TorchEngine
    from detector.footprint import gmac

    torch.set_num_threads(workshop.threads)
    work = gmac(network, *family.place(workshop.frame_size_wh, info.size).input_hw)
    return Ready(_detector(info, family, TorchEngine(network, precision), trained=False), work, trained=False)


def _on_openvino(
    info: ModelInfo, family: Family, xml: Path, precision: Precision, workshop: Workshop, trained: bool = False
) -> Ready:
    input_hw = family.place(workshop.frame_size_wh, info.size).input_hw
    engine = OpenVinoEngine(IrFile(xml, precision), input_hw, workshop.threads)
    megabytes = info.file.stat().st_size / 1e6 if trained else None
    return Ready(_detector(info, family, engine, trained), gmac_of_ir(xml, input_hw), megabytes, trained=trained)


def _detector(info: ModelInfo, family: Family, engine: Engine, trained: bool) -> Detector:
    # What is random scores about the same everywhere: above the usual floor everything, which no learned one does.
    return Detector(info, family, engine, floor=CANDIDATE_FLOOR if trained else info.default_score)


def _converted(network: nn.Module, name: str, size: int, workshop: Workshop) -> Path:
    """The `.xml` of a network of torch's, made once for all precisions."""
    _need_openvino()
    from detector.exporting.exportable import example_planes
    from detector.exporting.openvino_model import converted, save_openvino, taking_frames

    weights = workshop.folder / f"{name}.safetensors"
    xml = xml_of(weights, "f16")
    if xml.is_file():
        return xml
    try:
        model = taking_frames(converted(network, example_planes(size)))
    except RuntimeError as error:
        raise OptionError(f"OpenVINO cannot take {name} over from torch; its rows on torch stand.") from error
    return save_openvino(model, weights, "f16")


def _read_onnx(info: ModelInfo) -> Any:
    """Of one frame at the model's size, from which all shapes follow."""
    import openvino

    try:
        model = openvino.Core().read_model(info.file)
        model.reshape([1, 3, info.size, info.size])
    except RuntimeError as error:
        raise WeightsError(f"{info.file} is not a model that OpenVINO can run at {info.size} px.") from error
    return model


def _need_openvino() -> None:
    if not openvino_is_there():
        raise OptionError("the engine openvino is not installed: pip install openvino.")

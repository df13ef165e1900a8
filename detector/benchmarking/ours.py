"""Looktwice's own models on every engine and in every precision."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from detector.benchmarking.entries import Entry, Ready, Workshop
from detector.benchmarking.work import gmac_of_ir
from detector.detector import Detector, ModelInfo
from detector.engines.openvino_engine import IrFile, OpenVinoEngine
from detector.engines.protocol import Precision
from detector.errors import OptionError
from detector.families.vgg_yolo import VGGYoloDistancesFamily
from detector.geometry import Letterbox
from detector.openvino_files import openvino_files
from detector.registry import EngineChoice, check_size, load_detector, model_info
from detector.weights_file import read_card

SQUARE = ", square"
WAYS: tuple[tuple[EngineChoice, Precision], ...] = (
    ("openvino", "int8"), ("openvino", "bf16"), ("openvino", "f32"), ("onnxruntime", "f32"), ("torch", "bf16"),
    ("torch", "f32"),
)  # fmt: skip
"""The first one is what smaller sizes are measured in, and what other rows are compared with."""


def one_stage_entries(model: str, sizes: Sequence[int]) -> list[Entry]:
    """VGG-YOLO: at the first size every way, and the first one on the whole square, at every further one the first way.

    Raises:
        OptionError: no such model or size. WeightsError: its file is missing or damaged.
    """
    info = model_info(model)
    entries = []
    for number, size in enumerate(sizes):
        check_size(size)
        for engine, precision in WAYS if number == 0 else WAYS[:1]:
            load = partial(_through_onnx, info) if engine == "onnxruntime" else partial(_load, info, engine, precision)
            entries.append(Entry(info.name, size, engine, precision, partial(load, size)))
        if number == 0:
            engine, precision = WAYS[0]
            entries.append(Entry(f"{info.name}{SQUARE}", size, engine, precision, partial(_whole_square, info, size)))
    return entries


def two_stage_entries(model: str) -> list[Entry]:
    """Faster R-CNN, which torch alone runs. Raises as `one_stage_entries`."""
    info = model_info(model)
    precisions: tuple[Precision, ...] = ("bf16", "f32")
    return [
        Entry(info.name, info.size, "torch", precision, partial(_load, info, "torch", precision, info.size))
        for precision in precisions
    ]


def _load(info: ModelInfo, engine: EngineChoice, precision: Precision, size: int, workshop: Workshop) -> Ready:
    detector = load_detector(str(info.file), size, precision, workshop.threads, engine=engine)
    input_hw = detector.place(workshop.frame_size_wh).input_hw
    if engine == "openvino":
        files = openvino_files(info.file)
        assert files is not None
        xml = files.checked_xml(precision)
        return Ready(detector, gmac_of_ir(xml, input_hw), _megabytes(xml, xml.with_suffix(".bin")))
    from detector.engines.torch_engine import TorchEngine
    from detector.footprint import gmac

    assert isinstance(detector.engine, TorchEngine)
    # Cards tell what torch gives in f32.
    ap50 = _card_ap50(info, size) if precision == "f32" else None
    return Ready(detector, gmac(detector.engine.network, *input_hw), _megabytes(info.file), ap50)


class WholeSquare(VGGYoloDistancesFamily):
    """With all the gray beside the frame, as other people's detectors are run."""

    def place(self, frame_size_wh: tuple[int, int], size: int) -> Letterbox:
        return Letterbox.fit(frame_size_wh, size)


def _whole_square(info: ModelInfo, size: int, workshop: Workshop) -> Ready:
    files, precision = openvino_files(info.file), WAYS[0][1]
    if files is None:
        raise OptionError(f"{info.name} has no model for OpenVINO beside its weights.")
    xml, input_hw = files.checked_xml(precision), (size, size)
    engine = OpenVinoEngine(IrFile(xml, precision), input_hw, workshop.threads)
    detector = Detector(info, WholeSquare(), engine, size)
    return Ready(detector, gmac_of_ir(xml, input_hw), _megabytes(xml, xml.with_suffix(".bin")))


def _through_onnx(info: ModelInfo, size: int, workshop: Workshop) -> Ready:
    """On onnxruntime, which nothing else here does with VGG-YOLO: a measurement of the engine."""
    from detector.benchmarking.bgr import BgrExportable
    from detector.engines.onnx_engine import OnnxEngine
    from detector.exporting.exportable import load_exportable
    from detector.exporting.other_forms import write_onnx
    from detector.families.vgg_yolo import VGGYoloDistancesFamily
    from detector.footprint import gmac

    network = BgrExportable(load_exportable(info.file).network).eval()
    path = workshop.folder / f"{info.name}.onnx"
    write_onnx(network, path)
    detector = Detector(info, VGGYoloDistancesFamily(), OnnxEngine(path, workshop.threads), size)
    return Ready(detector, gmac(network, *detector.place(workshop.frame_size_wh).input_hw), _megabytes(path))


def _card_ap50(info: ModelInfo, size: int) -> float | None:
    card = read_card(info.file)
    sizes: Sequence[dict[str, Any]] = card.figures.get("sizes", ())
    told = next((one.get("ap50") for one in sizes if one.get("size") == size), None)
    return card.ap50 if told is None and size == card.input_size else told


def refuse_foreign(model: str) -> None:
    """Before anything is measured. Raises OptionError: no weights of Looktwice's; WeightsError: damaged."""
    info = model_info(model)
    if info.file.suffix != ".safetensors":
        raise OptionError(f"{model} is not a weights file of Looktwice's; give a .safetensors file, or a name.")
    read_card(info.file)


def _megabytes(*files: Path) -> float:
    return sum(file.stat().st_size for file in files) / 1e6

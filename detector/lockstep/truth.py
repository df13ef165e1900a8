"""Annotations for the frames of a folder of photographs, and the average precision that they give each model."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from detector.data.coco_truth import CocoTruths, read_coco_boxes
from detector.data.frame_truth import FrameTruth, FrameTruths, name_key
from detector.data.voc_truth import VocTruths
from detector.detections import Candidates, Detections
from detector.errors import DataSetError, OptionError
from detector.evaluation.average_precision import Figures, figures
from detector.evaluation.bootstrap import Comparison
from detector.evaluation.bootstrap import compare as compare_precision
from detector.evaluation.matching import Matches, Truth, match
from detector.families.coco import voc_name
from detector.frames import SourceInfo
from detector.frames.images import list_images
from detector.frames.opening import path_of
from detector.scoring import in_columns
from detector.selection import EVALUATION_THRESHOLDS, select


def read_truths(data: Path, images: Path | None, source: str, info: SourceInfo) -> FrameTruths:
    """The annotations of the photographs of a source, told by their file names.

    Args:
        data: COCO JSON, or a Pascal VOC folder with Annotations/.
        images: the folder that the JSON's names start from. Where it is given, a name has to lead to the very file.

    Raises:
        OptionError: the source's frames are no photographs.
        DataSetError: the annotations are missing or broken, or know none of the photographs.
    """
    if info.kind != "images":
        raise OptionError("--data needs photographs: the frames of a film have no names to find their boxes by.")
    path = path_of(source)
    files = list_images(path) if path.is_dir() else [path]
    truths: FrameTruths | None = None
    if images is not None and not images.is_dir():
        raise DataSetError(f"the images folder {images} does not exist.")
    if data.is_file():
        truths = _coco(data, images, files)
    elif (data / "Annotations").is_dir():
        truths = _voc(data, files)
    elif data.exists():
        raise DataSetError(f"{data} is no data set; give a COCO .json file or a Pascal VOC folder with Annotations/.")
    else:
        raise DataSetError(f"{data} does not exist; give a COCO .json file or a Pascal VOC folder.")
    if truths is None:
        raise DataSetError(
            f"{data} names none of the photographs in {path}, such as {files[0].name}; give the annotations of these."
        )
    return truths


def _coco(data: Path, images: Path | None, files: Sequence[Path]) -> FrameTruths | None:
    frames = {name_key(file.name): file for file in files}

    def frame_of(file_name: str) -> str | None:
        key = name_key(os.path.basename(file_name.replace("\\", "/")))
        file = frames.get(key)
        if file is None or images is None:
            return None if file is None else key
        meant = images / file_name
        return key if os.path.realpath(meant) == os.path.realpath(file) else None

    boxes = read_coco_boxes(data, frame_of)
    return None if boxes is None else CocoTruths(boxes)


def _voc(data: Path, files: Sequence[Path]) -> FrameTruths | None:
    found = {file.name: data / "Annotations" / f"{file.stem}.xml" for file in files}
    there = {name: path for name, path in found.items() if path.is_file()}
    return VocTruths(there, data) if there else None


@dataclass(frozen=True)
class Measured:
    """Average precision of the models that answered on every annotated frame.

    figures: by the model's place. differences: of two places, the first minus the second, on the same frames.
    class_names: those that all models know, in VOC's words. left_out: annotated classes that not every model knows.
    """

    frames: int
    figures: dict[int, Figures]
    differences: dict[tuple[int, int], Comparison]
    class_names: tuple[str, ...]
    left_out: tuple[str, ...] = ()


class Measuring:
    """Collects what average precision needs, frame by frame. Only classes that all models know are scored.

    Args:
        names: of each model, its class names in label order.
    """

    def __init__(self, names: Sequence[Sequence[str]]) -> None:
        known = [[voc_name(name) for name in one] for one in names]
        self.class_names = tuple(dict.fromkeys(name for name in known[0] if all(name in one for one in known)))
        self._columns = [_columns(self.class_names, one) for one in known]
        self._detections: list[list[Detections]] = [[] for _ in names]
        self._truths: list[Truth] = []
        self._left_out: dict[str, None] = {}

    def add(self, answers: dict[int, Candidates], truth: FrameTruth) -> None:
        """One more frame; a model without an answer is measured no more."""
        own = [voc_name(name) for name in truth.class_names]
        known = np.array([name in self.class_names for name in own], np.bool_)
        self._left_out.update(dict.fromkeys(name for name in own if name not in self.class_names))
        labels = np.array([self.class_names.index(name) for name in own if name in self.class_names], np.int64)
        self._truths.append(Truth(truth.boxes_xyxy[known], labels, truth.difficult[known]))
        for place, candidates in answers.items():
            columns = in_columns(candidates, self._columns[place])
            self._detections[place].append(select(columns, EVALUATION_THRESHOLDS))

    def result(self) -> Measured | None:
        """The figures, and the differences of the first model that has any from each other one.

        None where there is nothing to find.
        """
        count = len(self._truths)
        if not self.class_names or not any((~truth.difficult).any() for truth in self._truths):
            return None
        matches: dict[int, Matches] = {
            place: match(zip(found, self._truths, strict=True), self.class_names)
            for place, found in enumerate(self._detections)
            if len(found) == count
        }
        first, *others = matches or (0,)
        return Measured(
            count,
            {place: figures(one) for place, one in matches.items()},
            {(first, other): compare_precision(matches[first], matches[other]) for other in others},
            self.class_names,
            tuple(self._left_out),
        )


def _columns(class_names: Sequence[str], known: Sequence[str]) -> NDArray[np.int64]:
    return np.array([known.index(name) for name in class_names], np.int64)

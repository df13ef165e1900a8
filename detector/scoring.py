"""A detector run over a data set, and its detections matched with the truth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from detector.data.datasets import DataSet, Photograph
from detector.data.decoding import decode_photograph, is_truncated_jpeg
from detector.detections import Candidates, Detections
from detector.errors import DataSetError
from detector.evaluation.matching import Matches, Truth, match
from detector.selection import EVALUATION_THRESHOLDS, select

# What a person sees: one label per candidate. The score is chosen later, which changes nothing about NMS.
SHOWN_THRESHOLDS = replace(EVALUATION_THRESHOLDS, many_labels=False)
Advance = Callable[[], None]
WAY_OUT = "mend it or take it out of the data."


class Predictor(Protocol):
    """What can be scored; `detector.detector.Detector` for one."""

    @property
    def class_names(self) -> tuple[str, ...]: ...

    def predict(self, image: NDArray[np.uint8]) -> Candidates:
        """Candidates of one frame, RGB uint8 `[H, W, 3]`."""


@dataclass(frozen=True)
class Scored:
    """Matches by VOC's protocol (for average precision), and of what a person is shown (for one score).

    pairs: of each photograph what a person is shown, at any score, and the truth; labels are those of the data.
    """

    protocol: Matches
    shown: Matches
    pairs: tuple[tuple[Detections, Truth], ...]


def score_detector(
    predictor: Predictor, data: DataSet, limit: int | None = None, advance: Advance | None = None
) -> Scored:
    """Run a detector over the photographs of a data set; classes are matched by name.

    Args:
        limit: only the first so many photographs.
        advance: called after each.

    Raises:
        DataSetError: a photograph cannot be used (see `read_photograph`), or has boxes of a class that the model does
            not know.
    """
    photographs = data.photographs[:limit]
    columns = class_columns(predictor.class_names, data.class_names, photographs)
    truths: list[Truth] = []
    protocol: list[Detections] = []
    shown: list[Detections] = []
    for photograph in photographs:
        image, truth = read_photograph(photograph)
        candidates = in_columns(predictor.predict(image), columns)
        truths.append(truth)
        protocol.append(select(candidates, EVALUATION_THRESHOLDS))
        shown.append(select(candidates, SHOWN_THRESHOLDS))
        if advance is not None:
            advance()
    return Scored(
        match(zip(protocol, truths, strict=True), data.class_names),
        match(zip(shown, truths, strict=True), data.class_names),
        tuple(zip(shown, truths, strict=True)),
    )


def read_photograph(photograph: Photograph) -> tuple[NDArray[np.uint8], Truth]:
    """RGB uint8 `[H, W, 3]` and the true boxes in its pixels.

    Raises:
        DataSetError: it cannot be read, is cut off, or cannot be decoded to the size that its boxes were drawn on.
    """
    try:
        data = photograph.path.read_bytes()
    except OSError as error:
        raise DataSetError(f"{photograph.path} cannot be read: {error.strerror or error}.") from error
    if is_truncated_jpeg(data):
        raise DataSetError(f"{photograph.path} is cut off; {WAY_OUT}")
    image = decode_photograph(data, photograph.size_wh)
    if image is None:
        raise DataSetError(f"{photograph.path} cannot be decoded{photograph.expected_size()}; {WAY_OUT}")
    return image, Truth(photograph.boxes_in_pixels(image), photograph.labels, photograph.difficult)


def class_columns(
    model_names: Sequence[str], data_names: Sequence[str], photographs: Sequence[Photograph]
) -> NDArray[np.int64]:
    """For each class of the data the model's column, or -1 where neither the model nor any photograph has it.

    Raises:
        DataSetError: photographs have boxes of classes that the model does not know.
    """
    columns = np.array([model_names.index(name) if name in model_names else -1 for name in data_names], np.int64)
    present: set[int] = set()
    for photograph in photographs:
        present.update(int(label) for label in photograph.labels)
    unknown = [data_names[label] for label in sorted(present) if columns[label] < 0]
    if unknown:
        raise DataSetError(
            f"the data set has boxes of {', '.join(unknown)}, which the model does not know; its classes are "
            f"{', '.join(model_names)}."
        )
    return columns


def in_columns(candidates: Candidates, columns: NDArray[np.int64]) -> Candidates:
    """Candidates whose scores follow the classes of the data; classes that the model lacks score 0."""
    scores = candidates.scores[:, columns]
    scores[:, columns < 0] = 0
    return replace(candidates, scores=scores)

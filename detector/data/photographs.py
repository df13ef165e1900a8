"""The values a data set is read into, and the check that every box passes on its way in."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

log = logging.getLogger(__name__)

MOST_COMPLAINTS = 20


@dataclass(frozen=True)
class Photograph:
    """One annotated photograph.

    boxes_xyxy: float32 `[N, 4]` in pixels of the photograph, `x1 < x2`, `y1 < y2`; for YOLO txt they are fractions of
    the photograph's size until it is decoded (`relative` is then true).
    labels: int64 `[N]` into the data set's class names. difficult: bool `[N]`, VOC's flag (COCO's `iscrowd`), false
    where unknown. size_wh: width and height that the boxes were drawn on, None where the annotations do not say.
    """

    path: Path
    image_id: int
    boxes_xyxy: NDArray[np.float32]
    labels: NDArray[np.int64]
    difficult: NDArray[np.bool_]
    relative: bool = False
    size_wh: tuple[int, int] | None = None

    def expected_size(self) -> str:
        """What a message adds to "cannot be decoded": empty where the annotations give no size."""
        return "" if self.size_wh is None else " to the size its annotations give, {}x{}".format(*self.size_wh)

    def boxes_in_pixels(self, image: NDArray[np.uint8]) -> NDArray[np.float32]:
        """The boxes, float32 `[N, 4]`, in pixels of the decoded photograph `[H, W, 3]`."""
        if not self.relative:
            return self.boxes_xyxy
        height, width = image.shape[:2]
        return self.boxes_xyxy * np.array((width, height, width, height), np.float32)


@dataclass(frozen=True)
class LeftOut:
    """How many photographs, and boxes of other photographs, could not be used."""

    photographs: int = 0
    boxes: int = 0

    def __bool__(self) -> bool:
        return self.photographs > 0 or self.boxes > 0

    def __str__(self) -> str:
        """For example "2 photographs and 1 box left out"; "nothing left out"."""
        counts = ((self.photographs, "photograph", "photographs"), (self.boxes, "box", "boxes"))
        parts = [f"{count} {one if count == 1 else many}" for count, one, many in counts if count]
        return f"{' and '.join(parts) or 'nothing'} left out"


@dataclass(frozen=True)
class DataSet:
    """Photographs, the names of their classes in label order, and how much of the data set is not among them."""

    photographs: tuple[Photograph, ...]
    class_names: tuple[str, ...]
    left_out: LeftOut = LeftOut()


class Complaints:
    """Names what is left out of a data set, the first `MOST_COMPLAINTS` one by one, the rest as a number."""

    def __init__(self, data_set: Path) -> None:
        self.data_set = data_set
        self.left_out = LeftOut()

    def leave_out_box(self, text: str) -> None:
        self.left_out = replace(self.left_out, boxes=self.left_out.boxes + 1)
        self._name(text)

    def leave_out_photograph(self, text: str) -> None:
        self.left_out = replace(self.left_out, photographs=self.left_out.photographs + 1)
        self._name(text)

    def close(self) -> None:
        if self._count > MOST_COMPLAINTS:
            log.warning("%s: %d more were left out", self.data_set, self._count - MOST_COMPLAINTS)

    def _name(self, text: str) -> None:
        if self._count <= MOST_COMPLAINTS:
            log.warning("%s", text)

    @property
    def _count(self) -> int:
        return self.left_out.photographs + self.left_out.boxes


def build_photograph(
    path: Path,
    image_id: int,
    rows: Iterable[Sequence[Any]],
    size_wh: tuple[int, int] | None,
    class_count: int,
    complaints: Complaints,
) -> Photograph:
    """A photograph from rows `x1, y1, x2, y2, label, difficult`.

    Boxes are cut to the photograph; one that is not finite, has nothing inside or has no class is named and left out.

    Args:
        size_wh: pixels; None says that the rows are fractions of the photograph's size.
    """
    width, height = size_wh or (1, 1)
    kept = []
    for x1, y1, x2, y2, label, hidden in rows:
        box = (x1, y1, x2, y2)
        cut = (max(x1, 0.0), max(y1, 0.0), min(x2, width), min(y2, height))
        if not all(math.isfinite(v) for v in box) or cut[2] <= cut[0] or cut[3] <= cut[1]:
            complaints.leave_out_box(f"{path}: box {_short(box)} has nothing inside the photograph and is left out")
        elif not 0 <= label < class_count:
            complaints.leave_out_box(
                f"{path}: box {_short(box)} is of class {label}, which is not declared, and is left out"
            )
        else:
            kept.append((*cut, label, hidden))
    return Photograph(
        path=path,
        image_id=image_id,
        boxes_xyxy=np.array([r[:4] for r in kept], dtype=np.float32).reshape(-1, 4),
        labels=np.array([r[4] for r in kept], dtype=np.int64),
        difficult=np.array([r[5] for r in kept], dtype=np.bool_),
        relative=size_wh is None,
        size_wh=size_wh,
    )


def existing(photographs: Iterable[Photograph], complaints: Complaints) -> tuple[Photograph, ...]:
    """Those whose file is there; the others are named."""
    kept = []
    for photograph in photographs:
        if photograph.path.is_file():
            kept.append(photograph)
        else:
            complaints.leave_out_photograph(f"{photograph.path} does not exist and is left out")
    return tuple(kept)


def _short(box: Sequence[float]) -> str:
    return "(" + ", ".join(f"{value:g}" for value in box) + ")"

"""The truth of frames from COCO annotation JSON, of which only the frames at hand are kept."""

from __future__ import annotations

import threading
from array import array
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.data.frame_truth import FrameTruth, name_key, other_size
from detector.data.json_lists import json_lists
from detector.data.read_coco import BROKEN, box_of, broken, cause
from detector.errors import DataSetError

PLENTY = 100_000  # elements of a list that COCO has no name for: this is something else
TURN = 256  # annotations between two looks at whether anybody still wants them


class NotWantedAnyMoreError(Exception):
    """Reading was given up because the caller asked for it."""


@dataclass(frozen=True)
class CocoBoxes:
    """What a COCO file says of the frames at hand.

    frames: by name, the range of the frame's rows and the size they were drawn on (None where unknown).
    boxes_xyxy: float32 `[N, 4]` in frame pixels, cut to the size. labels: int64 `[N]` into `class_names`.
    difficult: bool `[N]`. trouble: what could not be used, in one sentence, or "".
    """

    path: Path
    frames: dict[str, tuple[range, tuple[int, int] | None]]
    boxes_xyxy: NDArray[np.float32]
    labels: NDArray[np.int64]
    difficult: NDArray[np.bool_]
    class_names: tuple[str, ...]
    trouble: str


class CocoTruths:
    """`FrameTruths` of a COCO file."""

    def __init__(self, boxes: CocoBoxes) -> None:
        self._boxes = boxes
        self._annotated = frozenset(boxes.class_names)
        self._other_size = ""

    @property
    def title(self) -> str:
        return self._boxes.path.name

    @property
    def trouble(self) -> str:
        return self._other_size or self._boxes.trouble

    def of(self, frame_name: str, size_wh: tuple[int, int] | None = None) -> FrameTruth | None:
        entry = self._boxes.frames.get(name_key(frame_name))
        if entry is None:
            return None
        rows, drawn_on = entry
        if size_wh is not None and drawn_on is not None and size_wh != drawn_on:
            self._other_size = other_size(self.title, frame_name, drawn_on, size_wh)
            return None
        part = slice(rows.start, rows.stop)
        names = tuple(self._boxes.class_names[label] for label in self._boxes.labels[part])
        return FrameTruth(self._boxes.boxes_xyxy[part], names, self._boxes.difficult[part], self._annotated, True)


def read_coco_boxes(
    path: Path, frame_of: Callable[[str], str | None], cancel: threading.Event | None = None
) -> CocoBoxes | None:
    """Read a COCO file once, in bounded memory. None where it is something else or knows none of the frames.

    Args:
        frame_of: from a `file_name` of the file to the name of a frame at hand, None where there is no such frame.
        cancel: set by anybody who does not want it any more.

    Raises:
        DataSetError: it looks like COCO's but is broken; the message names the file.
        NotWantedAnyMoreError: `cancel` was set.
    """
    reading = _Reading(path, frame_of, cancel)
    try:
        with path.open(encoding="utf-8-sig") as file:
            for key, elements in json_lists(file):
                if key == "images":
                    reading.images(elements)
                    # Most files of a data set are about other frames; those stop here, not at their end.
                    if not reading.frames:
                        return None
                elif key == "annotations":
                    reading.annotations(elements)
                elif key == "categories":
                    reading.categories(elements)
                elif sum(1 for _ in islice(elements, PLENTY)) == PLENTY:
                    return None
    except (OSError, ValueError, RecursionError) as error:
        if reading.seen:
            raise DataSetError(f"{path} cannot be read as COCO JSON: {error}.") from error
        return None
    # Captions have no categories, results no photographs.
    return reading.result() if reading.seen == {"images", "annotations", "categories"} else None


class _Reading:
    """What was read until now. Ids become numbers, so that a box takes few bytes."""

    def __init__(self, path: Path, frame_of: Callable[[str], str | None], cancel: threading.Event | None) -> None:
        self.path, self.frame_of, self.cancel = path, frame_of, cancel
        self.seen: set[str] = set()
        self.frames: dict[str, tuple[int, tuple[int, int] | None]] = {}
        self.image_numbers: dict[Hashable, int] = {}
        self.named: set[int] = set()
        self.category_numbers: dict[Hashable, int] = {}
        self.category_names: dict[Hashable, str] = {}
        self.corners, self.owners, self.kinds, self.hidden = array("d"), array("q"), array("q"), array("b")
        self.broken_count, self.first_broken, self.left_out = 0, "", 0

    def images(self, elements: Iterator[Any]) -> None:
        self.seen.add("images")
        for element in self._while_wanted(elements):
            try:
                frame = self.frame_of(element["file_name"])
                image_id = element["id"]
                if frame is None:
                    continue
                size = (int(element.get("width") or 0), int(element.get("height") or 0))
                number = self.image_numbers.setdefault(image_id, len(self.image_numbers))
            except BROKEN as error:
                self._leave_out(f"a photograph is broken ({cause(error)})")
                continue
            if frame in self.frames or number in self.named:
                self._leave_out(f"{frame} or its id is named twice")
            else:
                self.named.add(number)
                self.frames[frame] = (number, size if min(size) > 0 else None)

    def annotations(self, elements: Iterator[Any]) -> None:
        # Where photographs come first, as they mostly do, only boxes of frames at hand are kept.
        all_known = "images" in self.seen
        self.seen.add("annotations")
        for element in self._while_wanted(elements):
            try:
                image_id, category_id = element["image_id"], element["category_id"]
                if all_known and image_id not in self.image_numbers:
                    continue
                *corners, hidden = box_of(element)
                owner = self.image_numbers.setdefault(image_id, len(self.image_numbers))
                kind = self.category_numbers.setdefault(category_id, len(self.category_numbers))
            except BROKEN as error:
                self._leave_out(broken(element, error))
                continue
            self.corners.extend(corners)
            self.owners.append(owner)
            self.kinds.append(kind)
            self.hidden.append(hidden)

    def categories(self, elements: Iterator[Any]) -> None:
        self.seen.add("categories")
        for element in self._while_wanted(elements):
            try:
                self.category_names[element["id"]] = str(element["name"])
            except BROKEN as error:
                self._leave_out(f"a category is broken ({cause(error)})")

    def result(self) -> CocoBoxes | None:
        """What the file says; None where it knows none of the frames. Raises DataSetError as `read_coco_boxes`."""
        if not self.frames:
            return None
        names = tuple(dict.fromkeys(self.category_names.values()))
        label_of = {name: label for label, name in enumerate(names)}
        labels_of_numbers = [
            label_of.get(self.category_names.get(category_id, ""), -1) for category_id in self.category_numbers
        ]
        # Frames in the order of their numbers, so that each frame's rows lie together once they are sorted.
        order_of = np.full(len(self.image_numbers), -1, np.int64)
        sizes = np.full((len(self.frames), 2), np.inf)
        for place, (number, size) in enumerate(self.frames.values()):
            order_of[number] = place
            if size is not None:
                sizes[place] = size
        owners = order_of[np.array(self.owners, np.int64)]
        labels = np.array([*labels_of_numbers, -1], np.int64)[np.array(self.kinds, np.int64)]
        corners = np.array(self.corners, np.float64).reshape(-1, 4)
        usable = self._usable(corners, owners, labels, sizes)
        if not len(usable) and (self.broken_count or self.left_out):
            raise DataSetError(f"{self.path} has no box that can be used. {self._trouble()}")
        owners = owners[usable]
        starts = np.searchsorted(owners, np.arange(len(self.frames) + 1)).tolist()
        frames = {
            frame: (range(starts[place], starts[place + 1]), size)
            for place, (frame, (_, size)) in enumerate(self.frames.items())
        }
        return CocoBoxes(
            self.path,
            frames,
            corners[usable].astype(np.float32),
            labels[usable],
            np.array(self.hidden, np.bool_)[usable],
            names,
            self._trouble(),
        )

    def _usable(
        self,
        corners: NDArray[np.float64],
        owners: NDArray[np.int64],
        labels: NDArray[np.int64],
        sizes: NDArray[np.float64],
    ) -> NDArray[np.int64]:
        """Rows of boxes of frames at hand that have a class and an inside, frame by frame. Cuts the boxes in place."""
        ours = owners >= 0
        finite = np.isfinite(corners).all(axis=1)
        limits = np.tile(sizes[owners], 2)  # [N, 4]; the rows of frames not at hand are never used
        np.clip(corners, 0.0, limits, out=corners)
        inside = (corners[:, 2] > corners[:, 0]) & (corners[:, 3] > corners[:, 1])
        good = ours & finite & inside & (labels >= 0)
        self.left_out = int((ours & ~good).sum())
        rows = np.flatnonzero(good)
        return rows[np.argsort(owners[rows], kind="stable")]

    def _while_wanted(self, elements: Iterator[Any]) -> Iterator[Any]:
        for count, element in enumerate(elements):
            if count % TURN == 0 and self.cancel is not None and self.cancel.is_set():
                raise NotWantedAnyMoreError
            yield element

    def _leave_out(self, text: str) -> None:
        self.broken_count += 1
        self.first_broken = self.first_broken or text

    def _trouble(self) -> str:
        if self.broken_count:
            more = f", and {self.broken_count - 1} more like it" if self.broken_count > 1 else ""
            return f"{self.path.name}: {self.first_broken} and is left out{more}."
        if self.left_out:
            return f"{self.path.name}: boxes without an inside or a known class are left out ({self.left_out})."
        return ""

"""The truth of frames from Pascal VOC XML, read frame by frame when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from detector.data.frame_truth import FrameTruth, name_key, other_size
from detector.data.read_voc import read_annotation, read_class_list
from detector.errors import DataSetError

SAMPLE = 50
KEPT = 64
MOST_BYTES = 1 << 24


class VocTruths:
    """`FrameTruths` of XML files, one a frame.

    A few of them are read at once, to see which classes there are; `of` reads a file of some kilobytes.

    Args:
        files: by frame name, each frame's XML. classes: the folder that may have a classes.txt.

    Raises:
        DataSetError: none of the files that were tried is a VOC annotation.
    """

    def __init__(self, files: Mapping[str, Path], classes: Path) -> None:
        self._files = {name_key(name): path for name, path in files.items()}
        self._kept: dict[str, tuple[FrameTruth, tuple[int, int]] | None] = {}
        self._trouble = ""
        self._declared = False
        self._annotated: frozenset[str] = frozenset()
        self._title = next(iter(self._files.values())).parent.name if self._files else classes.name
        self._learn_classes(classes)

    @property
    def title(self) -> str:
        return self._title

    @property
    def trouble(self) -> str:
        return self._trouble

    def of(self, frame_name: str, size_wh: tuple[int, int] | None = None) -> FrameTruth | None:
        key = name_key(frame_name)
        if key not in self._files:
            return None
        if key not in self._kept:
            if len(self._kept) >= KEPT:
                del self._kept[next(iter(self._kept))]
            try:
                self._kept[key] = self._read(self._files[key])
            except DataSetError as error:
                self._trouble = str(error)
                self._kept[key] = None
        kept = self._kept[key]
        if kept is None:
            return None
        truth, drawn_on = kept
        if size_wh is not None and min(drawn_on) > 0 and size_wh != drawn_on:
            self._trouble = other_size(self._files[key].name, frame_name, drawn_on, size_wh)
            return None
        return truth

    def _learn_classes(self, folder: Path) -> None:
        try:
            listed = read_class_list(folder)
        except DataSetError as error:
            self._trouble, listed = str(error), ()
        paths = list(self._files.values())
        met: set[str] = set()
        broken: list[DataSetError] = []
        tried = paths[:: max(1, len(paths) // SAMPLE)]
        for path in tried:
            try:
                met.update(self._read(path)[0].class_names)
            except DataSetError as error:
                broken.append(error)
        if len(broken) == len(tried):
            raise broken[0] if broken else DataSetError(f"{folder} has no annotations.")
        if broken:
            self._trouble = str(broken[0])
        self._declared = bool(listed)
        self._annotated = frozenset(listed or met)

    def _read(self, path: Path) -> tuple[FrameTruth, tuple[int, int]]:
        try:
            if not path.is_file() or path.stat().st_size > MOST_BYTES:
                raise DataSetError(f"{path} is not a Pascal VOC annotation: it is no file or too large.")
        except OSError as error:
            raise DataSetError(f"{path} cannot be read: {error.strerror or error}.") from error
        _, size_wh, rows = read_annotation(path, path.parent)
        width, height = size_wh if min(size_wh) > 0 else (np.inf, np.inf)
        boxes = np.array([row[:4] for row in rows], np.float64).reshape(-1, 4)
        finite = np.isfinite(boxes).all(axis=1)
        boxes = np.clip(boxes, 0.0, (width, height, width, height))
        good = finite & (boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1])
        if not good.all():
            self._trouble = f"{path.name}: boxes without an inside are left out ({int((~good).sum())})."
        names = tuple(row[4] for row, fine in zip(rows, good, strict=True) if fine)
        hidden = np.array([row[5] for row in rows], np.bool_)[good]
        return FrameTruth(boxes[good].astype(np.float32), names, hidden, self._annotated, self._declared), size_wh

"""Finds the truth of photographs that lie in the files of an annotated data set."""

from __future__ import annotations

import logging
import os
import stat
import threading
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from detector.data.coco_truth import CocoBoxes, CocoTruths, NotWantedAnyMoreError, read_coco_boxes
from detector.data.frame_truth import FrameTruth, FrameTruths, name_key
from detector.data.voc_truth import VocTruths
from detector.errors import DataSetError
from detector.image_names import IMAGE_SUFFIXES

__all__ = ["FrameTruth", "FrameTruths", "truth_beside"]

log = logging.getLogger(__name__)

MOST_FILES = 64
MOST_BYTES = 1 << 30
REMEMBERED = 4

_Key = tuple[Path, int, int, Path, int]
# A large file takes many seconds; a source that is opened again must not read it again.
_remembered: OrderedDict[_Key, CocoBoxes | None] = OrderedDict()
_reading = threading.Lock()


def truth_beside(source: str | Path, cancel: threading.Event | None = None) -> FrameTruths | None:
    """The truth of a photograph or a folder of photographs, None where there is none.

    Looked for are Pascal VOC XML (of the same name beside a photograph, in Annotations/ there or one folder up) and
    COCO JSON that names the photographs (beside them, one folder up, or in annotations/ of either). Where there is
    more than one, the one that knows the most of the photographs counts. Large files take seconds: not for the thread
    of a window. What is broken is named in the log, and in `trouble` of what is returned.

    Args:
        source: as a person names it; cameras, streams, videos and the sample have no truth.
        cancel: set by anybody who does not want it any more; None is returned then.
    """
    path = _path_of(source)
    if path is None:
        return None
    try:
        folder = path if path.is_dir() else path.parent
        if path.is_file() and path.suffix.lower() not in IMAGE_SUFFIXES:
            return None
        names = [
            entry
            for entry in os.listdir(folder)
            if os.path.splitext(entry)[1].lower() in IMAGE_SUFFIXES and not entry.startswith(".")
        ]
    except (OSError, ValueError):
        # What cannot be opened is told where it is opened.
        return None
    if not names or (path != folder and path.name not in names):
        return None
    voc, voc_count = _voc_beside(folder, names)
    if voc is not None and voc_count == len(names):
        return _told(voc)
    try:
        coco = _coco_beside(folder, names, cancel)
    except NotWantedAnyMoreError:
        return None
    if coco is not None and len(coco.frames) > voc_count:
        return _told(CocoTruths(coco))
    return None if voc is None else _told(voc)


def _path_of(source: str | Path) -> Path | None:
    if isinstance(source, str):
        if source.casefold() == "sample" or source.isdecimal() or not source.strip():
            return None
        if source.strip().casefold().startswith("file:"):
            from urllib.request import url2pathname

            parts = urlsplit(source.strip())
            return Path(url2pathname(parts.path)).absolute()
    try:
        return Path(source).expanduser().absolute()
    except RuntimeError:  # ~somebody who is unknown here
        return None


def _told(truths: FrameTruths) -> FrameTruths:
    if truths.trouble:
        log.warning("%s", truths.trouble)
    return truths


def _voc_beside(folder: Path, names: Iterable[str]) -> tuple[VocTruths | None, int]:
    """The XML files of the photographs, and how many there are."""
    found: dict[str, Path] = {}
    for place in (folder, folder / "Annotations", folder.parent / "Annotations"):
        there = set(_listed(place, ".xml"))
        for name in names if there else ():
            xml = f"{os.path.splitext(name)[0]}.xml"
            if xml in there:
                found.setdefault(name, place / xml)
    if not found:
        return None, 0
    in_annotations = [path.parent for path in found.values() if path.parent.name == "Annotations"]
    try:
        return VocTruths(found, in_annotations[0].parent if in_annotations else folder), len(found)
    except DataSetError as error:
        log.warning("%s", error)
        return None, 0


def _coco_beside(folder: Path, names: Iterable[str], cancel: threading.Event | None) -> CocoBoxes | None:
    frames = {name_key(name): name_key(name) for name in names}
    files: list[Path] = []
    for place in (folder, folder / "annotations", folder.parent, folder.parent / "annotations"):
        files += [place / name for name in sorted(_listed(place, ".json"))]
    # Files called as a photograph are mostly of that one photograph alone, and of another kind.
    stems = {os.path.splitext(name)[0] for name in names}
    files.sort(key=lambda file: file.stem in stems)
    best: CocoBoxes | None = None
    for file in files[:MOST_FILES]:
        try:
            boxes = _read_once(file, folder, frames, cancel)
        except DataSetError as error:
            log.warning("%s", error)
            continue
        if boxes is not None and (best is None or _worth(boxes) > _worth(best)):
            best = boxes
            if len(best.frames) == len(frames) and len(best.labels):
                break
    return best


def _worth(boxes: CocoBoxes) -> tuple[int, int]:
    return len(boxes.frames), len(boxes.labels)


def _read_once(file: Path, folder: Path, frames: dict[str, str], cancel: threading.Event | None) -> CocoBoxes | None:
    try:
        about, folder_changed = file.stat(), folder.stat().st_mtime_ns
    except OSError:
        return None
    if not stat.S_ISREG(about.st_mode):
        return None
    if about.st_size > MOST_BYTES:
        log.warning("%s is not searched for the truth: it is larger than a gigabyte.", file)
        return None
    key = (file, about.st_mtime_ns, about.st_size, folder, folder_changed)
    with _reading:
        if key in _remembered:
            _remembered.move_to_end(key)
            return _remembered[key]

        def frame_of(file_name: str) -> str | None:
            return _frame_of(file_name, file.parent, folder, frames)

        boxes = read_coco_boxes(file, frame_of, cancel)
        _remembered[key] = boxes
        while len(_remembered) > REMEMBERED:
            _remembered.popitem(last=False)
        return boxes


def _frame_of(file_name: str, json_folder: Path, folder: Path, frames: dict[str, str]) -> str | None:
    """The frame in `folder` that a COCO file in `json_folder` means, told by name and by folders if it gives any."""
    *folders, name = [part for part in file_name.replace("\\", "/").split("/") if part not in ("", ".")] or [""]
    frame = frames.get(name_key(name))
    if frame is None or not folders:
        return frame
    if list(folder.parts[-len(folders) :]) == folders:
        return frame
    meant = os.path.normpath(json_folder.joinpath(*folders))
    return frame if meant == os.path.normpath(folder) else None


def _listed(folder: Path, suffix: str) -> list[str]:
    """Names of the files of this suffix, none where the folder cannot be listed."""
    try:
        return [name for name in os.listdir(folder) if name.lower().endswith(suffix) and not name.startswith(".")]
    except OSError:
        return []

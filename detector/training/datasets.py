"""Annotated photographs on disk: COCO JSON, Pascal VOC XML folders and YOLO txt folders, read into one form."""

from __future__ import annotations

import json
import logging
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.errors import DataSetError

log = logging.getLogger(__name__)

IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff")


@dataclass(frozen=True)
class Photograph:
    """One annotated photograph.

    boxes_xyxy: float32 `[N, 4]` in pixels of the photograph, `x1 < x2`, `y1 < y2`; for YOLO txt they are fractions of
    the photograph's size until it is decoded (`relative` is then true).
    labels: int64 `[N]` into the data set's class names. difficult: bool `[N]`, VOC's flag, false where unknown.
    """

    path: Path
    image_id: int
    boxes_xyxy: NDArray[np.float32]
    labels: NDArray[np.int64]
    difficult: NDArray[np.bool_]
    relative: bool = False


@dataclass(frozen=True)
class DataSet:
    """Photographs and the names of their classes, in label order."""

    photographs: tuple[Photograph, ...]
    class_names: tuple[str, ...]


def read_data_set(annotations: Path, images: Path | None = None) -> DataSet:
    """Read a data set, its kind told by what `annotations` is.

    A `.json` file is COCO; a folder with `Annotations/` is Pascal VOC; a folder with `labels/` is YOLO txt, its class
    names in `classes.txt` or `data.yaml` beside it.

    Args:
        annotations: the JSON file or the folder.
        images: the folder of the photographs; by default beside the annotations.

    Raises:
        DataSetError: the data set is missing, unreadable or empty; the message names the file.
    """
    if not annotations.exists():
        raise DataSetError(f"{annotations} does not exist; give a COCO .json file, a VOC folder or a YOLO folder.")
    if annotations.is_file():
        data = _read_coco(annotations, images)
    elif (annotations / "Annotations").is_dir():
        data = _read_voc(annotations, images)
    elif (annotations / "labels").is_dir():
        data = _read_yolo(annotations, images)
    else:
        raise DataSetError(
            f"{annotations} is no data set: expected a COCO .json file, a folder with Annotations/ (Pascal VOC) "
            "or a folder with labels/ (YOLO txt)."
        )
    if not data.photographs:
        raise DataSetError(f"{annotations} names no photograph that exists; check the images folder.")
    return data


def _read_coco(path: Path, images: Path | None) -> DataSet:
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise DataSetError(f"{path} cannot be read as COCO JSON: {error}") from error
    if not isinstance(raw, dict) or not {"images", "annotations", "categories"} <= raw.keys():
        raise DataSetError(f"{path} is not COCO JSON: it needs images, annotations and categories.")
    folder = images if images is not None else path.parent
    try:
        categories = sorted(raw["categories"], key=lambda c: c["id"])
        label_of = {c["id"]: i for i, c in enumerate(categories)}
        names = tuple(str(c["name"]) for c in categories)
        by_image: dict[int, list[dict[str, Any]]] = {entry["id"]: [] for entry in raw["images"]}
        for annotation in raw["annotations"]:
            if annotation["image_id"] in by_image:
                by_image[annotation["image_id"]].append(annotation)
        photographs = []
        for entry in raw["images"]:
            rows = []
            for annotation in by_image[entry["id"]]:
                x, y, w, h = annotation["bbox"]
                hidden = bool(annotation.get("difficult", 0) or annotation.get("iscrowd", 0))
                rows.append((x, y, x + w, y + h, label_of[annotation["category_id"]], hidden))
            photographs.append(
                _photograph(
                    folder / entry["file_name"], entry["id"], rows, (entry["width"], entry["height"]), len(names)
                )
            )
    except (KeyError, TypeError, ValueError) as error:
        raise DataSetError(f"{path} is not valid COCO JSON: {error!r}") from error
    return DataSet(tuple(_existing(photographs)), names)


def _read_voc(folder: Path, images: Path | None) -> DataSet:
    image_folder = images if images is not None else folder / "JPEGImages"
    parsed = []
    for path in sorted((folder / "Annotations").glob("*.xml")):
        try:
            root = ET.parse(path).getroot()
            size = root.find("size")
            if size is None:
                raise ValueError("no <size>")
            width_height = (int(_text(size, "width")), int(_text(size, "height")))
            rows = []
            for item in root.iter("object"):
                box = item.find("bndbox")
                if box is None:
                    raise ValueError("an <object> without <bndbox>")
                x1, y1, x2, y2 = (float(_text(box, key)) for key in ("xmin", "ymin", "xmax", "ymax"))
                # VOC counts pixels from 1 and its xmax is inside the box.
                hidden = item.findtext("difficult", "0").strip() == "1"
                rows.append((x1 - 1, y1 - 1, x2, y2, _text(item, "name"), hidden))
            parsed.append((image_folder / _text(root, "filename"), width_height, rows))
        except (OSError, ET.ParseError, ValueError) as error:
            raise DataSetError(f"{path} is not a Pascal VOC annotation: {error}") from error
    names = tuple(sorted({row[4] for _, _, rows in parsed for row in rows}))
    photographs = [
        _photograph(path, i, [(*r[:4], names.index(r[4]), r[5]) for r in rows], size, len(names))
        for i, (path, size, rows) in enumerate(parsed, start=1)
    ]
    return DataSet(tuple(_existing(photographs)), names)


def _read_yolo(folder: Path, images: Path | None) -> DataSet:
    image_folder = images if images is not None else folder / "images"
    names = _yolo_names(folder)
    photographs = []
    paths = [p for p in sorted(image_folder.glob("**/*")) if p.suffix.lower() in IMAGE_SUFFIXES]
    for image_id, path in enumerate(paths, start=1):
        label_path = folder / "labels" / path.relative_to(image_folder).with_suffix(".txt")
        rows = []
        for number, line in enumerate(label_path.read_text().splitlines() if label_path.exists() else (), start=1):
            if not line.strip():
                continue
            try:
                label, cx, cy, w, h = line.split()[:5]
                x, y, half_w, half_h = float(cx), float(cy), float(w) / 2, float(h) / 2
                rows.append((x - half_w, y - half_h, x + half_w, y + half_h, int(label), False))
            except ValueError as error:
                raise DataSetError(f"{label_path}, line {number} is not `class cx cy w h`: {line!r}") from error
        photographs.append(_photograph(path, image_id, rows, (1.0, 1.0), len(names), relative=True))
    return DataSet(tuple(photographs), names)


def _yolo_names(folder: Path) -> tuple[str, ...]:
    plain = folder / "classes.txt"
    if plain.exists():
        return tuple(line.strip() for line in plain.read_text().splitlines() if line.strip())
    described = folder / "data.yaml"
    if described.exists():
        for line in described.read_text().splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "names" and value.strip().startswith("["):
                return tuple(name.strip().strip("'\"") for name in value.strip().strip("[]").split(","))
    raise DataSetError(f"{folder} has neither classes.txt nor a data.yaml with names: [...]; add one.")


def _text(element: ET.Element, key: str) -> str:
    value = element.findtext(key)
    if value is None:
        raise ValueError(f"no <{key}>")
    return value.strip()


def _photograph(
    path: Path,
    image_id: int,
    rows: Iterable[Sequence[Any]],
    size_wh: tuple[float, float],
    class_count: int,
    relative: bool = False,
) -> Photograph:
    """Check each row `x1, y1, x2, y2, label, difficult`; a broken one is named in the log and left out."""
    kept = []
    for x1, y1, x2, y2, label, hidden in rows:
        box = np.array((x1, y1, x2, y2), dtype=np.float64)
        clipped = np.clip(box, 0, (size_wh[0], size_wh[1], size_wh[0], size_wh[1]))
        whole = bool(np.isfinite(box).all()) and clipped[2] > clipped[0] and clipped[3] > clipped[1]
        if not whole or not 0 <= int(label) < class_count:
            log.warning("%s: box %s of class %s is broken and left out", path, box.tolist(), label)
            continue
        kept.append((*clipped, int(label), bool(hidden)))
    return Photograph(
        path=path,
        image_id=image_id,
        boxes_xyxy=np.array([r[:4] for r in kept], dtype=np.float32).reshape(-1, 4),
        labels=np.array([r[4] for r in kept], dtype=np.int64),
        difficult=np.array([r[5] for r in kept], dtype=np.bool_),
        relative=relative,
    )


def _existing(photographs: Iterable[Photograph]) -> Iterable[Photograph]:
    for photograph in photographs:
        if photograph.path.is_file():
            yield photograph
        else:
            log.warning("%s does not exist and is left out", photograph.path)

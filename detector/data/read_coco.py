"""COCO annotation JSON. Classes are in the order of their category ids."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from detector.data.photographs import Complaints, DataSet, Photograph, build_photograph, existing
from detector.errors import DataSetError

# What a value of another kind than expected raises where it is used; JSON can hold anything anywhere.
BROKEN = (AttributeError, KeyError, OverflowError, TypeError, ValueError)


def read_coco(path: Path, images: Path | None, complaints: Complaints) -> DataSet:
    """Read instances JSON; `difficult` or `iscrowd` marks boxes that are neither trained on nor counted.

    A broken annotation is named and left out.

    Raises:
        DataSetError: the file is unreadable, no JSON or not COCO's.
    """
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataSetError(f"{path} cannot be read as COCO JSON: {error}.") from error
    if not isinstance(raw, dict) or not {"images", "annotations", "categories"} <= raw.keys():
        raise DataSetError(f"{path} is not COCO JSON: it needs images, annotations and categories.")
    if not all(isinstance(raw[key], list) for key in ("images", "annotations", "categories")):
        raise DataSetError(f"{path} is not COCO JSON: images, annotations and categories must be lists.")
    folder = images if images is not None else path.parent
    try:
        categories = sorted(raw["categories"], key=lambda c: c["id"])
        label_of = {c["id"]: i for i, c in enumerate(categories)}
        names = tuple(str(c["name"]) for c in categories)
        sizes = {e["id"]: (int(e["width"]), int(e["height"])) for e in raw["images"]}
        files = {e["id"]: folder / e["file_name"] for e in raw["images"]}
    except (KeyError, TypeError, ValueError) as error:
        raise DataSetError(f"{path} is not valid COCO JSON: {cause(error)}.") from error
    if len(label_of) < len(categories) or len(files) < len(raw["images"]):
        raise DataSetError(f"{path} is not valid COCO JSON: two categories or two images have the same id.")

    rows: dict[Any, list[tuple[float, float, float, float, int, bool]]] = {image_id: [] for image_id in files}
    for annotation in raw["annotations"]:
        try:
            x1, y1, x2, y2, hidden = box_of(annotation)
            rows[annotation["image_id"]].append((x1, y1, x2, y2, label_of[annotation["category_id"]], hidden))
        except BROKEN as error:
            complaints.leave_out_box(f"{path}: {broken(annotation, error)} and is left out")
    photographs: list[Photograph] = [
        build_photograph(file, image_id, rows[image_id], sizes[image_id], len(names), complaints)
        for image_id, file in files.items()
    ]
    return DataSet(existing(photographs, complaints), names)


def box_of(annotation: Any) -> tuple[float, float, float, float, bool]:
    """Corners x1, y1, x2, y2 of an annotation, and whether it is neither to be trained on nor to be counted.

    Raises:
        one of `BROKEN`.
    """
    x, y, w, h = (float(value) for value in annotation["bbox"])
    return x, y, x + w, y + h, bool(annotation.get("difficult", 0) or annotation.get("iscrowd", 0))


def broken(annotation: Any, error: Exception) -> str:
    """What is wrong with an annotation, by its id."""
    name = annotation.get("id", annotation) if isinstance(annotation, dict) else annotation
    return f"annotation {str(name)[:40]} is broken ({cause(error)})"


def cause(error: Exception) -> str:
    """An error's text; of a missing key, which."""
    if isinstance(error, KeyError):
        return f"there is no {error.args[0]!r}"
    return str(error)

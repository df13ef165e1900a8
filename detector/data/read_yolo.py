"""YOLO txt folders: `images/`, `labels/` with the same names, and the classes in `classes.txt` or `data.yaml`.

Classes are in the order that those files give. Of `data.yaml` only `names` is read, in any of the forms that
Ultralytics writes: `[a, b]`, `{0: a, 1: b}`, or one name a line as a list or a mapping.
"""

from __future__ import annotations

import re
from pathlib import Path

from detector.data.photographs import Complaints, DataSet, build_photograph
from detector.data.read_voc import read_class_list
from detector.data.text import read_text
from detector.errors import DataSetError
from detector.image_names import IMAGE_SUFFIXES

Row = tuple[float, float, float, float, int, bool]


def read_yolo(folder: Path, images: Path | None, complaints: Complaints) -> DataSet:
    """Read every photograph of `images` (by default all of `images/`); one without a label file has no boxes.

    Raises:
        DataSetError: no class names, a line that is neither `class cx cy w h` nor a polygon, or a file that is not
            UTF-8; the message names the file.
    """
    names = _class_names(folder)
    root = folder / "images"
    image_folder = images if images is not None else root
    # `--images DIR/images/train` chooses a split; its labels lie in `labels/train`.
    base = root if image_folder.is_relative_to(root) else image_folder
    photographs = []
    paths = sorted(p for p in image_folder.rglob("*") if p.suffix.lower() in IMAGE_SUFFIXES)
    for image_id, path in enumerate(paths, start=1):
        label_path = folder / "labels" / path.relative_to(base).with_suffix(".txt")
        rows = _read_labels(label_path) if label_path.is_file() else []
        photographs.append(build_photograph(path, image_id, rows, None, len(names), complaints))
    return DataSet(tuple(photographs), names)


def _read_labels(path: Path) -> list[Row]:
    rows = []
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        if line.strip():
            try:
                rows.append(_row(line.split()))
            except ValueError as error:
                raise DataSetError(f"{path}, line {number} is not `class cx cy w h`: {line.strip()!r}.") from error
    return rows


def _row(words: list[str]) -> Row:
    label, values = int(words[0]), [float(word) for word in words[1:]]
    if len(values) == 4:
        cx, cy, w, h = values
        return cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2, label, False
    if len(values) >= 6 and len(values) % 2 == 0:  # a segmentation polygon: x1 y1 x2 y2 ...
        xs, ys = values[0::2], values[1::2]
        return min(xs), min(ys), max(xs), max(ys), label, False
    raise ValueError("neither a box nor a polygon")


def _class_names(folder: Path) -> tuple[str, ...]:
    described = folder / "data.yaml"
    names = read_class_list(folder)
    if not names and described.is_file():
        names = names_of_yaml(read_text(described))
        if not names:
            raise DataSetError(f"{described} has no `names:` that can be read; write them as a list [a, b, c].")
    if not names:
        raise DataSetError(f"{folder} has neither classes.txt nor a data.yaml with names: [...]; add one.")
    return names


def names_of_yaml(text: str) -> tuple[str, ...]:
    """The class names under `names:`; empty when there are none. Mappings must count from 0 without gaps."""
    lines = iter(text.splitlines())
    for line in lines:
        key, colon, value = line.partition(":")
        if key == "names" and colon:
            value = _uncommented(value)
            break
    else:
        return ()
    if value.startswith(("[", "{")):
        closing = "]" if value[0] == "[" else "}"
        while not value.endswith(closing) and (more := next(lines, None)) is not None:
            value = f"{value} {_uncommented(more)}"
        # A comma inside quotes does not end a name.
        items = re.findall(r"""(?:[^,'"]|'[^']*'|"[^"]*")+""", value.strip("[]{}"))
        return _ordered([item.strip() for item in items if item.strip()], value[0] == "{")
    items = []
    for line in lines:
        stripped = _uncommented(line)
        if not stripped:
            continue
        if not line.startswith((" ", "-")):
            break
        items.append(stripped)
    listed = all(item.startswith("-") for item in items)
    return _ordered([item.removeprefix("-").strip() for item in items], not listed)


def _ordered(items: list[str], mapping: bool) -> tuple[str, ...]:
    if not mapping:
        return tuple(item.strip("'\"") for item in items)
    pairs = [item.partition(":") for item in items]
    if not all(key.strip(" '\"").isdigit() for key, _, _ in pairs):
        return ()
    by_label = {int(key.strip(" '\"")): name.strip().strip("'\"") for key, _, name in pairs}
    return tuple(by_label[i] for i in range(len(by_label))) if set(by_label) == set(range(len(by_label))) else ()


def _uncommented(text: str) -> str:
    return re.sub(r"(^|\s)#.*", "", text).strip()

"""Pascal VOC folders: `Annotations/*.xml` and `JPEGImages/`.

Classes are in the order of `classes.txt` (one name a line) if the folder has one; else all names that occur, sorted,
which is VOC's own order for VOC's twenty.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

from detector.data.photographs import Complaints, DataSet, build_photograph, existing
from detector.data.text import read_text
from detector.errors import DataSetError
from detector.image_names import IMAGE_SUFFIXES

Row = tuple[float, float, float, float, str, bool]


def read_voc(folder: Path, images: Path | None, complaints: Complaints) -> DataSet:
    """Read every annotation of the folder.

    Raises:
        DataSetError: an annotation is no VOC XML, or classes.txt cannot be read; the message names the file.
    """
    image_folder = images if images is not None else folder / "JPEGImages"
    parsed = [read_annotation(path, image_folder) for path in sorted((folder / "Annotations").glob("*.xml"))]
    names = read_class_list(folder) or tuple(sorted({row[4] for _, _, rows in parsed for row in rows}))
    label_of = {name: label for label, name in enumerate(names)}
    photographs = []
    for image_id, (path, size_wh, rows) in enumerate(parsed, start=1):
        known = []
        for *box, name, hidden in rows:
            if name in label_of:
                known.append((*box, label_of[name], hidden))
            else:
                complaints.leave_out_box(
                    f"{path}: a box of class {name!r}, which classes.txt does not name, is left out"
                )
        photographs.append(build_photograph(path, image_id, known, size_wh, len(names), complaints))
    return DataSet(existing(photographs, complaints), names)


def read_class_list(folder: Path) -> tuple[str, ...]:
    """The names in `classes.txt`, one a line, empty when there is no such file.

    Raises:
        DataSetError: as `read_text` does.
    """
    path = folder / "classes.txt"
    if not path.is_file():
        return ()
    return tuple(line.strip() for line in read_text(path).splitlines() if line.strip())


def read_annotation(path: Path, image_folder: Path) -> tuple[Path, tuple[int, int], list[Row]]:
    """An annotation's photograph in `image_folder`, the size it gives, and rows x1, y1, x2, y2, class name, difficult.

    Raises:
        DataSetError: it is no VOC XML; the message names the file.
    """
    try:
        root = ET.parse(path).getroot()
        size = _child(root, "size")
        size_wh = (int(_text(size, "width")), int(_text(size, "height")))
        rows: list[Row] = []
        for item in root.iter("object"):
            box = _child(item, "bndbox")
            x1, y1, x2, y2 = (float(_text(box, key)) for key in ("xmin", "ymin", "xmax", "ymax"))
            hidden = item.findtext("difficult", "0").strip() == "1"
            # VOC counts pixels from 1 and its xmax is inside the box.
            rows.append((x1 - 1, y1 - 1, x2, y2, _text(item, "name"), hidden))
        return _image_path(image_folder, root.findtext("filename", "").strip(), path.stem), size_wh, rows
    except (OSError, ET.ParseError, LookupError, ValueError) as error:
        raise DataSetError(f"{path} is not a Pascal VOC annotation: {error}.") from error


def _image_path(folder: Path, name: str, stem: str) -> Path:
    """The photograph that an annotation names, or else the one that is called as the annotation is."""
    named = folder / (name or f"{stem}.jpg")
    if named.is_file():
        return named
    beside = (folder / f"{stem}{suffix}" for suffix in IMAGE_SUFFIXES)
    return next((path for path in beside if path.is_file()), named)


def _child(element: ET.Element, key: str) -> ET.Element:
    child = element.find(key)
    if child is None:
        raise ValueError(f"<{element.tag}> without <{key}>")
    return child


def _text(element: ET.Element, key: str) -> str:
    value = element.findtext(key)
    if value is None:
        raise ValueError(f"<{element.tag}> without <{key}>")
    return value.strip()

"""Annotated photographs on disk: COCO JSON, Pascal VOC XML folders and YOLO txt folders, read into one form."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from detector.data.photographs import Complaints, DataSet, LeftOut, Photograph
from detector.data.read_coco import read_coco
from detector.data.read_voc import read_voc
from detector.data.read_yolo import read_yolo
from detector.errors import DataSetError

__all__ = ["DataSet", "LeftOut", "Photograph", "read_data_set"]


def read_data_set(annotations: Path, images: Path | None = None) -> DataSet:
    """Read a data set, its kind told by what `annotations` is.

    A `.json` file is COCO; a folder with `Annotations/` is Pascal VOC; a folder with `labels/` is YOLO txt. The order
    of the classes is COCO's category ids, the lines of `classes.txt`, or what `read_voc` and `read_yolo` say.
    A broken box and a missing photograph are named in the log and left out, and counted in `left_out`.

    Args:
        annotations: the JSON file or the folder.
        images: the folder of the photographs; by default beside the annotations.

    Raises:
        DataSetError: the data set is missing, unreadable or empty; the message names the file.
    """
    if images is not None and not images.is_dir():
        raise DataSetError(f"the images folder {images} does not exist.")
    complaints = Complaints(annotations)
    if annotations.is_file():
        data = read_coco(annotations, images, complaints)
    elif (annotations / "Annotations").is_dir():
        data = read_voc(annotations, images, complaints)
    elif (annotations / "labels").is_dir():
        data = read_yolo(annotations, images, complaints)
    elif annotations.exists():
        raise DataSetError(
            f"{annotations} is no data set: expected a COCO .json file, a folder with Annotations/ (Pascal VOC) "
            "or a folder with labels/ (YOLO txt)."
        )
    else:
        raise DataSetError(f"{annotations} does not exist; give a COCO .json file, a VOC folder or a YOLO folder.")
    complaints.close()
    if not data.photographs:
        raise DataSetError(f"{annotations} names no photograph that exists; check the images folder.")
    if not any(len(photograph.labels) for photograph in data.photographs):
        raise DataSetError(f"{annotations} has no box that can be used.")
    return replace(data, left_out=complaints.left_out)

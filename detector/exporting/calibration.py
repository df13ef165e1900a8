"""Photographs on which an int8 model's ranges are measured, and exported files are checked."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from detector.data.decoding import decode_photograph
from detector.errors import DataSetError
from detector.geometry import Letterbox
from detector.image_names import IMAGE_SUFFIXES

SEED = 0


def some_inputs(folder: Path, count: int, size: int) -> list[NDArray[np.uint8]]:
    """Inputs RGB uint8 `[size, size, 3]` of `count` photographs of a folder, always the same ones.

    Raises:
        DataSetError: the folder holds no photograph, or one cannot be read.
    """
    files = sorted(path for path in folder.glob("*") if path.suffix.lower() in IMAGE_SUFFIXES)
    if not files:
        raise DataSetError(f"{folder} holds no photographs; give a folder of the training photographs.")
    random.Random(SEED).shuffle(files)
    return [_input(path, size) for path in files[:count]]


def _input(path: Path, size: int) -> NDArray[np.uint8]:
    image = decode_photograph(path.read_bytes(), None)
    if image is None:
        raise DataSetError(f"{path} cannot be decoded; take it out of the folder or get it again.")
    return Letterbox.fit((image.shape[1], image.shape[0]), size).apply(image)

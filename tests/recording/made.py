"""Frames with one box, for recordings."""

from __future__ import annotations

import contextlib
import csv
from pathlib import Path

import av
import numpy as np

from detector.detections import Candidates
from detector.frames.protocol import Frame
from detector.recording import Taken
from detector.selection import Thresholds

NAMES = ("cat", "dog")


def taken(index, time_s=None, size=(64, 48), score=0.9, names=NAMES, label=0):
    image = np.full((size[1], size[0], 3), 10 + index % 200, np.uint8)
    scores = np.zeros((1, len(names)), np.float32)
    scores[0, label] = score
    box = np.array([[8, 8, 40, 40]], np.float32)
    frame = Frame(image, index, index / 30 if time_s is None else time_s)
    return Taken(frame, Candidates(box, scores, np.zeros(1, np.int32), size), Thresholds(0.5), names)


def times_in(path: Path):
    """Of all frames up to the end, or up to where the file is cut."""
    times = []
    with av.open(str(path)) as container, contextlib.suppress(av.error.InvalidDataError):
        times.extend(picture.time for picture in container.decode(video=0))
    return times


def pictures_in(path: Path):
    with av.open(str(path)) as container:
        return [picture.to_ndarray(format="rgb24") for picture in container.decode(video=0)]


def rows_in(path: Path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))

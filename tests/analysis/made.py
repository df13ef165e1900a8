"""Journals made by hand."""

import numpy as np

from detector.analysis.folder import ResultFolder
from detector.analysis.journal import JournalHead, JournalWriter
from detector.analysis.values import AnalysisSettings, SourceFacts, StoredFrame

CLASSES = ("person", "dog", "car")


def settings(**changes):
    known = {
        "model": "made", "model_sha256": "ab" * 32, "engine": "torch", "precision": "f32", "threads": 1, "size": 320,
        "score": 0.25, "nms_iou": 0.5, "class_names": CLASSES,
    }  # fmt: skip
    return AnalysisSettings(**(known | changes))


def source(**changes):
    known = {
        "path": "walk.mp4", "kind": "video", "size_bytes": 1000, "sha256": "cd" * 32, "size_wh": (640, 360),
        "fps": 25.0, "frame_count": 100,
    }  # fmt: skip
    return SourceFacts(**(known | changes))


def head(**changes):
    return JournalHead(source(**changes), settings())


def frame(index, *found, size_wh=(640, 360), name=""):
    """`found`: (label, score, x1, y1, x2, y2), of a source with 25 frames a second."""
    rows = np.array(found, np.float64).reshape(-1, 6)
    return StoredFrame(
        index, index / 25, size_wh, rows[:, 0].astype(np.int32), rows[:, 1].astype(np.float32),
        rows[:, 2:].astype(np.float32), name,
    )  # fmt: skip


def write_journal(path, frames, head=None, trouble="", finished=True):
    """A result folder with a journal of these frames."""
    folder = ResultFolder(path)
    path.mkdir(parents=True, exist_ok=True)
    writer = JournalWriter(folder, head or JournalHead(source(), settings()))
    for one in frames:
        writer.write(one)
    if finished:
        writer.finish(trouble)
    else:
        writer.close()
    return folder

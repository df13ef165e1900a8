"""Saving what is on the canvas: the frame at full resolution with its boxes."""

from __future__ import annotations

from pathlib import Path

import cv2

from detector.drawing import annotate
from detector.errors import OutputError
from detector.files import write_atomically
from gui.session import ShownFrame


def save_snapshot(shown: ShownFrame, path: Path) -> None:
    """Write the frame with its detections as a PNG, beside and renamed.

    Raises:
        OutputError: the file cannot be written.
    """
    picture = annotate(shown.frame.image, shown.detections, shown.class_names)
    done, data = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    if not done:
        raise OutputError(f"{path} cannot be made: the frame does not fit into a PNG.")
    write_atomically(path, data.tobytes())

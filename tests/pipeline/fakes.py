"""A source whose frames carry their index in their pixels, and a detector that reads it back."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from detector.detections import Candidates
from detector.detector import Detector, ModelInfo
from detector.errors import SourceError
from detector.families.protocol import Cell
from detector.frames.protocol import Frame, SourceInfo
from detector.geometry import Letterbox


def numbered_image(index: int, tag: int = 0) -> NDArray[np.uint8]:
    image = np.zeros((32, 48, 3), np.uint8)
    image[..., 0], image[..., 1], image[..., 2] = index % 256, index // 256, tag
    return image


class NumberedSource:
    """`count` frames (None: endless) at `fps`; breaks at `breaks_at`; `wait_s` per read."""

    def __init__(
        self, count: int | None = 100, fps: float = 1000.0, live: bool = False, tag: int = 0, wait_s: float = 0.0,
        breaks_at: int | None = None,
    ) -> None:  # fmt: skip
        self.info = SourceInfo(f"numbered {tag}", "video", live, (48, 32), fps, count, not live)
        self.tag, self.wait_s, self.breaks_at = tag, wait_s, breaks_at
        self.next = 0
        self.trouble = ""
        self.closed = threading.Event()

    def read(self) -> Frame | None:
        assert not self.closed.is_set()
        if self.wait_s:
            time.sleep(self.wait_s)
        if self.breaks_at is not None and self.next >= self.breaks_at:
            raise SourceError("the numbered source broke; open another.")
        if self.info.frame_count is not None and self.next >= self.info.frame_count:
            return None
        frame = Frame(numbered_image(self.next, self.tag), self.next, self.next / (self.info.fps or 1))
        self.next += 1
        return frame

    def seek(self, index: int) -> None:
        self.next = index

    def close(self) -> None:
        self.closed.set()


class ReadingEngine:
    """Gives back the index and tag that it finds in the pixels."""

    name, precision, device = "fake", "f32", "CPU x1"

    def __init__(self, wait_s: float = 0.0, fails_at: int | None = None) -> None:
        self.wait_s, self.fails_at = wait_s, fails_at

    def side_by_side(self, frames: int) -> None:
        """Not here."""

    def run(self, inputs: NDArray[np.uint8]) -> tuple[NDArray[np.float32], ...]:
        if self.wait_s:
            time.sleep(self.wait_s)
        pixels = inputs[:, 0, 0].astype(np.float32)  # [B, 3]
        if self.fails_at is not None and self.fails_at in pixels[:, 0]:
            raise RuntimeError("out of memory")
        return (pixels,)


class ReadingFamily:
    grid_strides: tuple[int, ...] | None = (8,)

    def place(self, frame_size_wh: tuple[int, int], size: int) -> Letterbox:
        return Letterbox.fit(frame_size_wh, 32)

    def prepare(self, image: NDArray[np.uint8], size: int) -> tuple[NDArray[np.uint8], Letterbox]:
        return image[:1, :1], self.place((image.shape[1], image.shape[0]), size)

    def interpret(self, outputs: Sequence[NDArray[np.float32]], letterbox: Letterbox, floor: float) -> Candidates:
        index = outputs[0][0] + 256 * outputs[0][1]
        boxes = np.array([[0, 0, 10, 10]], np.float32)
        return Candidates(boxes, np.array([[0.9]], np.float32), np.array([index], np.int32), letterbox.frame_size_wh)

    def cell(self, origin: int, size: int) -> Cell:
        return Cell(8, 0, 0)


def reading_detector(name: str = "reader", wait_s: float = 0.0, fails_at: int | None = None) -> Detector:
    info = ModelInfo(name, ("thing",), 32, Path("none"))
    return Detector(info, ReadingFamily(), ReadingEngine(wait_s, fails_at))

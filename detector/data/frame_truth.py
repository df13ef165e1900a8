"""What is known to be on a frame, for frames that are annotated photographs."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class FrameTruth:
    """The true boxes of one frame.

    boxes_xyxy: float32 `[N, 4]` in pixels of the frame, `x1 < x2`, `y1 < y2`. class_names: N, in the annotations' own
    words. difficult: bool `[N]`; whether such a box is found counts neither for nor against.
    annotated: the classes that the annotations would show if they were there, in their own words.
    declared: the annotations list these classes; otherwise they are just those that were met.
    """

    boxes_xyxy: NDArray[np.float32]
    class_names: tuple[str, ...]
    difficult: NDArray[np.bool_]
    annotated: frozenset[str] = frozenset()
    declared: bool = False

    def __len__(self) -> int:
        return len(self.boxes_xyxy)


class FrameTruths(Protocol):
    """The truth of a source's frames. Used from one thread at a time."""

    @property
    def title(self) -> str:
        """The annotations, for people: a file or folder by name."""

    @property
    def trouble(self) -> str:
        """What of the annotations could not be used until now, in one sentence; "" where there is nothing."""

    def of(self, frame_name: str, size_wh: tuple[int, int] | None = None) -> FrameTruth | None:
        """The truth of a frame, None where nothing is known of it.

        Args:
            frame_name: the file's name, as `Frame.name`.
            size_wh: the frame's width and height; truth that was drawn on another size is not given.
        """


def name_key(name: str) -> str:
    """A file's name as it is compared: the same letters may be written in more than one way, as macOS does."""
    return unicodedata.normalize("NFC", name)


def other_size(title: str, frame_name: str, drawn_on: tuple[int, int], size_wh: tuple[int, int]) -> str:
    """The sentence about truth that was drawn on another size than the frame has."""
    wide, high = drawn_on
    return (
        f"{title} was drawn on {frame_name} at {wide}x{high}, but the frame is {size_wh[0]}x{size_wh[1]}: "
        "its truth is left out."
    )

"""What a live source is made from: one opened device or connection, used up and opened anew when it fails."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from detector.errors import SourceError

# RGB uint8 [H, W, 3], made only when somebody wants it: most pictures of a fast source are never looked at.
Picture = Callable[[], NDArray[np.uint8]]


class CaptureError(SourceError):
    """A device or connection cannot be opened, or broke.

    what: what happened, as the end of a sentence about it ("refuses the connection"); the text is the whole sentence
    for whoever has just asked to open it.
    """

    def __init__(self, sentence: str, what: str) -> None:
        super().__init__(sentence)
        self.what = what


class LiveCapture(Protocol):
    """An opened device or connection. Used and closed by one thread.

    title: for people. fps: as the device declares, None when it does not.
    """

    title: str
    fps: float | None

    def read(self) -> Picture | None:
        """The next picture, or None when it missed one. Waits for it.

        Raises:
            CaptureError: there will be none.
        """

    def note(self, size_wh: tuple[int, int], fps: float | None) -> str:
        """One sentence on what is less than was asked for, given what arrives; "" for nothing."""

    def close(self) -> None: ...


# Opens one; is told by the event that nobody wants it any more, and then may raise CaptureError.
CaptureOpener = Callable[[threading.Event], LiveCapture]

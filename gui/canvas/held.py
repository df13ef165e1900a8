"""The selected detection, held over the frames that follow."""

from __future__ import annotations

from gui.canvas.picking import Picked, followed, picked
from gui.values import ShownFrame

PATIENT_FRAMES = 15


class HeldSelection:
    """At most one detection is selected. It is followed from frame to frame, and waited for while it is not found.

    `row` is where it stands among the detections shown now; None while it is not there.
    """

    def __init__(self) -> None:
        self.picked: Picked | None = None
        self.row: int | None = None
        self._missed = 0

    def choose(self, shown: ShownFrame, row: int) -> None:
        self.picked = picked(shown.detections, row, shown.class_names)
        self.row = row
        self._missed = 0

    def drop(self) -> None:
        self.picked = self.row = None

    def follow(self, shown: ShownFrame, new_frame: bool) -> None:
        """Find it on what is shown now; after `PATIENT_FRAMES` new frames without it nothing is selected any more."""
        if self.picked is None:
            return
        if shown.candidates is None:
            # Shown before its answer: nothing can be found yet, and nothing is missed.
            self.row = None
            return
        found = followed(self.picked, shown.detections, shown.class_names)
        if found is not None:
            self.picked, self.row, self._missed = found, found.row, 0
            return
        self.row = None
        self._missed += new_frame
        if self._missed > PATIENT_FRAMES:
            self.drop()

"""One answered frame on its way into a recording, and the clock that gives it its time there."""

from __future__ import annotations

from dataclasses import dataclass, field

from detector.detections import Candidates, Detections
from detector.frames.protocol import Frame
from detector.selection import Thresholds, select

JUMP_S = 2.0
USUAL_GAP_S = 1 / 30


@dataclass(frozen=True)
class Taken:
    """A frame, what the network proposed on it, and the thresholds of that moment.

    candidates: None where no model was there. class_names: of the model that answered, in label order.
    """

    frame: Frame
    candidates: Candidates | None = None
    thresholds: Thresholds = field(default_factory=Thresholds)
    class_names: tuple[str, ...] = ()

    def detections(self) -> Detections:
        """What the thresholds keep. Costs about a millisecond, so not for the live loop."""
        return Detections.empty() if self.candidates is None else select(self.candidates, self.thresholds)

    @property
    def bytes(self) -> int:
        return self.frame.image.nbytes


class VideoClock:
    """Seconds since the recording's first frame, from the frames' own times. Never stands still, never goes back.

    A jump of a file (seeking, looping) takes the place of one ordinary step. Gaps of a live source stay as long as they
    were: the last frame is held.

    Args:
        fps: the source's frames per second, for the step over a jump until one was seen. live: whether gaps are real.
    """

    def __init__(self, fps: float | None, live: bool) -> None:
        self._gap_s = 1 / fps if fps else USUAL_GAP_S
        self._live = live
        self._last: Frame | None = None
        self._now_s = 0.0

    @property
    def gap_s(self) -> float:
        """The last ordinary step, in seconds."""
        return self._gap_s

    def tick(self, frame: Frame) -> float:
        """The time of this frame, which comes after all earlier ones, in seconds."""
        if self._last is not None:
            step_s = frame.time_s - self._last.time_s
            skipped = frame.index != self._last.index + 1
            if step_s <= 0 or (skipped and step_s > JUMP_S and not self._live):
                step_s = self._gap_s
            elif not skipped:
                self._gap_s = step_s
            self._now_s += step_s
        self._last = frame
        return self._now_s

"""One detector, one frame: its candidates and what they took, or the sentence why there are none."""

from __future__ import annotations

import logging

from detector.detections import Candidates
from detector.detector import Detector
from detector.frames.protocol import Frame
from detector.pipeline.results import FrameTimes

log = logging.getLogger(__name__)

NO_MEMORY = ("out of memory", "not enough memory", "can't allocate memory", "bad_alloc")


def answer(detector: Detector, frame: Frame, read_s: float) -> tuple[Candidates | None, FrameTimes, str]:
    """Candidates, times and "" - or None, no times and what went wrong, running out of memory included."""
    try:
        candidates = detector.predict(frame.image)
    except Exception as error:
        log.exception("the network failed on frame %d", frame.index)
        trouble = f"{detector.info.name} failed on frame {frame.index}: {reason(error)}"
        return None, FrameTimes(read_s, 0, 0, 0), trouble
    parts = detector.times
    return candidates, FrameTimes(read_s, parts.prepare_s, parts.network_s, parts.post_s), ""


def reason(error: Exception) -> str:
    """What an exception of a network or its loading comes down to, with the way out where one is known."""
    said = str(error).lower()
    if isinstance(error, MemoryError) or any(word in said for word in NO_MEMORY):
        return "it ran out of memory; choose a smaller input size or another model."
    return repr(error)
